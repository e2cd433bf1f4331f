"""Alertmanager's time intervals as rules of recurrence (RFC 5545): every day, limited to some days, at some hour, for some time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from app.library.fields import Fields
from app.library.located import Located
from app.library.problems import Findings
from app.library.zones import zone_of
from app.migration.words import CannotError

_DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])|(24):(00)")
_DAY_MINUTES = 24 * 60
_LAST_DAY = 31
_YEAR_DIGITS = 4
_Word = Callable[[str], int]
"""Reads one word: to its number."""
FIRST_DAY = "2025-01-01"
"""When a recurrence begins that names no year: in the past, on any day, for all its days are named."""


@dataclass(frozen=True)
class Recurrence:
    """A time that comes again."""

    start: str
    """The first time, a local date and time without zone: `2025-01-01T22:00:00`."""
    minutes: int
    """How long it lasts."""
    rrule: str
    """How it recurs."""
    timezone: str


def recurrences(located: Located, findings: Findings) -> list[Recurrence]:
    """Give one time interval's recurrences: one for each range of hours and of years.

    Raises:
        CannotError: it cannot be said so.

    """
    fields = Fields(located, findings, "a time interval")
    hours = [_hours(each, findings) for each in fields.items("times")] or [(0, _DAY_MINUTES)]
    years = [_range(str(each.value), _whole) for each in fields.items("years")]
    rule, name = _rule(fields), fields.text("location", "UTC")
    zone = _zone(name)
    for each in fields.names():
        if each not in ("times", "months", "days_of_month", "weekdays", "years", "location"):
            raise CannotError(f"it has {each!r}, which nobody knows here")
    return [
        Recurrence(f"{first}T{start // 60:02}:{start % 60:02}:00", end - start, rule + until, name)
        for start, end in hours
        for first, until in (_years(years, zone) if years else [(FIRST_DAY, "")])
    ]


def _rule(fields: Fields) -> str:
    days = [_DAYS[each][:2].upper() for each in _numbers(fields.items("weekdays"), _weekday)]
    limits = [
        _limit("BYMONTH", _numbers(fields.items("months"), _month)),
        _limit("BYMONTHDAY", _month_days(fields.items("days_of_month"))),
        _limit("BYDAY", days),
    ]
    return ";".join(["FREQ=DAILY", *(each for each in limits if each)])


def _zone(name: str) -> tzinfo:
    if name == "Local":
        raise CannotError(
            "its location is Local, the zone of the machine that Alertmanager runs on; name the zone"
        )
    zone = zone_of(name)
    if zone is None:
        raise CannotError(f"there is no time zone {name!r}")
    return zone


def _years(years: Sequence[tuple[int, int]], zone: tzinfo) -> Iterator[tuple[str, str]]:
    for first, last in years:
        end = datetime(last, 12, 31, 23, 59, 59, tzinfo=zone).astimezone(UTC)
        yield f"{first:04}-01-01", f";UNTIL={end:%Y%m%dT%H%M%SZ}"


def _hours(located: Located, findings: Findings) -> tuple[int, int]:
    fields = Fields(located, findings, "a range of times")
    start, end = (_minute(fields.text(name)) for name in ("start_time", "end_time"))
    if start >= end:
        raise CannotError("a range of times ends before it begins")
    return start, end


def _minute(text: str) -> int:
    found = _TIME.fullmatch(text)
    if found is None:
        raise CannotError(f"{text!r} is no time of day such as 09:00")
    hour, minute = [part for part in found.groups() if part is not None]
    return int(hour) * 60 + int(minute)


def _limit(name: str, values: Sequence[int | str]) -> str:
    return f"{name}={','.join(map(str, values))}" if values else ""


def _numbers(items: Sequence[Located], read: _Word) -> list[int]:
    return sorted({each for item in items for each in _span(_range(str(item.value), read))})


def _month_days(items: Sequence[Located]) -> list[int]:
    """Give days of the month, counted from its end where they are below zero; a range to its last day may begin at either end."""
    found: set[int] = set()
    for item in items:
        first, last = _range(str(item.value), _month_day, is_ordered=False)
        if first > 0 > last:
            if last != -1:
                raise CannotError(f"days_of_month {item.value!r} begins from one end and ends from the other")
            last = _LAST_DAY
        if first > last or (first < 0 < last):
            raise CannotError(f"days_of_month {item.value!r} ends before it begins")
        found.update(range(first, last + 1))
    return sorted(found)


def _weekday(text: str) -> int:
    if text not in _DAYS:
        raise CannotError(f"{text!r} is no day of the week")
    return _DAYS.index(text)


def _month(text: str) -> int:
    if text in _MONTHS:
        return _MONTHS.index(text) + 1
    if not text.isdecimal() or not 1 <= int(text) <= len(_MONTHS):
        raise CannotError(f"{text!r} is no month")
    return int(text)


def _month_day(text: str) -> int:
    if not text.removeprefix("-").isdecimal() or not 1 <= abs(int(text)) <= _LAST_DAY:
        raise CannotError(f"{text!r} is no day of the month")
    return int(text)


def _whole(text: str) -> int:
    if not text.isdecimal() or len(text) > _YEAR_DIGITS:
        raise CannotError(f"{text!r} is no year")
    return int(text)


def _range(text: str, read: _Word, *, is_ordered: bool = True) -> tuple[int, int]:
    first, _, last = text.strip().lower().partition(":")
    found = read(first.strip()), read((last or first).strip())
    if is_ordered and found[0] > found[1]:
        raise CannotError(f"{text!r} ends before it begins")
    return found


def _span(found: tuple[int, int]) -> range:
    return range(found[0], found[1] + 1)
