"""Bookings of a schedule written out for a time: so that a recurrence rule is followed once, and not for each instant asked for."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from app.model.schedule import Booking, Calendar, Schedule


@dataclass(frozen=True)
class Spans:
    """Windows in the order of their start, none of which ends before an earlier one."""

    windows: tuple[tuple[datetime, datetime], ...]

    def active(self, at: datetime) -> datetime | None:
        """Give the end of the window that `at` lies in."""
        number = bisect_right(self.windows, at, key=lambda each: each[0])
        return self.windows[number - 1][1] if number and at < self.windows[number - 1][1] else None

    def spans(self, start: datetime, end: datetime) -> Sequence[tuple[datetime, datetime]]:
        """Give the windows that touch that time."""
        return [each for each in self.windows if each[0] < end and start < each[1]]


def within(schedule: Schedule, start: datetime, end: datetime) -> Schedule:
    """Give a schedule that says the same from `start` to `end`, and nothing sure outside."""
    return replace(
        schedule,
        layers=tuple(
            replace(each, bookings=_written(each.bookings, start, end))
            if isinstance(each, Calendar)
            else each
            for each in schedule.layers
        ),
        overrides=_written(schedule.overrides, start, end),
        away={person: _written(bookings, start, end) for person, bookings in schedule.away.items()},
    )


def _written(bookings: Sequence[Booking], start: datetime, end: datetime) -> tuple[Booking, ...]:
    """Give the bookings that touch a time, in their order."""
    found = ((each, each.when.spans(start, end)) for each in bookings)
    return tuple(replace(each, when=Spans(tuple(spans))) for each, spans in found if spans)
