"""`oncall schedule`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli import out, schedule_picture
from app.cli.errors import FINDING, CommandError
from app.cli.options import Folder, Json, examples, settings_of
from app.cli.times import read_time

if TYPE_CHECKING:
    from app.model.library import Library
    from app.model.schedule import Schedule, Shift

MOST_WEEKS = 60

app = typer.Typer(
    name="schedule",
    help="See who is on call when.",
    no_args_is_help=True,
    epilog=examples("oncall schedule show", "oncall schedule show shop --weeks 8"),
)

From = Annotated[
    str | None,
    typer.Option("--from", metavar="TIME", help="Where it begins, such as 2026-12-24. [dim]today[/dim]"),
]


@app.command(
    epilog=examples(
        "oncall schedule show",
        "oncall schedule show shop --weeks 8",
        "oncall schedule show shop --from 2026-12-21 --weeks 2 --json | jq '.schedules[0].shifts'",
    )
)
def show(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="One schedule; else all.")] = None,
    *,
    weeks: Annotated[int, typer.Option(min=1, max=MOST_WEEKS, help="How many weeks.")] = 4,
    start: From = None,
    runbooks: Folder = None,
    as_json: Json = False,
) -> None:
    """Draw the final shifts of a schedule, and of one schedule list them, in the schedule's own time zone.

    Layers, overrides, swaps and absences are all taken into account. Exit code 1 if there is a time at which nobody is on call though
    the schedule does not allow for that.
    """
    from app.cli.runbook import read_library
    from app.core.schedules.final import shifts

    library = read_library(settings_of(runbooks=runbooks))
    chosen = [find_schedule(name, library)] if name else list(library.schedules.values())
    if not chosen:
        raise CommandError(
            "the library has no schedule; write one under schedules: in a manifest", code=FINDING
        )
    documents, has_gap = [], False
    for number, each in enumerate(chosen):
        begins = _day(start, each)
        local_end = begins.astimezone(each.zone).replace(tzinfo=None) + timedelta(weeks=weeks)
        final = shifts(each, begins, local_end.replace(tzinfo=each.zone).astimezone(UTC))
        has_gap |= not each.may_gap and any(not shift.duty.person for shift in final)
        if as_json:
            documents.append(_document(each, final, library))
            continue
        if number:
            print()
        schedule_picture.draw(each, final, library, out.console())
        if name:
            print()
            schedule_picture.listed(each, final, library)
    if as_json:
        out.document({"schedules": documents})
    if has_gap:
        raise typer.Exit(FINDING)


def find_schedule(name: str, library: Library) -> Schedule:
    """Find a schedule by id; CommandError with the likeliest one meant."""
    from app.library.problems import suggest

    if name in library.schedules:
        return library.schedules[name]
    known = sorted(library.schedules)
    mend = suggest(name, known) if known else "the library has none"
    raise CommandError(f"there is no schedule {name}; {mend}", code=FINDING)


def _day(text: str | None, schedule: Schedule) -> datetime:
    """Give what was typed in UTC; else the midnight at which today began, where the schedule is."""
    if text is not None:
        return read_time(text, schedule.zone)
    today = datetime.now(schedule.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return today.astimezone(UTC)


def _document(schedule: Schedule, final: list[Shift], library: Library) -> dict[str, Any]:
    return {
        "id": schedule.id,
        "title": schedule.title,
        "timezone": str(schedule.zone),
        "gaps_allowed": schedule.may_gap,
        "shifts": [_shift(each, schedule, library) for each in final if each.duty.person],
        "gaps": [_times(each, schedule) for each in final if not each.duty.person],
    }


def _shift(shift: Shift, schedule: Schedule, library: Library) -> dict[str, Any]:
    person = library.people.get(shift.duty.person)
    return {
        **_times(shift, schedule),
        "person": shift.duty.person,
        "name": person.name if person else "",
        "by": shift.duty.by,
        "instead_of": shift.duty.instead_of or None,
    }


def _times(shift: Shift, schedule: Schedule) -> dict[str, str]:
    return {
        "start": shift.start.isoformat(),
        "end": shift.end.isoformat(),
        "local_start": shift.start.astimezone(schedule.zone).isoformat(),
        "local_end": shift.end.astimezone(schedule.zone).isoformat(),
    }
