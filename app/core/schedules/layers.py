"""What one layer says alone: who would be on call, in the order in which they are asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import assert_never

from app.core.schedules.rotation import handoffs, turn
from app.core.schedules.wall import instant, wall
from app.model.schedule import Calendar, Layer, Rota, Window

_DAY, _WEEK = timedelta(days=1), timedelta(weeks=1)


def asked(layer: Layer, at: datetime) -> Sequence[str]:
    """Give whom a layer names at an instant: whose turn it is, then who stands in if they are away; empty where it is silent."""
    match layer:
        case Calendar():
            return [each.person for each in layer.bookings if each.when.active(at) is not None]
        case Rota():
            if not _is_heard(layer, at):
                return ()
            number = turn(layer.rotation, at, layer.zone)
            first = number % len(layer.people)
            return () if number < 0 else layer.people[first:] + layer.people[:first]
        case _ as never:
            assert_never(never)


def edges(layer: Layer, start: datetime, end: datetime) -> Iterator[datetime]:
    """Give the instants, of those between `start` and `end` all, at which a layer may change what it says."""
    match layer:
        case Calendar():
            for booking in layer.bookings:
                for span in booking.when.spans(start, end):
                    yield from span
        case Rota():
            yield from handoffs(layer.rotation, start, end, layer.zone)
            if layer.end is not None:
                yield instant(layer.end, layer.zone)
            weeks = range(-1, (end - start) // _WEEK + 3)
            for span in _spans(layer.only, _monday(start, layer.zone), weeks, layer.zone):
                yield from span
        case _ as never:
            assert_never(never)


def _is_heard(layer: Rota, at: datetime) -> bool:
    if layer.end is not None and at >= instant(layer.end, layer.zone):
        return False
    if not layer.only:
        return True
    shown = wall(at, layer.zone)
    monday = _monday(at, layer.zone)
    return any(
        begins <= at < ends
        for window in layer.only
        for week in (-1, 0, 1)
        if _is_near(shown, monday + week * _WEEK + window.begins, window.lasts)
        for begins, ends in _spans([window], monday, [week], layer.zone)
    )


def _is_near(shown: datetime, begins: datetime, lasts: timedelta) -> bool:
    """Whether a window may hold an instant, by the clock: no clock is ever moved by more than a day."""
    return begins - _DAY <= shown <= begins + lasts + _DAY


def _spans(
    windows: Sequence[Window], monday: datetime, weeks: Sequence[int], zone: tzinfo
) -> Iterator[tuple[datetime, datetime]]:
    for week in weeks:
        for window in windows:
            begins = monday + week * _WEEK + window.begins
            yield instant(begins, zone), instant(begins + window.lasts, zone)


def _monday(at: datetime, zone: tzinfo) -> datetime:
    """Give the local midnight at which the week of an instant began."""
    shown = wall(at, zone)
    return datetime(shown.year, shown.month, shown.day) - shown.weekday() * _DAY  # noqa: DTZ001 - local
