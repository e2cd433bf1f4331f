"""iCalendar files of rotas: occurrences that were moved or left out, whole days across changes of the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.library.calendars import read_calendar
from app.library.problems import Findings
from app.library.recurrence import Recurring, RuleError
from app.library.zones import zone_of

BERLIN = zone_of("Europe/Berlin")
DAILY = ("UID:1", "DTSTART;TZID=Europe/Berlin:20261130T090000", "DURATION:PT8H", "RRULE:FREQ=DAILY")


def windows(*events: tuple[str, ...], begins: str, ends: str) -> list[str]:
    """When the events of a calendar lie between two moments, in UTC, as `start/end`."""
    start, end = (datetime.fromisoformat(each).replace(tzinfo=UTC) for each in (begins, ends))
    findings = Findings("rota.ics")
    found = read_calendar(calendar(*events), findings, BERLIN)
    assert not findings.problems
    spans = sorted(span for each in found for span in each.schedule.spans(start, end))
    return [f"{one:%d %H:%M}/{other:%d %H:%M}" for one, other in spans]


def calendar(*events: tuple[str, ...]) -> str:
    lines = [line for each in events for line in ("BEGIN:VEVENT", *each, "END:VEVENT")]
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *lines, "END:VCALENDAR", ""])


@pytest.mark.parametrize(
    "recurrence",
    [
        ";TZID=Europe/Berlin:20261201T090000",
        ":20261201T080000Z",  # as Exchange writes it
        ";TZID=America/New_York:20261201T030000",
        ":20261201T090000",
    ],
)
def test_an_occurrence_that_was_moved_is_where_it_was_moved_to_alone(recurrence):
    moved = (
        "UID:1",
        f"RECURRENCE-ID{recurrence}",
        "DTSTART;TZID=Europe/Berlin:20261201T120000",
        "DURATION:PT1H",
    )
    found = windows(DAILY, moved, begins="2026-11-30", ends="2026-12-03")
    assert found == ["30 08:00/30 16:00", "01 11:00/01 12:00", "02 08:00/02 16:00"]


def test_one_that_is_cancelled_is_not_there():
    gone = (
        "UID:1",
        "RECURRENCE-ID:20261201T080000Z",
        "DTSTART;TZID=Europe/Berlin:20261201T090000",
        "DURATION:PT8H",
        "STATUS:CANCELLED",
    )
    assert windows(DAILY, gone, begins="2026-12-01", ends="2026-12-02") == []


def test_what_is_left_out_is_left_out_of_single_dates_as_well():
    single = (
        "UID:1",
        "DTSTART;TZID=Europe/Berlin:20261130T090000",
        "DURATION:PT1H",
        "RDATE;TZID=Europe/Berlin:20261201T090000,20261202T090000,20261203T090000",
        "EXDATE:20261202T080000Z",
    )
    moved = ("UID:1", "RECURRENCE-ID:20261203T080000Z", "DTSTART:20261204T080000Z", "DURATION:PT1H")
    found = windows(single, moved, begins="2026-11-30", ends="2026-12-10")
    assert found == ["30 08:00/30 09:00", "01 08:00/01 09:00", "04 08:00/04 09:00"]


@pytest.mark.parametrize(
    ("first", "last"), [("20261005", "20261012"), ("20261019", "20261026"), ("20260323", "20260330")]
)
def test_weeks_of_whole_days_follow_one_another_also_where_the_clock_changes(first, last):
    rota = (
        "UID:1",
        f"DTSTART;VALUE=DATE:{first}",
        f"DTEND;VALUE=DATE:{last}",
        "RRULE:FREQ=WEEKLY",
    )
    found = windows(rota, begins="2026-10-20", ends="2026-11-05")
    assert found == ["18 22:00/25 23:00", "25 23:00/01 23:00", "01 23:00/08 23:00"]


def test_days_that_are_named_one_by_one_are_whole_days():
    days = ("UID:1", "DTSTART;VALUE=DATE:20261001", "RDATE;VALUE=DATE:20261025,20261026")
    found = windows(days, begins="2026-10-20", ends="2026-11-05")
    assert found == ["24 22:00/25 23:00", "25 23:00/26 23:00"]


@pytest.mark.parametrize("until", ["99991231T235959Z", "99991231", "25000101T000000"])
def test_an_end_that_is_out_of_reach_is_told(until):
    findings = Findings("rota.ics")
    read_calendar(calendar((*DAILY[:3], f"RRULE:FREQ=DAILY;UNTIL={until}")), findings, BERLIN)
    (problem,) = findings.problems
    assert f"UNTIL={until} is out of reach" in problem.message
    with pytest.raises(RuleError):
        Recurring(f"FREQ=DAILY;UNTIL={until}", datetime(2026, 1, 1), timedelta(hours=1), BERLIN)  # noqa: DTZ001


def test_a_change_of_all_that_follows_is_told_and_not_taken_for_one():
    moved = (
        "UID:1",
        "RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Berlin:20261201T090000",
        "DTSTART;TZID=Europe/Berlin:20261201T120000",
        "DURATION:PT1H",
    )
    findings = Findings("rota.ics")
    read_calendar(calendar(DAILY, moved), findings, BERLIN)
    (problem,) = findings.problems
    assert (problem.line, "THISANDFUTURE" in problem.message) == (9, True)
