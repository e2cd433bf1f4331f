"""Time intervals as recurrences that the library follows; what cannot be said is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.library.located import read_yaml
from app.library.problems import Findings
from app.library.recurrence import Recurring
from app.migration.intervals import recurrences
from app.migration.words import CannotError


def read(text):
    findings = Findings("a.yml")
    found = recurrences(read_yaml(text, findings), findings)
    assert findings.problems == []
    return found


def within(text, moment):
    return any(window(each).active(moment) is not None for each in read(text))


def window(recurrence):
    start, lasts = datetime.fromisoformat(recurrence.start), timedelta(minutes=recurrence.minutes)
    return Recurring(recurrence.rrule, start, lasts, ZoneInfo(recurrence.timezone))


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("{}", ["2026-03-02T00:00", "2026-03-02T23:59"], []),
        (
            "times: [{start_time: '09:00', end_time: '17:00'}]",
            ["2026-03-02T09:00", "2026-03-02T16:59"],
            ["2026-03-02T08:59", "2026-03-02T17:00"],
        ),
        (
            "times: [{start_time: '22:00', end_time: '24:00'}, {start_time: '0:00', end_time: '06:00'}]",
            ["2026-03-02T23:59", "2026-03-03T00:00"],
            ["2026-03-03T06:00", "2026-03-03T21:59"],
        ),
        (
            "weekdays: ['monday:wednesday', Saturday]",
            ["2026-03-02T12:00", "2026-03-07T12:00"],
            ["2026-03-05T12:00"],
        ),
        ("weekdays: ['sunday:monday']", ["2026-03-01T12:00", "2026-03-02T12:00"], ["2026-03-03T12:00"]),
        ("days_of_month: ['1:5', '-3:-1']", ["2026-03-05T12:00", "2026-03-29T12:00"], ["2026-03-28T12:00"]),
        ("days_of_month: ['30:-1']", ["2026-03-31T12:00"], ["2026-02-28T12:00"]),
        ("days_of_month: ['1:31']", ["2026-02-28T12:00", "2026-03-31T12:00"], []),
        ("days_of_month: ['-31:-30']", ["2026-03-01T12:00", "2026-04-01T12:00"], ["2026-04-02T12:00"]),
        (
            "months: ['1:3', may, 'Nov']".replace("Nov", "november"),
            ["2026-02-01T12:00", "2026-05-31T12:00"],
            ["2026-04-01T12:00"],
        ),
        (
            "years: ['2026:2027', '2030']",
            ["2026-01-01T00:00", "2027-12-31T23:59"],
            ["2028-01-01T00:00", "2025-06-01T12:00"],
        ),
        (
            "times: [{start_time: '09:00', end_time: '17:00'}]\nlocation: Australia/Sydney",
            ["2026-03-01T22:00", "2026-03-02T05:59"],
            ["2026-03-01T21:59", "2026-03-02T06:00"],
        ),
        (
            "years: ['2026']\nlocation: America/Lima",
            ["2027-01-01T04:59"],
            ["2027-01-01T05:00", "2026-01-01T04:59"],
        ),
        (
            "weekdays: [friday]\ndays_of_month: ['13']\nmonths: ['3']",
            ["2026-03-13T12:00"],
            ["2026-03-06T12:00", "2026-02-13T12:00"],
        ),
    ],
)
def test_an_interval_is_the_same_time(text, inside, outside):
    for moment, expected in [*((each, True) for each in inside), *((each, False) for each in outside)]:
        assert within(text, datetime.fromisoformat(moment).replace(tzinfo=UTC)) is expected, moment


def test_each_range_of_hours_and_years_is_a_recurrence():
    text = "times: [{start_time: '01:00', end_time: '02:30'}, {start_time: '05:00', end_time: '06:00'}]\nyears: ['2026', '2028']"
    found = read(text)
    assert [(each.start, each.minutes) for each in found] == [
        ("2026-01-01T01:00:00", 90),
        ("2028-01-01T01:00:00", 90),
        ("2026-01-01T05:00:00", 60),
        ("2028-01-01T05:00:00", 60),
    ]
    assert {each.rrule for each in found} == {
        "FREQ=DAILY;UNTIL=20261231T235959Z",
        "FREQ=DAILY;UNTIL=20281231T235959Z",
    }


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("location: Local", "its location is Local"),
        ("location: Middle/Earth", "there is no time zone 'Middle/Earth'"),
        ("times: [{start_time: '22:00', end_time: '06:00'}]", "ends before it begins"),
        ("times: [{start_time: '9', end_time: '06:00'}]", "'9' is no time of day"),
        ("weekdays: [mon]", "'mon' is no day of the week"),
        ("weekdays: ['friday:monday']", "ends before it begins"),
        ("days_of_month: ['5:-3']", "begins from one end and ends from the other"),
        ("days_of_month: ['5:3']", "ends before it begins"),
        ("days_of_month: ['0']", "'0' is no day of the month"),
        ("months: ['13']", "'13' is no month"),
        ("years: [soon]", "'soon' is no year"),
        ("weeks: [1]", "it has 'weeks', which nobody knows here"),
    ],
)
def test_what_cannot_be_said_is_refused(text, why):
    with pytest.raises(CannotError) as error:
        read(text)
    assert why in str(error.value)
