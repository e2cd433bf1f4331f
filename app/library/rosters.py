"""What schedules come to in a time: when nobody is on call, and who is booked twice.

It depends on the time that is looked at, so it is lint, and no part of compiling: a library that is in force does not become
invalid because somebody's leave comes near.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from itertools import combinations, pairwise
from typing import Literal

from app.core.schedules.final import shifts
from app.core.schedules.layers import asked
from app.library.problems import Problem
from app.model.library import Library
from app.model.schedule import Booking, Calendar, Said, Schedule, Shift

AHEAD = timedelta(weeks=53)
"""How far is looked: a year has both changes of the clock."""
_DAY = timedelta(days=1)


def check_rosters(library: Library, start: datetime, end: datetime) -> Iterator[Problem]:
    """Give what is wrong with schedules between two moments (UTC)."""
    finals = {name: shifts(each, start, end) for name, each in library.schedules.items()}
    for name, schedule in library.schedules.items():
        if not schedule.may_gap:
            yield from _gaps(schedule, finals[name])
        later = (max, "the override further down")
        yield from _overlaps(schedule, "overrides name", later, schedule.overrides, (start, end))
        for layer in schedule.layers:
            if isinstance(layer, Calendar):
                first = (min, "the event that comes first")
                yield from _overlaps(schedule, "events name", first, layer.bookings, (start, end))
        yield from _in_vain(schedule, start, end)
    yield from _two_places(library, finals)


def _gaps(schedule: Schedule, final: Sequence[Shift]) -> Iterator[Problem]:
    """Tell of the gaps, those of one cause together: an absence, or the layers themselves."""
    causes: dict[Said, list[tuple[Shift, str]]] = defaultdict(list)
    for gap in final:
        if not gap.duty.person:
            said, words = _cause(schedule, gap.start)
            causes[said].append((gap, words))
    for said, found in causes.items():
        gap, words = found[0]
        more = f", and {len(found) - 1} times more until {_local(found[-1][0].end, schedule.zone)}"
        jump = ", as the clocks change" if _is_at_change(gap, schedule) else ""
        times = f"{_local(gap.start, schedule.zone)} to {_local(gap.end, schedule.zone)}"
        yield _problem(
            said,
            "error",
            f"schedule {schedule.id}: nobody is on call from {times}{jump}{words}{more if len(found) > 1 else ''}",
            "let a layer or an override cover it, or say gaps: allowed",
        )


def _cause(schedule: Schedule, at: datetime) -> tuple[Said, str]:
    """Give where a gap comes from, and in words who is away; who is named by nothing has no absence to blame."""
    named = [each.person for each in schedule.overrides if each.when.active(at) is not None]
    named += [person for layer in schedule.layers for person in asked(layer, at)]
    people = list(dict.fromkeys(named))
    if not people:
        return schedule.said, ""
    away = next(each for each in schedule.away[people[0]] if each.when.active(at) is not None)
    whole = (
        f"{people[0]}, who alone is named, is away"
        if len(people) == 1
        else f"all are away: {', '.join(people)}"
    )
    return away.said, f": {whole}{f' ({away.reason})' if away.reason else ''}"


def _is_at_change(gap: Shift, schedule: Schedule) -> bool:
    """Whether a short gap lies where a clock of the schedule or of one of its layers is changed."""
    if gap.end - gap.start > _DAY:
        return False
    zones = [schedule.zone, *(layer.zone for layer in schedule.layers if not isinstance(layer, Calendar))]
    around = gap.start - _DAY, gap.end + _DAY
    return any(
        around[0].astimezone(each).utcoffset() != around[1].astimezone(each).utcoffset() for each in zones
    )


def _overlaps(
    schedule: Schedule,
    what: str,
    counts: tuple[Callable[[int, int], int], str],
    bookings: Iterable[Booking],
    within: tuple[datetime, datetime],
) -> Iterator[Problem]:
    """Tell of two bookings of different people at one time, once for each pair; which of two places counts, and how that one is called."""
    chosen, called = counts
    spans = sorted(
        (
            (span, number, booking)
            for number, booking in enumerate(bookings)
            for span in booking.when.spans(*within)
        ),
        key=lambda each: each[:2],
    )
    told = set()
    for number, ((begins, ends), one, first) in enumerate(spans):
        for (other_begins, other_ends), other, second in spans[number + 1 :]:
            if other_begins >= ends:
                break
            pair = tuple(sorted((one, other)))
            if first.person == second.person or pair in told:
                continue
            told.add(pair)
            until = min(ends, other_ends)
            times = f"{_local(max(begins, other_begins), schedule.zone)} to {_local(until, schedule.zone)}"
            winner = first if chosen(one, other) == one else second
            words = f"two {what} {first.person} and {second.person} from {times}: {winner.person} is on call, by {called}"
            later = second if other > one else first
            yield _problem(later.said, "error", f"schedule {schedule.id}: {words}", "keep one of them")


def _in_vain(schedule: Schedule, start: datetime, end: datetime) -> Iterator[Problem]:
    """Tell of overrides that name a person who is away, and of swaps of a time that is not that person's; of each once."""
    for each in schedule.overrides:
        spans = each.when.spans(start, end)
        found = [why for begins, ends in spans if (why := _why_in_vain(schedule, each, begins, ends))]
        if found:
            yield _problem(each.said, "error", f"schedule {schedule.id}: {found[0][0]}", found[0][1])


def _why_in_vain(
    schedule: Schedule, booking: Booking, begins: datetime, ends: datetime
) -> tuple[str, str] | None:
    """Say why a time of an override comes to nothing, and the mend."""
    for absence in schedule.away.get(booking.person, ()):
        for gone, back in absence.when.spans(begins, ends):
            times = f"{_local(max(gone, begins), schedule.zone)} to {_local(min(back, ends), schedule.zone)}"
            words = f"{booking.person} is away from {times}, so that the override is passed over then"
            return words, "name somebody who is there"
    if booking.instead_of:
        theirs = {each.duty.person for each in shifts(replace(schedule, overrides=()), begins, ends)}
        if theirs != {booking.instead_of}:
            others = ", ".join(sorted(theirs - {booking.instead_of, ""})) or "nobody"
            words = f"the swap takes a time of {booking.instead_of} at which the layers have {others} on call"
            return words, "swap whole shifts"
    return None


def _two_places(library: Library, finals: dict[str, list[Shift]]) -> Iterator[Problem]:
    """Advise of a person who is on call in two schedules at once, once for each pair of schedules."""
    for one, other in combinations(finals, 2):
        both = sorted(
            (max(a.start, b.start), min(a.end, b.end), a.duty.person)
            for a, b in _meeting(finals[one], finals[other])
            if a.duty.person and a.duty.person == b.duty.person
        )
        if both:
            begins, ends, person = both[0]
            schedule = library.schedules[other]
            times = f"{_local(begins, schedule.zone)} to {_local(ends, schedule.zone)}"
            more = f", and {len(both) - 1} times more like this" if len(both) > 1 else ""
            words = f"{person} is on call in {one} and in {other} at once, from {times}{more}"
            yield _problem(schedule.said, "advice", words, "if they back each other up, turn one by a shift")


def _meeting(ones: Sequence[Shift], others: Sequence[Shift]) -> Iterator[tuple[Shift, Shift]]:
    """Give each pair of shifts of two lists that have a time in common; each list covers the same time, in order."""
    cuts = sorted({each.start for each in (*ones, *others)} | {each.end for each in (*ones, *others)})
    first, second = iter(ones), iter(others)
    a, b = next(first), next(second)
    for begins, _ in pairwise(cuts):
        while a.end <= begins:
            a = next(first)
        while b.end <= begins:
            b = next(second)
        yield a, b


def _local(at: datetime, zone: tzinfo) -> str:
    return f"{at.astimezone(zone):%a %Y-%m-%d %H:%M %Z}"


def _problem(said: Said, level: Literal["error", "advice"], message: str, mend: str) -> Problem:
    return Problem(said.path, said.line, said.column, level, message, mend)
