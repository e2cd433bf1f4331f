"""`oncall handover`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli import out
from app.cli.errors import FINDING, CommandError
from app.cli.options import Folder, Json, Prefix, Servers, examples, settings_of
from app.cli.times import read_time

if TYPE_CHECKING:
    from app.core.shift_note import ShiftNote
    from app.model.catalog import Team
    from app.model.incident import IncidentSnapshot
    from app.model.schedule import Schedule

NAME = "handover"
EPILOG = examples(
    "oncall handover platform-primary",
    "oncall handover shop --since 2026-12-24T20:00 > handover.md",
    "oncall handover shop --json | jq '.open[].title'",
)


def command(
    name: Annotated[
        str, typer.Argument(metavar="SCHEDULE|TEAM", help="A schedule or a team of the library.")
    ],
    *,
    at: Annotated[
        str | None, typer.Option(metavar="TIME", help="The moment of the hand-over. [dim]now[/dim]")
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(
            metavar="TIME",
            help="When the last shift began. [dim]By the schedule; of a team 12 hours before[/dim]",
        ),
    ] = None,
    runbooks: Folder = None,
    as_json: Json = False,
    bootstrap_servers: Servers = None,
    topic_prefix: Prefix = None,
) -> None:
    """Write the hand-over note of a shift, as Markdown: what is open, put off or waits for approval, and the last shift's pages.

    A schedule stands for the teams and services whose policies name it. Incidents are as they stand now; times without a zone are
    in the schedule's zone, else the team's, else UTC.
    """
    from app.cli.runbook import read_library
    from app.connectors.incidents import read_incidents
    from app.core.shift_note import markdown, note_for
    from app.library.problems import suggest

    settings = settings_of(runbooks=runbooks, bootstrap_servers=bootstrap_servers, topic_prefix=topic_prefix)
    library = read_library(settings)
    known: dict[str, Team | Schedule] = {**library.teams, **library.schedules}
    if name not in known:
        mend = suggest(name, sorted(known)) if known else "the library has none"
        raise CommandError(f"there is no schedule or team {name}; {mend}", code=FINDING)
    zone = known[name].zone or library.rules.zone or UTC
    moment = read_time(at, zone) if at else datetime.now(UTC).replace(microsecond=0)
    begins = read_time(since, zone) if since else None
    note = note_for(name, read_incidents(settings), library, moment, begins)
    if as_json:
        out.document(_document(note))
    else:
        print(markdown(note, zone), end="")


def _document(note: ShiftNote) -> dict[str, Any]:
    return {
        "of": note.of,
        "since": _text(note.since),
        "at": _text(note.at),
        "off": note.off,
        "on": note.on,
        "open": [_brief(each) for each in note.open],
        "snoozed": [{**_brief(each), "until": _text(each.snoozed_until)} for each in note.snoozed],
        "approvals": [{**_brief(each), "step": step} for each, step in note.approvals],
        "pages": [
            {"incident_id": each.id, "title": each.title, **page.model_dump(mode="json")}
            for each, page in note.paged
        ],
    }


def _brief(incident: IncidentSnapshot) -> dict[str, Any]:
    fields = {"id", "title", "severity", "status", "service", "team", "opened_at", "responders"}
    return incident.model_dump(mode="json", include=fields)


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment else None
