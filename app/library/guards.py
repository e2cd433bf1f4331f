"""`guards`: what holds automation back."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from app.library.fields import Fields
from app.library.problems import suggest
from app.model.catalog import Blast, Freeze, Guards, Limit
from app.model.words import Effect

if TYPE_CHECKING:
    from app.library.manifests import Manifests

MAX_QUIET = timedelta(minutes=30)
"""How long steps may wait after a deploy at most."""
EVERY_ACTION = "*"


def read_guards(fields: Fields) -> Guards:
    """Read the guards; what they name is checked when all manifests are read."""
    breaker = Fields(fields.located("breaker"), fields.findings, "breaker")
    quiet = Fields(fields.located("quiet_after_deploy"), fields.findings, "quiet_after_deploy")
    guards = Guards(
        executions=_limit(_inner(fields, "executions")),
        commands={name: _limit(each) for name, each in _each(fields, "commands").items()},
        blast={name: _blast(each) for name, each in _each(fields, "blast_radius").items()},
        breaker_failures=breaker.whole("failures", 0, most=20),
        breaker_window=breaker.duration("window", timedelta(hours=1)),
        freezes=tuple(freeze for freeze in map(_freeze, _windows(fields)) if freeze is not None),
        quiet_after_deploy=_quiet(quiet),
        quiet_except=quiet.texts("except"),
        runs_to_auto=fields.whole("runs_to_auto", 0, most=1000),
    )
    for each in (breaker, quiet, fields):
        each.finish()
    return guards


def check_guards(guards: Guards, fields: Fields, manifests: Manifests) -> None:
    """Check what the guards name."""
    for section in ("commands", "blast_radius"):
        for name, place in fields.key_places(section).items():
            _check_action(name, place, section, fields, manifests)
    quiet = Fields(fields.located("quiet_after_deploy"), fields.findings, "quiet_after_deploy")
    for each in quiet.items("except"):
        _check_action(str(each.plain()), each.place, "quiet_after_deploy.except", fields, manifests)
    for window in _windows(fields):
        for kind, known in (("services", manifests.services), ("teams", manifests.teams)):
            for each in window.items(kind):
                if str(each.plain()) not in known:
                    mend = (
                        suggest(str(each.plain()), sorted(known)) if known else f"there are no {kind} at all"
                    )
                    fields.findings.error(each.place, f"freeze.{kind}: {each.plain()!r} is unknown", mend)
    if guards.breaker_failures and not guards.breaker_window:
        fields.findings.error(fields.place_of("breaker"), "the breaker's window is zero", "write it as 1h")


def _check_action(
    name: str, place: tuple[int, int], section: str, fields: Fields, manifests: Manifests
) -> None:
    if name == EVERY_ACTION and section == "commands":
        return
    action = manifests.actions.get(name)
    if action is None:
        known = sorted(manifests.actions)
        mend = suggest(name, known) if known else "list it under actions: in a manifest"
        fields.findings.error(place, f"{section}: action {name!r} is not in the catalogue", mend)
    elif action.effect is Effect.READ:
        fields.findings.advise(
            place, f"{section}: {name} only reads, and reads are never held back", "take it out"
        )


def _inner(fields: Fields, name: str) -> Fields:
    return Fields(fields.located(name), fields.findings, name)


def _each(fields: Fields, name: str) -> dict[str, Fields]:
    return {
        key: Fields(located, fields.findings, f"{name}.{key}")
        for key, located in fields.entries(name).items()
    }


def _limit(fields: Fields) -> Limit:
    limit = Limit(fields.whole("service", 0), fields.whole("team", 0), fields.whole("overall", 0))
    fields.finish()
    return limit


def _blast(fields: Fields) -> Blast:
    blast = Blast(fields.whole("per_command", 0), fields.whole("per_hour", 0))
    if 0 < blast.per_hour < blast.per_command:
        words = "per_command is more than per_hour, so that it says nothing"
        fields.findings.advise(fields.place_of("per_command"), words, "make it smaller")
    fields.finish()
    return blast


def _windows(fields: Fields) -> list[Fields]:
    return [Fields(each, fields.findings, "a freeze window") for each in fields.items("freeze")]


def _freeze(fields: Fields) -> Freeze | None:
    start, end = fields.moment("from"), fields.moment("until")
    for name in ("from", "until"):
        if name not in fields:
            fields.findings.error(
                fields.place, f"a freeze window needs {name}:", "such as 2026-12-24T00:00:00Z"
            )
    reason, services, teams = fields.text("reason"), fields.texts("services"), fields.texts("teams")
    fields.finish()
    if start is None or end is None:
        return None
    if end <= start:
        fields.findings.error(
            fields.place_of("until"), "the freeze window ends before it begins", "turn them round"
        )
    return Freeze(start, end, reason, services, teams)


def _quiet(fields: Fields) -> timedelta:
    quiet = fields.duration("for", timedelta())
    if quiet > MAX_QUIET:
        words = f"quiet_after_deploy is longer than {int(MAX_QUIET.total_seconds() // 60)} minutes"
        fields.findings.error(fields.place_of("for"), words, "a deploy that long ago is no reason to wait")
        return MAX_QUIET
    return quiet
