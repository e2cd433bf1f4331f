"""iCalendar files (RFC 5545): each event is a window, once or by its rule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

from icalendar import Calendar
from icalendar.cal import Component

from app.library.fields import MAX_DURATION
from app.library.problems import Findings
from app.library.recurrence import Recurring, RuleError
from app.library.zones import zone_of
from app.model.base import to_instant
from app.model.noise import Once, Schedule

_Local = tuple[datetime, tzinfo]
"""A local time, without a zone, and its zone."""
MAX_EVENTS = 500
_UNREADABLE = (ValueError, LookupError, AttributeError, TypeError, ArithmeticError, OSError, RecursionError)
"""What the library raises for what is no calendar; OSError where a zone is named like a folder of them."""


@dataclass(frozen=True)
class Planned:
    """An event of a calendar."""

    title: str
    schedule: Schedule
    attendees: tuple[tuple[str, str], ...] = ()
    """The address and the name of each who is invited and did not decline."""
    place: tuple[int, int] = (1, 1)
    """Line and column of the event in its file."""


_RULE = (
    "mend its RRULE where the calendar comes from, such as RRULE:FREQ=WEEKLY;BYDAY=MO, and export it again"
)
_EVENT = "mend the event where the calendar comes from, and export it again"


class _EventError(ValueError):
    """An event that cannot be taken; the message says why."""


def read_calendar(text: str, findings: Findings, zone: tzinfo | None) -> list[Planned]:
    """Read the events of a calendar; `zone` is that of times that say none."""
    try:
        found = Calendar.from_ical(text).walk("VEVENT")
    except _UNREADABLE as error:
        words = str(error).splitlines()[0] if str(error) else type(error).__name__
        findings.error((1, 1), f"it is no calendar: {words}", "export it again, as iCalendar (RFC 5545)")
        return []
    if len(found) > MAX_EVENTS:
        findings.error((1, 1), f"it has {len(found)} events; at most {MAX_EVENTS} are taken", "split it")
        return []
    moved = _moved(found, zone)
    places = _places(text)
    planned: list[Planned] = []
    for number, event in enumerate(found):
        place = places[number] if number < len(places) else (1, 1)
        try:
            planned += [
                Planned(_title(event), each, _attendees(event), place) for each in _times(event, moved, zone)
            ]
        except (_EventError, RuleError, OverflowError) as error:
            title = f"event {_title(event) or _text(event, 'UID') or number + 1!r}"
            mend = _RULE if isinstance(error, RuleError) or "RRULE" in str(error) else _EVENT
            findings.error(place, f"{title}: {error}", mend)
    return planned


def _times(event: Component, moved: dict[str, list[_Local]], zone: tzinfo | None) -> Iterator[Schedule]:
    if event.errors:
        name, why = event.errors[0]
        raise _EventError(f"{name} cannot be read: {why}")
    if "RECURRENCE-ID" in event:
        _local(event, "RECURRENCE-ID", zone)
    if _text(event, "STATUS").upper() == "CANCELLED":
        return
    start, own = _local(event, "DTSTART", zone)
    is_day = not isinstance(_said(event, "DTSTART").dt, datetime)
    length = _length(event, start, own, zone, is_day=is_day)
    is_itself = "RECURRENCE-ID" not in event
    but = set(_dates(event, "EXDATE", own))
    but |= {_in_zone(each, own) for each in moved.get(_text(event, "UID"), ()) if is_itself}
    rule = _said(event, "RRULE")
    if rule is not None and is_itself:
        yield Recurring(rule.to_ical().decode(), start, length, own, but=but, by_wall=is_day)
    for each in [*([] if rule is not None and is_itself else [start]), *_dates(event, "RDATE", own)]:
        if each not in but:
            yield _once(each, length, own, is_day=is_day)


def _moved(events: list[Component], zone: tzinfo | None) -> dict[str, list[_Local]]:
    """Give the occurrences, by their event's UID, that an event of their own stands for."""
    moved: dict[str, list[_Local]] = {}
    for event in events:
        if "RECURRENCE-ID" in event and not event.errors:
            try:
                moved.setdefault(_text(event, "UID"), []).append(_local(event, "RECURRENCE-ID", zone))
            except _EventError:
                continue  # told where the event itself is read
    return moved


def _once(start: datetime, length: timedelta, zone: tzinfo, *, is_day: bool) -> Once:
    begins = to_instant(start.replace(tzinfo=zone))
    return Once(begins, to_instant((start + length).replace(tzinfo=zone)) if is_day else begins + length)


def _length(
    event: Component, start: datetime, own: tzinfo, zone: tzinfo | None, *, is_day: bool
) -> timedelta:
    """Give how long an event lasts: in real time, or by the clock on the wall where it is of whole days."""
    duration = _said(event, "DURATION")
    if duration is not None:
        length = duration.dt
    elif "DTEND" in event:
        end, its = _local(event, "DTEND", zone)
        real = end.replace(tzinfo=its).astimezone(UTC) - start.replace(tzinfo=own).astimezone(UTC)
        length = end - start if is_day else real
    else:
        length = timedelta(days=1) if is_day else timedelta()
    if not isinstance(length, timedelta) or length <= timedelta():
        raise _EventError("it ends when it begins, or before")
    if length > MAX_DURATION:
        raise _EventError(f"it lasts longer than {MAX_DURATION.days} days")
    return length


def _local(event: Component, name: str, zone: tzinfo | None) -> _Local:
    """Give a moment's local time, without a zone, and its zone."""
    said = _said(event, name)
    if said is None:
        raise _EventError(f"it has no {name}")
    if "RANGE" in said.params:
        raise _EventError(
            f"{name} with RANGE=THISANDFUTURE is not followed; end the rule, and begin a new event"
        )
    return _moment(said.dt, said.params.get("TZID", ""), name, zone)


def _said(event: Component, name: str) -> Any:
    """Give what an event says under a name, of whatever type that is there; None where it says nothing."""
    said: Any = event.get(name)
    if isinstance(said, list):
        raise _EventError(f"it has several {name}")
    return said


def _moment(value: Any, named: str, name: str, zone: tzinfo | None) -> _Local:
    if isinstance(value, datetime):
        local, own = value.replace(tzinfo=None), zone
        if named:
            own = zone_of(named)
            if own is None:
                raise _EventError(f"{name} is in the zone {named!r}, which is no IANA zone")
        elif value.tzinfo is not None:
            local, own = value.astimezone(UTC).replace(tzinfo=None), UTC
    elif isinstance(value, date):
        local, own = datetime(value.year, value.month, value.day), zone  # noqa: DTZ001 - local
    else:
        raise _EventError(f"{name} is no moment")
    if own is None:
        raise _EventError(f"{name} says no zone; say timezone: where the calendar is named")
    return local, own


def _dates(event: Component, name: str, zone: tzinfo) -> list[datetime]:
    """Give the moments of a list (EXDATE, RDATE), as local times of the event's zone."""
    held: Any = event.get(name, [])
    return [
        _in_zone(_moment(one.dt, each.params.get("TZID", ""), name, zone), zone)
        for each in (held if isinstance(held, list) else [held])
        for one in each.dts
    ]


def _in_zone(moment: _Local, zone: tzinfo) -> datetime:
    """Give a moment as local time of another zone."""
    local, own = moment
    return local.replace(tzinfo=own).astimezone(zone).replace(tzinfo=None)


def _attendees(event: Component) -> tuple[tuple[str, str], ...]:
    held: Any = event.get("ATTENDEE", [])
    found = []
    for each in held if isinstance(held, list) else [held]:
        said = getattr(each, "params", {})
        if str(said.get("PARTSTAT", "")).upper() != "DECLINED":
            found.append(
                (str(each).strip().removeprefix("mailto:").removeprefix("MAILTO:"), str(said.get("CN", "")))
            )
    return tuple(found)


def _title(event: Component) -> str:
    return _text(event, "SUMMARY")


def _text(event: Component, name: str) -> str:
    found: Any = event.get(name, "")
    return str(found[0] if isinstance(found, list) and found else found)


def _places(text: str) -> list[tuple[int, int]]:
    """Give where each event begins."""
    lines = text.splitlines()
    return [(n, 1) for n, line in enumerate(lines, 1) if line.strip().upper() == "BEGIN:VEVENT"]
