"""A schedule drawn: a line of blocks for each week, a colour for each person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.style import Style
from rich.text import Text

from app.cli import out
from app.core.schedules.wall import instant, wall
from app.model.durations import in_units

if TYPE_CHECKING:
    from app.model.library import Library
    from app.model.schedule import Schedule, Shift

COLOURS = ("cyan", "yellow", "green", "magenta", "blue", "bright_cyan", "bright_yellow", "bright_green")
NOBODY = Style(color="white", bgcolor="red", bold=True)
_DAY = timedelta(days=1)
_WEEK_DAYS = 7
_MARGIN = 10
_PER_DAY = (8, 24)
"""The fewest and the most characters that a day is drawn with."""


def draw(schedule: Schedule, final: Sequence[Shift], library: Library, console: Console) -> None:
    """Draw the shifts, a week from Monday to a line, by the clock of the schedule, and whose each colour is."""
    title = f"[bold]{schedule.id}[/bold]" + f"  {escape(schedule.title)}" * bool(schedule.title)
    console.print(f"{title}  [dim]{schedule.zone}[/dim]")
    styles = _styles(final)
    per_day = max(_PER_DAY[0], min(_PER_DAY[1], (console.width - _MARGIN) // _WEEK_DAYS))
    first = wall(final[0].start, schedule.zone).replace(hour=0, minute=0, second=0)
    first -= first.weekday() * _DAY
    last = wall(final[-1].end, schedule.zone)
    head = "".join(f"{first + n * _DAY:%a}".ljust(per_day) for n in range(_WEEK_DAYS))
    console.print(Text(" " * _MARGIN + head, style="dim"), no_wrap=True, overflow="crop")
    while first < last:
        cells = [
            _at(final, instant(first + cell * _DAY / per_day, schedule.zone))
            for cell in range(per_day * _WEEK_DAYS)
        ]
        line = Text(f"{first:%d %b}".ljust(_MARGIN), style="dim")
        for block in _blocks(cells, styles, library):
            line.append_text(block)
        console.print(line, no_wrap=True, overflow="crop")
        first += _WEEK_DAYS * _DAY
    console.print(_legend(final, styles, library))


def listed(schedule: Schedule, final: Sequence[Shift], library: Library) -> None:
    """List the shifts, in the local time of the schedule."""
    rows = []
    for each in final:
        duty = each.duty
        rows.append(
            (
                _local(each.start, schedule),
                _local(each.end, schedule),
                in_units(each.end - each.start),
                _name(duty.person, library) or "NOBODY",
                duty.by + (f", instead of {_name(duty.instead_of, library)}" if duty.instead_of else ""),
            )
        )
    out.table(("from", "to", "lasts", "on call", "by"), rows)


def _blocks(cells: Sequence[Shift | None], styles: dict[str, Style], library: Library) -> Iterator[Text]:
    """Give a line's blocks, each with the person's name as far as there is room."""
    for person, group in groupby(cells, key=lambda each: each.duty.person if each else None):
        width = len(list(group))
        if person is None:
            yield Text(" " * width)  # before the first shift asked for, or after the last
        elif not person:
            yield Text("!nobody!".ljust(width, "!")[:width], style=NOBODY)
        else:
            name = _name(person, library)
            shown = name if len(name) < width else person
            yield Text(f"│{shown}"[:width].ljust(width, "─"), style=styles[person])


def _at(final: Sequence[Shift], at: datetime) -> Shift | None:
    return next((each for each in final if each.start <= at < each.end), None)


def _styles(final: Sequence[Shift]) -> dict[str, Style]:
    people = sorted({each.duty.person for each in final} - {""})
    return {
        person: Style(color="black", bgcolor=COLOURS[number % len(COLOURS)])
        for number, person in enumerate(people)
    }


def _legend(final: Sequence[Shift], styles: dict[str, Style], library: Library) -> Text:
    """Give how long each person is on call altogether, and how often: so one sees whether it is fair."""
    legend = Text(" " * _MARGIN)
    for person, style in styles.items():
        lasts = sum((each.end - each.start for each in final if each.duty.person == person), timedelta())
        begun = sum(each.duty.person == person for each in final) - sum(
            one.duty.person == person == other.duty.person for one, other in pairwise(final)
        )
        legend.append("  ", style=style)
        legend.append(f" {_name(person, library)} {in_units(lasts)} in {begun} shifts   ")
    alone = sum((each.end - each.start for each in final if not each.duty.person), timedelta())
    if alone:
        legend.append("  ", style=NOBODY)
        legend.append(f" nobody {in_units(alone)}")
    return legend


def _name(person: str, library: Library) -> str:
    known = library.people.get(person)
    return known.name if known and known.name else person


def _local(at: datetime, schedule: Schedule) -> str:
    return f"{at.astimezone(schedule.zone):%a %d %b %Y %H:%M %Z}"
