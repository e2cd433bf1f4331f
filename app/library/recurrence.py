"""Windows that come again and again, by a recurrence rule of RFC 5545 in the local time of a zone.

Local times are reckoned as the RFC says: one that a clock skips when summer begins is read by the offset before, and of one that
comes twice when summer ends the first counts. How long a window lasts is real time, but for whole days.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import MAXYEAR, UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache

from dateutil.rrule import rrule, rrulestr

_AGES = 19 * 400
"""Rules are followed so many years on: the calendar repeats itself every 400 years, to the day of the week, and where it ends
(with the year 9999) a search that finds nothing ends as well."""
_CLOCK = timedelta(hours=3)
"""More than any clock is ever put forward or back."""
_DAY = timedelta(days=1)
MOST_A_DAY = 24
"""So many windows may begin on one day."""
MAX_TEXT = 500

_DAYS = "MO|TU|WE|TH|FR|SA|SU"
_WEEKDAY = re.compile(rf"([+-]?\d{{1,2}})?({_DAYS})")
_NUMBERS = {
    "BYMONTH": (1, 12),
    "BYMONTHDAY": (1, 31),
    "BYYEARDAY": (1, 366),
    "BYWEEKNO": (1, 53),
    "BYHOUR": (0, 23),
    "BYMINUTE": (0, 59),
    "BYSECOND": (0, 59),
    "BYSETPOS": (1, 366),
}
_FROM_END = ("BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYSETPOS")
_PLAIN = {
    "FREQ": re.compile("DAILY|WEEKLY|MONTHLY|YEARLY"),
    "INTERVAL": re.compile("[1-9][0-9]{0,3}"),
    "COUNT": re.compile("[1-9][0-9]{0,5}"),
    "UNTIL": re.compile("[0-9]{8}(T[0-9]{6}Z?)?"),
    "WKST": re.compile(_DAYS),
}


class RuleError(ValueError):
    """A recurrence rule that is none, or that never comes; the message says why."""


class Recurring:
    """Windows by a rule, each of the same length."""

    def __init__(
        self,
        rule: str,
        start: datetime,
        length: timedelta,
        zone: tzinfo,
        *,
        but: Iterable[datetime] = (),
        by_wall: bool = False,
    ) -> None:
        """Take the rule, the local time from which it counts, and local times at which none begins, all without a zone.

        Windows last `length` of real time, or by the clock on the wall, as whole days do.

        Raises:
            RuleError: it is no rule that can be followed, or no window ever begins.

        """
        parts = _parts(rule)
        until = _until(parts.pop("UNTIL", ""), zone)
        text = ";".join(f"{name}={value}" for name, value in parts.items())
        try:
            found = rrulestr(text, dtstart=_far(start))
            self._rule = found.replace(until=_far(until)) if until else found
        except ValueError as error:
            raise RuleError(f"{rule!r} is no recurrence rule: {error}") from error
        self._length, self._zone, self._but, self._by_wall = length, zone, frozenset(but), by_wall
        self._start, self._step = _far(start), _step(parts)
        self._on = lru_cache(maxsize=8)(self._windows)
        if next(iter(self._rule), None) is None:
            raise RuleError(f"{rule!r} never comes, counted from {start}")

    def active(self, at: datetime) -> datetime | None:
        """Give when the window that `at` lies in ends; of several the last end."""
        return max((end for start, end in self._on(at.date()) if start <= at < end), default=None)

    def spans(self, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
        """Give the windows that touch the time from `start` to `end`, in UTC, in order."""
        return sorted(each for each in self._between(start, end) if each[0] < end and start < each[1])

    def _windows(self, day: date) -> list[tuple[datetime, datetime]]:
        """Give the windows, in UTC, that touch a day of UTC."""
        begins = datetime(day.year, day.month, day.day, tzinfo=UTC)
        return self._between(begins, begins + _DAY)

    def _between(self, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
        """Give the windows that touch a time, and some around it."""
        first, last = (
            each.astimezone(self._zone).replace(tzinfo=None) for each in (start - self._length, end)
        )
        begins = _far(first - _CLOCK)
        local = (_near(each) for each in self._from(begins).between(begins, _far(last + _CLOCK), inc=True))
        return [self._window(each) for each in local if each not in self._but]

    def _window(self, local: datetime) -> tuple[datetime, datetime]:
        """Give the window, in UTC, that begins at a local time."""
        start = local.replace(tzinfo=self._zone).astimezone(UTC)
        if not self._by_wall:
            return start, start + self._length
        return start, (local + self._length).replace(tzinfo=self._zone).astimezone(UTC)

    def _from(self, begins: datetime) -> rrule:
        """Give the rule counted from shortly before a moment, where it comes to the same: what lies before is not gone through."""
        if self._step is None:
            return self._rule
        steps = (begins - self._start) // self._step - 1
        return self._rule.replace(dtstart=self._start + steps * self._step) if steps > 0 else self._rule


def _step(parts: Mapping[str, str]) -> timedelta | None:
    """Give after how long a rule repeats itself but for what its parts let through; None: it does not, or counts its windows."""
    unit = {"DAILY": _DAY, "WEEKLY": 7 * _DAY}.get(parts["FREQ"])
    return None if unit is None or "COUNT" in parts else unit * int(parts.get("INTERVAL", "1"))


def _parts(rule: str) -> dict[str, str]:
    """Read a rule's parts; RuleError names the one that is wrong."""
    parts: dict[str, str] = {}
    for part in rule.strip().removeprefix("RRULE:").rstrip(";").split(";"):
        name, _, value = part.strip().upper().partition("=")
        if name in parts:
            raise RuleError(f"{name} is there twice")
        if not _is_right(name, value):
            raise RuleError(f"{part.strip()!r} is no part of a recurrence rule that is followed here")
        parts[name] = value
    if len(rule) > MAX_TEXT:
        raise RuleError(f"it is longer than {MAX_TEXT} characters")
    _check(parts)
    return parts


def _check(parts: Mapping[str, str]) -> None:
    if "FREQ" not in parts:
        raise RuleError(
            "it lacks FREQ: DAILY, WEEKLY, MONTHLY or YEARLY; for hours write FREQ=DAILY;BYHOUR=…"
        )
    if "COUNT" in parts and "UNTIL" in parts:
        raise RuleError("it has both COUNT and UNTIL")
    numbered = any(re.match(r"[+-]?\d", day) for day in parts.get("BYDAY", "").split(","))
    if numbered and parts["FREQ"] in ("DAILY", "WEEKLY"):
        raise RuleError("a day with a number, such as 2MO, is of a month or year: FREQ=MONTHLY or YEARLY")
    times = 1
    for name in ("BYHOUR", "BYMINUTE", "BYSECOND"):
        times *= len(set(parts[name].split(","))) if name in parts else 1
    if times > MOST_A_DAY:
        raise RuleError(f"{times} windows begin on a day; at most {MOST_A_DAY} may")


def _is_right(name: str, value: str) -> bool:
    if name in _PLAIN:
        return _PLAIN[name].fullmatch(value) is not None
    if name == "BYDAY":
        return all(_WEEKDAY.fullmatch(each) for each in value.split(","))
    return name in _NUMBERS and all(_is_number(name, each) for each in value.split(","))


def _is_number(name: str, text: str) -> bool:
    low, high = _NUMBERS[name]
    if not re.fullmatch(r"[+-]?[0-9]{1,3}", text) or (text.startswith("-") and name not in _FROM_END):
        return False
    return low <= abs(int(text)) <= high


def _until(text: str, zone: tzinfo) -> datetime | None:
    """Give the last local time at which a window may begin; a day alone is taken whole."""
    if not text:
        return None
    try:
        whole = text if "T" in text else f"{text}T235959"
        read = datetime.strptime(whole.rstrip("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007 - local, or UTC as below
    except ValueError as error:
        raise RuleError(f"UNTIL={text} is no moment") from error
    if read.year >= MAXYEAR - _AGES:
        raise RuleError(f"UNTIL={text} is out of reach; leave it out where the rule has no end")
    return read.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None) if text.endswith("Z") else read


def _far(moment: datetime) -> datetime:
    return moment.replace(year=moment.year + _AGES)


def _near(moment: datetime) -> datetime:
    return moment.replace(year=moment.year - _AGES)
