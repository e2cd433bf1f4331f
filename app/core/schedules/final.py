"""Who is on call in the end: overrides over layers, later layers over earlier ones, and nobody who is away.

Read `duty` first: it is the whole rule, and the list of shifts is nothing but its answers between the instants at which they may change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain, pairwise

from app.core.schedules.layers import asked, edges
from app.core.schedules.spans import within
from app.model.schedule import Booking, Duty, Schedule, Shift

OVERRIDE = "override"


def on_call(schedule: Schedule, at: datetime) -> str:
    """Give the id of the person who is on call at an instant; empty where nobody is."""
    return duty(schedule, at).person


def duty(schedule: Schedule, at: datetime) -> Duty:
    """Give who is on call at an instant, and by what."""
    for override in reversed(schedule.overrides):
        if override.when.active(at) is not None and not is_away(schedule.away, override.person, at):
            return Duty(override.person, OVERRIDE, override.instead_of)
    for layer in reversed(schedule.layers):
        named = asked(layer, at)
        for person in named:
            if not is_away(schedule.away, person, at):
                return Duty(person, layer.name, named[0] if person != named[0] else "")
    return Duty()


def is_away(away: Mapping[str, Sequence[Booking]], person: str, at: datetime) -> bool:
    """Whether a person is away at an instant; `away` is that of a library or a schedule."""
    return any(each.when.active(at) is not None for each in away.get(person, ()))


def shifts(schedule: Schedule, start: datetime, end: datetime) -> list[Shift]:
    """Give the final shifts from `start` to `end` (UTC), without a hole between them: where nobody is on call a shift has no person."""
    found: list[Shift] = []
    known = within(schedule, start, end)
    instants = sorted({start, end, *(each for each in _edges(known, start, end) if start < each < end)})
    for begins, ends in pairwise(instants):
        now = duty(known, begins)
        if found and found[-1].duty == now:
            found[-1] = Shift(found[-1].start, ends, now)
        else:
            found.append(Shift(begins, ends, now))
    return found


def gaps(schedule: Schedule, start: datetime, end: datetime) -> list[Shift]:
    """Give the times at which nobody is on call."""
    return [each for each in shifts(schedule, start, end) if not each.duty.person]


def _edges(schedule: Schedule, start: datetime, end: datetime) -> Iterator[datetime]:
    """Give every instant at which the duty may change."""
    for layer in schedule.layers:
        yield from edges(layer, start, end)
    away = (booking for bookings in schedule.away.values() for booking in bookings)
    for booking in chain(schedule.overrides, away):
        for span in booking.when.spans(start, end):
            yield from span
