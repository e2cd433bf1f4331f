"""When something is planned: once, by a recurrence rule, or by calendars of the folder. For maintenance, overrides and absences."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

from app.library.calendars import Planned, read_calendar
from app.library.fields import Fields
from app.library.problems import Findings, suggest
from app.library.recurrence import Recurring, RuleError
from app.model.base import to_instant
from app.model.noise import Once, Schedule

if TYPE_CHECKING:
    from app.library.manifests import Manifests

SUFFIX = ".ics"
YEARS = range(1970, 2400)
_DAY = timedelta(days=1)
_DAYS = re.compile(r"(\d{4}-\d{2}-\d{2})(?:\s*\.\.\s*(\d{4}-\d{2}-\d{2}))?")


def read_calendars(
    fields: Fields, zone: tzinfo | None, files: Mapping[str, str], findings: Mapping[str, Findings]
) -> list[tuple[str, Planned]]:
    """Read the events of `calendar:`, an .ics file of the folder or a folder of them, each with its file."""
    for name in ("start", "end", "duration", "rrule", "days"):
        if name in fields:
            words = f"{name}: beside calendar:, whose events say when"
            fields.findings.error(fields.place_of(name), words, "take it out")
        fields.located(name)
    named = calendars_at(fields.text("calendar"), files)
    if not named:
        path = fields.text("calendar")
        known = [each for each in files if each.endswith(SUFFIX)]
        mend = suggest(path, known) if known else f"there is no {SUFFIX} file in the folder"
        fields.findings.error(fields.place_of("calendar"), f"there is no calendar {path!r}", mend)
    return [(each, planned) for each in named for planned in read_calendar(files[each], findings[each], zone)]


def calendars_at(path: str, files: Collection[str]) -> list[str]:
    """Give the calendars that a path names: itself, or all below the folder that it is."""
    below = path.rstrip("/") + "/"
    return sorted(
        each for each in files if each.endswith(SUFFIX) and (each == path or each.startswith(below))
    )


def read_times(fields: Fields, zone: tzinfo | None) -> Schedule | None:
    """Read `days:`, or `start:` with `end:` or `duration:`, or these with `rrule:`; None where that is wrong, which is told."""
    if "days" in fields:
        return _days(fields, zone)
    start, rule = _moment("start", fields, zone), fields.text("rrule")
    return _recurring(rule, start, fields, zone) if rule else _one(start, fields, zone)


def _days(fields: Fields, zone: tzinfo | None) -> Once | None:
    """Give whole days, the last one included."""
    for name in ("start", "end", "duration", "rrule"):
        if name in fields:
            fields.findings.error(fields.place_of(name), f"{name}: beside days:", "keep one of them")
        fields.located(name)
    text = fields.text("days")
    said = _DAYS.fullmatch(text)
    try:
        first, last = _day(said[1] if said else ""), _day((said[2] or said[1]) if said else "")
    except ValueError:
        mend = "write it as 2026-12-24 or, the last day included, as 2026-12-24..2027-01-02"
        fields.findings.error(fields.place_of("days"), f"days: {text!r} are no days", mend)
        return None
    if zone is None:
        words = f"days: {text!r} say no zone"
        fields.findings.error(fields.place_of("days"), words, "say timezone: beside it")
        return None
    start, end = (to_instant(each.replace(tzinfo=zone)) for each in (first, last + _DAY))
    return _in_order(fields, "days", start, end)


def _day(text: str) -> datetime:
    day = datetime.fromisoformat(text)
    if day.year not in YEARS:
        raise ValueError(f"{text} is out of reach")
    return day


def _one(start: datetime | None, fields: Fields, zone: tzinfo | None) -> Schedule | None:
    length = fields.duration("duration", timedelta())
    end = _moment("end", fields, zone)
    if "end" in fields and "duration" in fields:
        fields.findings.error(
            fields.place_of("duration"), "it has both end: and duration:", "keep one of them"
        )
        return None
    if end is None and start is not None and length:
        end = start + length
    if start is None or end is None:
        _needs("start", fields)
        if not {"end", "duration"} & set(fields.names()):
            _needs("end", fields)
        return None
    return _in_order(fields, "end", start, end)


def _in_order(fields: Fields, name: str, start: datetime, end: datetime) -> Once | None:
    if end <= start:
        fields.findings.error(fields.place_of(name), "the window ends before it begins", "turn them round")
        return None
    return Once(start, end)


def _recurring(rule: str, start: datetime | None, fields: Fields, zone: tzinfo | None) -> Schedule | None:
    length = fields.duration("duration", timedelta())
    if "end" in fields:
        words = "a window by rrule has a duration: and no end:"
        fields.findings.error(fields.place_of("end"), words, "write how long it lasts; UNTIL ends the rule")
    fields.located("end")
    if start is None or not length:
        _needs("start", fields)
        if not length:
            fields.findings.error(
                fields.place_of("duration"), "a window by rrule needs duration:", "such as 2h"
            )
        return None
    own = zone or UTC
    try:
        return Recurring(rule, start.astimezone(own).replace(tzinfo=None), length, own)
    except RuleError as error:
        words = f"rrule: {error}"
        fields.findings.error(fields.place_of("rrule"), words, "write it as FREQ=WEEKLY;BYDAY=SU")
        return None


def _needs(name: str, fields: Fields) -> None:
    if name not in fields:
        words = f"{fields.what} needs {name}:"
        fields.findings.error(
            fields.place, words, "such as 2026-12-01T22:00:00, with timezone:, or calendar:"
        )


def _moment(name: str, fields: Fields, zone: tzinfo | None) -> datetime | None:
    mend = "write it as 2026-12-01T22:00:00 beside a timezone:, or as 2026-12-01T21:00:00Z"
    return fields.moment(name, zone, years=YEARS, mend=mend)


def check_calendars(files: Collection[str], manifests: Manifests, findings: Mapping[str, Findings]) -> None:
    """Advise of calendars that no manifest names."""
    schedules = manifests.schedules_said.values()
    layers = [Fields(each, Findings(""), "") for said in schedules for each in said.items("layers")]
    named = {
        path
        for fields in (*manifests.maintenance_said, *manifests.absences_said, *layers)
        for path in calendars_at(fields.text("calendar"), files)
    }
    for path in files:
        if path.endswith(SUFFIX) and path not in named:
            mend = f"name it in a manifest: maintenance: [{{calendar: {path}}}], or as a layer of a schedule"
            findings[path].advise((1, 1), "no manifest names this calendar, so nothing comes of it", mend)
