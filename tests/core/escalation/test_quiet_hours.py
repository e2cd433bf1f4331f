"""Quiet hours of a person: low urgency waits until they are over."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.core.escalation.hours import closing
from app.library.windows import read_windows
from tests.core.escalation.estate import level, rung, shop
from tests.core.story import Story

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = tuple(read_windows("22:00-07:00"))


@pytest.mark.parametrize(
    ("at", "ends"),
    [
        ("2026-11-24T21:30", "2026-11-25T06:00"),  # 22:30 in Berlin, on winter time
        ("2026-11-24T03:00", "2026-11-24T06:00"),
        ("2026-11-24T06:00", "2026-11-24T06:00"),
        ("2026-11-24T12:00", "2026-11-24T12:00"),
        ("2026-10-24T22:00", "2026-10-25T06:00"),  # the night that is an hour longer
        ("2026-03-28T23:00", "2026-03-29T05:00"),  # the one that is an hour shorter
    ],
)
def test_when_the_quiet_is_over(at, ends):
    moment = datetime.fromisoformat(at).replace(tzinfo=UTC)
    assert closing(NIGHT, BERLIN, moment) == datetime.fromisoformat(ends).replace(tzinfo=UTC)


def test_windows_that_follow_one_another_are_one_quiet():
    windows = tuple(read_windows("22:00-02:00") + read_windows("01:00-05:00"))
    assert closing(windows, UTC, datetime(2026, 11, 24, 23, tzinfo=UTC)) == datetime(
        2026, 11, 25, 5, tzinfo=UTC
    )


@pytest.mark.parametrize(("severity", "seconds"), [("warning", 3 * 3600), ("critical", 0)])
def test_low_urgency_waits_and_high_urgency_does_not(severity, seconds):
    known = replace(shop(level("user:alice")), rules=replace(shop().rules, low_urgency_waits=False))
    alice = replace(known.people["alice"], zone=BERLIN, quiet_hours=NIGHT)
    story = Story(replace(known, people={**known.people, "alice": alice}))
    story.alert("Other", severity=severity)  # at 03:00 UTC
    story.at(timedelta(days=1).total_seconds())
    assert rung(story)[0] == ("alice", 1, 1, float(seconds))


@pytest.mark.parametrize("quiet", ["mon-sun", "mon-fri 08:00-18:00"])
def test_quiet_hours_that_leave_no_time_withhold_no_page(quiet):
    known = shop(level("user:alice"))
    alice = replace(known.people["alice"], zone=BERLIN, quiet_hours=tuple(read_windows(quiet)))
    story = Story(replace(known, people={**known.people, "alice": alice}))
    story.alert("Other", severity="warning")
    story.at(timedelta(days=40).total_seconds())
    assert [each[0] for each in rung(story)] == ["alice"]


def test_where_the_quiet_ends_after_work_it_is_the_next_day_on_which_there_is_time():
    known = shop(level("user:alice"))
    quiet = tuple(read_windows("mon-thu"))
    alice = replace(known.people["alice"], zone=BERLIN, quiet_hours=quiet)
    story = Story(replace(known, people={**known.people, "alice": alice}))
    story.alert("Other", severity="warning")  # on a Tuesday
    story.at(timedelta(days=10).total_seconds())
    assert rung(story)[0][3] == timedelta(days=3, hours=5).total_seconds(), "on Friday at nine"
