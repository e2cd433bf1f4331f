"""`oncall who`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli import out
from app.cli.errors import FINDING, CommandError, tell
from app.cli.options import Folder, Json, examples, settings_of
from app.cli.times import read_time
from app.model.durations import in_units
from app.model.words import Severity, Urgency

if TYPE_CHECKING:
    from app.core.schedules.ladder import Rung
    from app.model.catalog import Rules, Service
    from app.model.library import Library
    from app.model.policy import Policy

NAME = "who"
EPILOG = examples(
    "oncall who checkout",
    "oncall who checkout --severity error --at 2026-12-25T03:00+01:00",
    "oncall who checkout --json | jq -r '.ladder[] | select(.level == 1).person'",
)


def command(
    service: Annotated[str, typer.Argument(metavar="SERVICE", help="A service of the catalog.")],
    *,
    severity: Annotated[Severity, typer.Option(help="How bad it would be.")] = Severity.CRITICAL,
    at: Annotated[
        str | None,
        typer.Option("--at", metavar="TIME", help="When; UTC unless it bears a zone. [dim]now[/dim]"),
    ] = None,
    runbooks: Folder = None,
    as_json: Json = False,
) -> None:
    """Say who would be paged for a service: every level of its escalation policy, if nobody answered.

    Schedules are resolved at the time at which each level's turn comes. Exit code 1 if some level would ring nobody.
    """
    from app.cli.runbook import read_library
    from app.core.escalation.conditions import holder, supposed
    from app.core.membership import urgency_of
    from app.core.paging import policy_for
    from app.core.schedules.ladder import ladder

    library = read_library(settings_of(runbooks=runbooks))
    moment = read_time(at, UTC) if at else datetime.now(UTC).replace(microsecond=0)
    found = _find(service, library)
    policy = policy_for(found.id, found.team, None, library)
    if policy is None:
        raise CommandError(
            f"no escalation policy covers {service}; give it, or its team, escalation:", code=FINDING
        )
    incident = supposed(found.id, found.team, severity, moment)
    low = urgency_of(severity) is Urgency.LOW
    waits = found.team or library.rules.team if low else None
    rungs = ladder(policy, library, moment, lambda at: holder(incident, library, at, {}), waits)
    if as_json:
        out.document(_document(found, severity, moment, policy, rungs, library))
    else:
        words = _when(severity, library.rules)
        tell(f"{found.id} of team {found.team or 'nobody'}, policy {policy.id}, {severity}: {words}")
        out.table(
            ("level", "paged at", "who", "how", "local time", "by"),
            [_row(each, library, urgency_of(severity)) for each in rungs],
        )
        left_out = _left_out(policy, rungs)
        if left_out:
            tell(f"left out: {left_out}")
    silent = {each.level for each in rungs} - {each.level for each in rungs if _rings(each)}
    if silent:
        raise typer.Exit(FINDING)


def _find(service: str, library: Library) -> Service:
    from app.library.problems import suggest

    if service not in library.services:
        known = sorted(library.services)
        mend = suggest(service, known) if known else "the catalog has none"
        raise CommandError(f"there is no service {service}; {mend}", code=FINDING)
    return library.services[service]


def _when(severity: Severity, rules: Rules) -> str:
    """Say when the first level is paged, if no page says otherwise."""
    if severity is Severity.NONE:
        return "never opens an incident, so nobody is paged"
    if severity is Severity.CRITICAL:
        return "paged at once"
    if severity is Severity.ERROR:
        after = f"{in_units(rules.page_error_after)} after a runbook has begun"
        return f"paged {after}, at once without one"
    waits = "; each level waits for business hours" if rules.low_urgency_waits else ""
    return f"paged when its runbook fails, at once without one{waits}"


def _left_out(policy: Policy, rungs: Sequence[Rung]) -> str:
    """Name the levels that do not apply, with their condition."""
    reached = {each.level for each in rungs}
    return ", ".join(
        f"level {number}" + (f" (if: {level.condition.source})" if level.condition else "")
        for number, level in enumerate(policy.levels, 1)
        if level.targets and number not in reached
    )


def _rings(rung: Rung) -> bool:
    return bool(rung.person or rung.target.startswith("channel:")) and not rung.is_away


def _row(rung: Rung, library: Library, urgency: Urgency) -> Sequence[str]:
    from app.core.escalation.ways import in_words

    person = library.people.get(rung.person)
    if person is not None:
        who = f"{person.name or person.id} ({person.id})"
    else:
        who = rung.person or ("" if rung.target.startswith("channel:") else "NOBODY")
    by = rung.target + (f", {rung.duty.by}" if rung.duty.by else "")
    by += f", instead of {rung.duty.instead_of}" if rung.duty.instead_of else ""
    by += ", waits until then" if rung.waited else ""
    local = _local(rung.at, person.zone) if person and person.zone else ""
    return (
        str(rung.level),
        f"{rung.at:%Y-%m-%d %H:%M:%S} UTC",
        f"{who or rung.target.removeprefix('channel:')}{' (away)' if rung.is_away else ''}",
        in_words(person, urgency) if person else "",
        local,
        by,
    )


def _local(at: datetime, zone: tzinfo) -> str:
    return f"{at.astimezone(zone):%a %H:%M %Z}"


def _document(
    service: Service,
    severity: Severity,
    at: datetime,
    policy: Policy,
    rungs: Sequence[Rung],
    library: Library,
) -> dict[str, Any]:
    from app.core.membership import urgency_of

    return {
        "service": service.id,
        "team": service.team,
        "severity": severity.value,
        "at": at.isoformat(),
        "policy": policy.id,
        "when": _when(severity, library.rules),
        "ladder": [_facts(each, library, urgency_of(severity)) for each in rungs],
    }


def _facts(rung: Rung, library: Library, urgency: Urgency) -> dict[str, Any]:
    from app.core.escalation.ways import ways_of

    person = library.people.get(rung.person)
    zone = person.zone if person else None
    return {
        "level": rung.level,
        "at": rung.at.isoformat(),
        "target": rung.target,
        "person": rung.person or None,
        "name": person.name if person else None,
        "contact_ref": person.contact_ref if person else None,
        "contact": [
            {"channel": each.channel, "ref": each.ref, "after_seconds": each.after.total_seconds()}
            for each in (ways_of(person, urgency) if person else ())
        ],
        "local_time": rung.at.astimezone(zone).isoformat() if zone else None,
        "timezone": str(zone) if zone else None,
        "by": rung.duty.by or None,
        "instead_of": rung.duty.instead_of or None,
        "away": rung.is_away,
        "waited": rung.waited,
        "ack_timeout_seconds": rung.ack_timeout.total_seconds(),
    }
