"""Times of every week, as a text: `mon-fri 09:00-17:00`, `sat, sun`, `22:00-06:00`, `fri 17:00 - mon 09:00`."""

from __future__ import annotations

import re
from datetime import timedelta

from app.model.schedule import Window

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY, _WEEK = timedelta(days=1), timedelta(weeks=1)
_NAME = "|".join(DAYS)
_TIME = r"(\d{1,2}):(\d{2})"
_ACROSS = re.compile(rf"({_NAME})\s+{_TIME}\s*-\s*({_NAME})\s+{_TIME}")
_DAILY = re.compile(rf"(?:((?:{_NAME})(?:\s*[-,]\s*(?:{_NAME}))*)(?:\s+|$))?(?:{_TIME}\s*-\s*{_TIME})?")
MEND = 'write it as "mon-fri 09:00-17:00", "sat, sun", "22:00-06:00" or "fri 17:00 - mon 09:00"'


class WindowError(ValueError):
    """A text that is no time of a week; the message says why."""


def read_windows(text: str) -> list[Window]:
    """Read one text; a time that ends when it begins, or before, ends on the next day.

    Raises:
        WindowError: it is none.

    """
    plain = text.strip().lower()
    across = _ACROSS.fullmatch(plain)
    if across:
        begins, ends = _moment(across[1], across[2], across[3]), _moment(across[4], across[5], across[6])
        return [Window(begins, (ends - begins) % _WEEK or _WEEK)]
    daily = _DAILY.fullmatch(plain)
    if daily is None or not plain:
        raise WindowError(f"{text!r} is no time of a week")
    if daily[2] is None:
        opens, lasts = timedelta(), _DAY
    else:
        opens, closes = _time(daily[2], daily[3]), _time(daily[4], daily[5])
        lasts = (closes - opens) % _DAY or _DAY
    if opens == _DAY:
        raise WindowError(f"{text!r} begins at 24:00; write 00:00 of the next day")
    return [Window(day * _DAY + opens, lasts) for day in _days(daily[1] or "mon-sun")]


def _days(text: str) -> list[int]:
    found: list[int] = []
    for part in text.split(","):
        first, _, last = (each.strip() for each in part.partition("-"))
        begins, ends = DAYS.index(first), DAYS.index(last.rpartition("-")[2].strip() or first)
        found += [(begins + n) % 7 for n in range((ends - begins) % 7 + 1)]
    return sorted(set(found))


def _moment(day: str, hour: str, minute: str) -> timedelta:
    return (DAYS.index(day) * _DAY + _time(hour, minute)) % _WEEK


def _time(hour: str, minute: str) -> timedelta:
    found = timedelta(hours=int(hour), minutes=int(minute))
    if found > _DAY or int(minute) > 59:  # noqa: PLR2004 - minutes of an hour
        raise WindowError(f"{hour}:{minute} is no time of a day")
    return found
