"""`oncall explain`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli import out
from app.cli.errors import FINDING, CommandError, tell
from app.cli.options import Folder, Json, Prefix, Servers, examples, settings_of
from app.model.durations import in_units
from app.model.words import Mode, PageWhen

if TYPE_CHECKING:
    from app.core.explain import Explanation, Paging
    from app.core.together import Together
    from app.model.inputs import Alert
    from app.model.library import Library
    from app.settings import Settings

NAME = "explain"
ID_CHARS = 8
"""So much of an incident's id tells those of one explanation apart; `--json` has all of it."""
EPILOG = examples(
    "oncall explain alert.json",
    """echo '{"labels": {"alertname": "KubePodCrashLooping", "namespace": "shop"}}' | oncall explain -""",
    "oncall tail alerts -n 1 | oncall explain - --json | jq .runbook",
)
WORDS = {
    "match": "its `match` fits best",
    "runbook_url": "the alert's runbook_url names it",
    "alert_name": "it is named like the alert",
    "ambiguous": "several fit equally well, and a tie is no choice",
    "no_runbook": "no `match` fits, nor does a page bear the name of the alert or of its runbook_url",
    "heartbeat": "it must keep coming; that it stays away opens one (heartbeats: in a manifest)",
    "severity_none": "severity none never opens an incident",
    "resolved_and_unknown": "it is resolved, and no incident knows it",
    "first_alert": "nothing is open in its domain",
}
"""The named reasons of a selection and of a correlation, in words."""


def command(
    alert: Annotated[
        str, typer.Argument(metavar="ALERT.json", help="An alert, a list, or a webhook's body; - for stdin.")
    ] = "-",
    *,
    runbooks: Folder = None,
    mode: Annotated[
        Mode | None, typer.Option(help="As if the workers were limited so. [dim]ONCALL_MODE[/dim]")
    ] = None,
    connectors: Annotated[
        bool,
        typer.Option(
            "--connectors", help="Say as well what no connector carries out: this asks Kafka who is there."
        ),
    ] = False,
    as_json: Json = False,
    bootstrap_servers: Servers = None,
    topic_prefix: Prefix = None,
) -> None:
    """Say what would come of an alert, and why: domain, incident, runbook, steps, and who is paged when.

    By the production code, on a domain in which nothing has happened; nothing is sent, and without --connectors no Kafka is needed. Of several alerts it says
    besides (Together) which of them would be one incident, and what speaks for that, each arriving when it began; the rest is what
    would come of it alone.
    """
    from app.cli.runbook import read_library
    from app.core.explain import explain
    from app.core.together import together

    settings = settings_of(
        runbooks=runbooks, mode=mode, bootstrap_servers=bootstrap_servers, topic_prefix=topic_prefix
    )
    said = read_json(alert)
    library = read_library(settings)
    now = datetime.now(UTC)
    alerts = read_alerts(said, alert)
    if not alerts:
        tell("there is no alert in it: nothing would come of it")
    explained = [explain(each, library, now, settings.mode) for each in alerts]
    if len(alerts) > 1:
        places = together(alerts, library, now, settings.mode)
        explained = [
            each.model_copy(update={"together": place}) for each, place in zip(explained, places, strict=True)
        ]
    if connectors:
        explained = _with_unserved(explained, library, settings, now)
    if as_json:
        documents = [each.model_dump(mode="json") for each in explained]
        out.document(documents if isinstance(said, list) or "alerts" in said else documents[0])
        return
    for number, each in enumerate(explained):
        if number:
            print()
        for name, text in _lines(each, one_of_several=len(explained) > 1):
            print(f"{name:10}{text}")


def _with_unserved(
    explained: Sequence[Explanation], library: Library, settings: Settings, now: datetime
) -> list[Explanation]:
    """Say besides what of each nobody carries out."""
    from app.connectors.announced import read_announced
    from app.core.served import actions_of, unserved

    there = read_announced(settings)
    given = []
    for each in explained:
        pages = [library.runbooks[each.runbook]] if each.runbook in library.runbooks else []
        given.append(each.model_copy(update={"unserved": str(unserved(there, actions_of(pages), now))}))
    return given


def read_json(file: str) -> Any:
    """Read a file, or stdin for `-`, as a JSON object or list; CommandError with the place of a mistake."""
    called = "stdin" if file == "-" else file
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
        said = json.loads(text)
    except UnicodeDecodeError as error:
        raise CommandError(f"{called}: not UTF-8 text at byte {error.start}", code=FINDING) from error
    except json.JSONDecodeError as error:
        raise CommandError(
            f"{called}:{error.lineno}:{error.colno}: not JSON: {error.msg}", code=FINDING
        ) from error
    except RecursionError as error:
        raise CommandError(
            f"{called}: it nests too deep to be read; write it flatter", code=FINDING
        ) from error
    if not isinstance(said, dict | list):
        raise CommandError(f"{called}: an alert is an object with `labels`", code=FINDING)
    return said


def read_alerts(said: Any, file: str) -> list[Alert]:
    """Give the alerts of an alert, a list, or a webhook's body; CommandError names what is wrong."""
    from app.cli.lines import read_lines
    from app.model.inputs import Alert

    values = said.get("alerts", said) if isinstance(said, dict) else said
    reading = read_lines(json.dumps(values), Alert)
    if reading.problems:
        place = "stdin" if file == "-" else file
        problems = "; ".join(problem.removeprefix("line 1: ") for problem in reading.problems)
        raise CommandError(f"{place}: {problems}", code=FINDING)
    return [value for value in reading.values if isinstance(value, Alert)]


def _lines(it: Explanation, *, one_of_several: bool) -> Iterator[tuple[str, str]]:
    yield (
        "Alert",
        f"{it.alert or '(no alertname)'}, severity {it.severity.value}, fingerprint {it.fingerprint}",
    )
    yield "Domain", f"{it.domain} ({it.domain_reason})"
    yield "Service", f"{it.service or 'none that the catalog knows'}, environment {it.environment}"
    if not one_of_several:
        yield from _alone(it)
        return
    yield from _together(it.together)
    for name, text in _alone(it):
        yield name, f"alone: {text}" if name else text


def _together(it: Together | None) -> Iterator[tuple[str, str]]:
    if it is None:
        yield "Together", "nothing new: known already, over, or muted when it began"
        return
    called = f", called {it.title!r} now" if it.title not in ("", it.incident) else ""
    incident = f"incident {it.incident!r} {it.incident_id[:ID_CHARS]}{called}"
    yield "Together", f"{it.at:%Y-%m-%d %H:%M:%S} UTC {it.event} ({it.reason}) {incident}: {it.words}"
    for tied in it.merges:
        both = f"{tied.incident!r} {tied.incident_id[:ID_CHARS]} into {tied.into!r} {tied.into_id[:ID_CHARS]}"
        yield "", f"IncidentMerged ({tied.reason}) {both}: {tied.words}"


def _alone(it: Explanation) -> Iterator[tuple[str, str]]:
    if it.inhibited_by:
        yield "Quiet", f"muted while a source fires of: {', '.join(it.inhibited_by)} (inhibit)"
    if it.verdict == "hold":
        yield (
            "Incident",
            f"none yet: muted by {it.verdict_reason} until {it.muted_until:%Y-%m-%d %H:%M:%S} UTC; if it still fires then, it counts",
        )
        return
    reason = WORDS.get(it.verdict_reason, it.verdict_reason)
    if it.verdict != "open" or it.paging is None:
        yield "Incident", f"none: {reason}"
        return
    yield from _incident(it, it.paging, reason)


def _incident(it: Explanation, paging: Paging, reason: str) -> Iterator[tuple[str, str]]:
    if it.ends:
        yield "Ends", it.ends
    yield "Incident", f"opens {it.incident!r} ({reason}), team {it.team or 'none'}, mode {it.mode}"
    why = WORDS.get(it.runbook_reason, it.runbook_reason)
    yield "Runbook", f"{it.runbook or 'none'}: {why} [{it.runbook_reason}]"
    others = [name for name in it.candidates if name != it.runbook]
    if others:
        yield "", f"also in question: {', '.join(others)}"
    if it.execution_mode is not None:
        yield "Steps", f"in mode {it.execution_mode}"
    for step in it.steps:
        condition = f", if {step.condition}" if step.condition else ""
        yield "", f"{step.phase}: {step.step}: {step.action}{condition}"
    yield from _page(paging)
    for wait in it.waits:
        yield "Waits", f"{wait.step}: {wait.what}: for {wait.waits_for} ({wait.reason})"
    for first in it.commands:
        yield "Sends", f"{first.topic} {first.op} {first.about}"
    if it.unserved:
        yield "Unserved", it.unserved


def _page(paging: Paging) -> Iterator[tuple[str, str]]:
    when = {
        PageWhen.AT_ONCE: "at once",
        PageWhen.AFTER: f"after {in_units(timedelta(seconds=paging.after_seconds))}, unless it is over by then",
        PageWhen.ON_FAILURE: "on failure",
    }[paging.when]
    yield "Pages", f"{when}: {paging.words} [{paging.reason}]"
    if not paging.policy:
        yield "", "nobody: neither the team, the runbook nor the rules name an escalation policy"
    for target in paging.targets:
        person = f" ({target.person})" if target.person else ""
        way = f" by {target.channels}" if target.channels else ""
        within = in_units(timedelta(seconds=paging.ack_timeout_seconds))
        if target.absent:
            yield "", f"{target.target}: nobody, policy {paging.policy}: {target.absent}"
            continue
        yield "", f"{target.target}{person}{way}, policy {paging.policy}, to acknowledge within {within}"
        if target.waits_until is not None:
            yield "", f"that page waits for business hours, until {target.waits_until:%a %Y-%m-%d %H:%M} UTC"
