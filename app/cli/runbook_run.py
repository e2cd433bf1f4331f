"""`oncall runbook run --dry-run`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli import out
from app.cli.errors import FINDING, CommandError, tell
from app.cli.explain import WORDS, read_alerts, read_json
from app.cli.options import Folder, Json, examples, settings_of
from app.model.words import Mode

if TYPE_CHECKING:
    from app.model.evidence import AlertView
    from app.model.incident import IncidentSnapshot
    from app.model.library import Library
    from app.rehearse.dry_run import DryRun

EPILOG = examples(
    "oncall runbook run --dry-run alert.json",
    "oncall tail incidents --filter incident=3f2a -n 1 | oncall runbook run --dry-run -",
)


def command(
    incident: Annotated[
        str, typer.Argument(metavar="INCIDENT.json", help="An alert, or an incident's snapshot; - for stdin.")
    ] = "-",
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be sent; needed: nothing is sent from here.")
    ] = False,
    runbooks: Folder = None,
    mode: Annotated[
        Mode | None, typer.Option(help="As if the workers were limited so. [dim]ONCALL_MODE[/dim]")
    ] = None,
    as_json: Json = False,
) -> None:
    """Say all that would be decided and sent for an alert or an incident, and why, if every step went well.

    By the production engine in virtual time. Executors are taken to answer what the incident says they did, else what the page's test
    says (`answers`), else nothing but success; people agree to what they are asked; alerts are resolved once the page waits for it.
    """
    from app.cli.runbook import read_library
    from app.library.folder import read_tests
    from app.rehearse.dry_run import dry_run as dry

    if not dry_run:
        raise CommandError(
            "runs are started by a response `run`, or by an alert; say --dry-run to see what one would do"
        )
    settings = settings_of(runbooks=runbooks, mode=mode)
    library = read_library(settings)
    trigger, snapshot = _read(incident, library)
    come = dry(trigger, snapshot, library, read_tests(settings.runbooks), datetime.now(UTC), settings.mode)
    if as_json:
        out.document(_document(come))
        return
    for line in _told(come):
        print(line)
    if not come.page:
        tell("no page would run, so a person is paged")


def _read(file: str, library: Library) -> tuple[AlertView, IncidentSnapshot | None]:
    from pydantic import ValidationError

    from app.core.domains import place_alert
    from app.core.membership import view_of
    from app.intake.normalise import normal_alert
    from app.model.incident import IncidentSnapshot
    from app.model.inputs import AlertSignal
    from app.wire.errors import WireError

    said = read_json(file)
    if isinstance(said, dict) and "opened_at" in said:
        try:
            snapshot = IncidentSnapshot.model_validate(said)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise CommandError(f"{file}: no incident: {where}: {first['msg']}", code=FINDING) from error
        if not snapshot.alerts:
            raise CommandError(f"{file}: the incident has no alert, so no page would run", code=FINDING)
        return (snapshot.executions[0].trigger if snapshot.executions else snapshot.alerts[0]), snapshot
    alerts = read_alerts(said, file)
    if not alerts:
        raise CommandError(f"{file}: there is no alert in it", code=FINDING)
    try:
        alert = normal_alert(alerts[0], says_status=True, read_at=datetime.now(UTC))
    except WireError as error:
        raise CommandError(f"{file}: {error}", code=FINDING) from error
    place = place_alert(alert, library)
    signal = AlertSignal(
        alert=alert, severity=place.severity, service=place.service, environment=place.environment
    )
    return view_of(signal), None


def _told(come: DryRun) -> Iterator[str]:
    why = WORDS.get(come.reason, come.reason)
    yield f"Runbook  {come.page or 'none'}: {why} [{come.reason}]"
    for step, answers in come.assumed.items():
        yield f"Assumed  {step} gives {answers[0].output}"
    yield ""
    for line in come.lines:
        at = f"{line.seconds:7.1f} s"
        if line.what == "decides":
            yield f"{at}  {line.name} ({line.reason}) {line.text}".rstrip()
        else:
            yield f"{at}  {'SENDS':5} {line.what} {line.name} {line.text}"


def _document(come: DryRun) -> dict[str, Any]:
    return {
        "runbook": come.page or None,
        "reason": come.reason,
        "assumed": {step: answers[0].output for step, answers in come.assumed.items()},
        "lines": [asdict(line) for line in come.lines],
    }
