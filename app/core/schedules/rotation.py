"""Whose turn it is in a rotation, reckoned around the instant asked for: nothing is counted through from the start."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo
from typing import assert_never

from app.core.schedules.wall import add_months, instant, wall
from app.model.schedule import Rotation, Unit

_HOUR = timedelta(hours=1)
_DAYS = {Unit.DAILY: timedelta(days=1), Unit.WEEKLY: timedelta(weeks=1)}


def handoff(rotation: Rotation, number: int, zone: tzinfo) -> datetime:
    """Give the instant at which shift `number` begins (0 is the first); later shifts never begin before earlier ones."""
    if rotation.unit is Unit.HOURLY:
        return instant(rotation.start, zone) + number * rotation.every * _HOUR
    return instant(_local(rotation, number), zone)


def turn(rotation: Rotation, at: datetime, zone: tzinfo) -> int:
    """Give the number of the shift that an instant lies in; negative before the first."""
    number = _near(rotation, at, zone)
    while handoff(rotation, number, zone) > at:
        number -= 1
    while handoff(rotation, number + 1, zone) <= at:
        number += 1
    return number


def handoffs(rotation: Rotation, start: datetime, end: datetime, zone: tzinfo) -> Iterator[datetime]:
    """Give the handoffs after `start` and before `end`, in order."""
    number = max(turn(rotation, start, zone) + 1, 0)
    while (at := handoff(rotation, number, zone)) < end:
        yield at
        number += 1


def _local(rotation: Rotation, number: int) -> datetime:
    match rotation.unit:
        case Unit.DAILY | Unit.WEEKLY:
            return rotation.start + number * rotation.every * _DAYS[rotation.unit]
        case Unit.MONTHLY:
            return add_months(rotation.start, number * rotation.every)
        case Unit.CUSTOM:
            rounds, place = divmod(number, len(rotation.lengths))
            done = sum(rotation.lengths[:place], timedelta())
            return rotation.start + rounds * sum(rotation.lengths, timedelta()) + done
        case Unit.HOURLY:
            raise ValueError("hours are real hours and have no place on the wall")
        case _ as never:
            assert_never(never)


def _near(rotation: Rotation, at: datetime, zone: tzinfo) -> int:
    """Give the number of a shift that is at most a few from the one asked for."""
    match rotation.unit:
        case Unit.HOURLY:
            return (at - instant(rotation.start, zone)) // (rotation.every * _HOUR)
        case Unit.DAILY | Unit.WEEKLY:
            return (wall(at, zone) - rotation.start) // (rotation.every * _DAYS[rotation.unit])
        case Unit.MONTHLY:
            shown = wall(at, zone)
            months = (shown.year - rotation.start.year) * 12 + shown.month - rotation.start.month
            return months // rotation.every
        case Unit.CUSTOM:
            rounds = (wall(at, zone) - rotation.start) // sum(rotation.lengths, timedelta())
            return rounds * len(rotation.lengths)
        case _ as never:
            assert_never(never)
