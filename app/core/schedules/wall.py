"""Local time and instants: what a clock on the wall of a zone shows, and when it shows it.

One rule holds for every local time that a schedule names: it is the first moment at which the clock shows that time or a later one.
So what is skipped when summer begins happens at the jump, of what comes twice when summer ends the first counts, and times that
follow one another on the wall never change places.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache

_SECOND = timedelta(seconds=1)


def wall(at: datetime, zone: tzinfo) -> datetime:
    """Give what the clock shows at an instant, as a local time without a zone."""
    return at.astimezone(zone).replace(tzinfo=None, fold=0)


@lru_cache(maxsize=4096)  # business hours ask for the same few again and again
def instant(local: datetime, zone: tzinfo) -> datetime:
    """Give the first moment, in UTC, at which the clock shows this local time or a later one."""
    earlier, later = (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (1, 0))
    if wall(later, zone) == local:
        return later  # it is shown; of two the first, which is what fold=0 means
    return _jump(earlier, later, zone)


def _jump(before: datetime, after: datetime, zone: tzinfo) -> datetime:
    """Give the second at which the clock is put forward, between two moments of which one is before it."""
    offset = before.astimezone(zone).utcoffset()
    while after - before > _SECOND:
        middle = before + (after - before) // _SECOND // 2 * _SECOND
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after


def add_months(local: datetime, months: int) -> datetime:
    """Give the same day and time so many months on; the last day of a month that is too short for it."""
    year, month = divmod(local.year * 12 + local.month - 1 + months, 12)
    return local.replace(year=year, month=month + 1, day=min(local.day, monthrange(year, month + 1)[1]))
