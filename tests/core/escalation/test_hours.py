"""Business hours: when they begin next, and whom a page of low urgency waits for."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.core.escalation.hours import opening
from app.model.catalog import NINE_TO_FIVE
from app.model.noise import Once
from app.model.policy import Policy
from app.model.schedule import Booking, Window
from tests.core.escalation.estate import level, rung, shop, team, told, with_policies
from tests.core.story import START, Story

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("zone", "at", "wanted"),
    [
        (
            "Europe/Berlin",
            "2026-11-24T03:00",
            "2026-11-24T08:00",
        ),  # Tuesday before nine; Berlin is one hour ahead
        ("Europe/Berlin", "2026-11-24T08:00", "2026-11-24T08:00"),  # they have begun
        ("Europe/Berlin", "2026-11-24T15:59", "2026-11-24T15:59"),
        ("Europe/Berlin", "2026-11-24T16:00", "2026-11-25T08:00"),  # 17:00 is not with them
        ("Europe/Berlin", "2026-11-27T16:00", "2026-11-30T08:00"),  # Friday evening waits for Monday
        (
            "Europe/Berlin",
            "2026-03-27T17:00",
            "2026-03-30T07:00",
        ),  # clocks are put forward on Sunday the 29th
        ("Europe/Berlin", "2026-10-23T17:00", "2026-10-26T08:00"),  # and back on Sunday the 25th
        ("America/New_York", "2026-11-24T03:00", "2026-11-24T14:00"),
        ("Asia/Kolkata", "2026-11-24T03:00", "2026-11-24T03:30"),
        ("UTC", "2026-11-28T12:00", "2026-11-30T09:00"),
    ],
)
def test_when_business_hours_begin(zone, at, wanted):
    given, expected = (datetime.fromisoformat(each).replace(tzinfo=UTC) for each in (at, wanted))
    assert opening(NINE_TO_FIVE, ZoneInfo(zone), given) == expected


def test_without_hours_there_is_nothing_to_wait_for():
    assert opening((), BERLIN, START) == START


def test_low_urgency_waits_for_the_hours_of_the_team_and_high_urgency_for_nobody():
    known = team(shop(level("user:alice")), zone=BERLIN)
    low, high = Story(known), Story(known)
    low.alert("Other", severity="warning")
    high.alert("Other", severity="error")
    assert (rung(low), [each[0] for each in rung(high)]) == ([], ["alice"])
    assert told(low, "EscalationScheduled", "Escalated") == [("EscalationScheduled", "business_hours")]
    low.at(5 * 3600)
    assert rung(low) == [("alice", 1, 1, 5 * 3600.0)]


def test_the_first_of_a_level_that_is_at_work_is_enough_and_who_sleeps_is_left_alone():
    known = shop(level("user:alice", "user:bob", "channel:#shop"))
    people = {
        **known.people,
        "alice": replace(known.people["alice"], zone=BERLIN),
        "bob": replace(known.people["bob"], zone=NEW_YORK),
    }
    story = Story(replace(known, people=people))
    story.alert("Other", severity="warning")
    story.at(5 * 3600)
    assert [each[0] for each in rung(story)] == ["alice", "channel:#shop"]


def test_a_channel_alone_waits_for_nobody():
    story = Story(team(shop(level("channel:#shop")), zone=BERLIN))
    story.alert("Other", severity="warning")
    assert [each[0] for each in rung(story)] == ["channel:#shop"]


def test_a_rise_in_urgency_ends_the_waiting():
    story = Story(team(shop(level("user:alice")), zone=BERLIN))
    story.alert("Other", severity="warning")
    story.at(60).alert("Other", severity="critical", pod="b")
    assert rung(story) == [("alice", 1, 1, 60.0)]
    story.at(5 * 3600)
    assert len(rung(story)) == 1, "the waiting is over as well"


@pytest.mark.parametrize("zone", [None, BERLIN])
def test_where_no_zone_is_known_or_the_rules_say_so_nobody_is_waited_for(zone):
    known = with_policies(Policy("shop", levels=(level("user:alice"),)), low_urgency_waits=zone is None)
    story = Story(team(known, zone=zone))
    story.alert("Other", severity="warning")
    assert len(rung(story)) == 1


def test_a_person_may_keep_hours_of_their_own():
    known = shop(level("user:alice"))
    early = (Window(timedelta(days=1, hours=5), timedelta(hours=4)),)  # Tuesdays from five to nine
    alice = replace(known.people["alice"], zone=BERLIN, hours=early)
    story = Story(replace(known, people={**known.people, "alice": alice}))
    story.alert("Other", severity="warning")
    story.at(3600)
    assert rung(story) == [("alice", 1, 1, 3600.0)]


def test_who_is_away_keeps_nobody_else_from_being_paged():
    known = shop(level("user:alice", "user:bob"))
    people = {
        **known.people,
        "alice": replace(known.people["alice"], zone=BERLIN),
        "bob": replace(known.people["bob"], zone=NEW_YORK),
    }
    gone = {"alice": (Booking("alice", Once(START, START + timedelta(days=7))),)}
    story = Story(replace(known, people=people, away=gone))
    story.at(5 * 3600 + 60).alert("Other", severity="warning")  # nine o'clock in Berlin, where alice is away
    story.at(12 * 3600)
    assert [each[0] for each in rung(story)] == ["bob"], "two in the afternoon in UTC is nine in New York"
