"""What people ask of an incident's pages, and an acknowledgement that goes stale."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.model.commands import ChatCommand
from app.model.noise import Once
from app.model.outputs import IncidentEvent
from app.model.policy import Policy
from app.model.runbook import Page
from app.model.schedule import Booking
from app.model.words import IncidentStatus, PageWhen
from tests.core.escalation.estate import level, rung, shop, stopped, told, with_policies
from tests.core.estate import look, page
from tests.core.story import START, Story, vouched

TWO = (level("user:alice"), level("user:bob"))


def story_of(**rules):
    story = Story(with_policies(Policy("shop", levels=TWO), **rules))
    story.alert("Other", severity="critical")
    return story


def test_a_snooze_stops_the_pages_and_its_end_pages_again():
    story = story_of()
    story.at(10).asks("alice", "snooze", seconds=1800, text="the deploy is being undone")
    assert stopped(story) == ["alice"]
    (event,) = story.put_out(IncidentEvent, type="Snoozed")
    assert (event.actor, "the deploy is being undone" in event.text) == (vouched("alice"), True)
    assert story.incident.snoozed_until is not None
    story.at(1809)
    assert len(rung(story)) == 1
    story.at(1810)
    assert rung(story)[1] == ("alice", 1, 1, 1810.0)
    assert told(story, "SnoozeEnded", "Escalated")[-2:] == [
        ("SnoozeEnded", "snooze_over"),
        ("Escalated", "snooze_over"),
    ]
    assert story.incident.snoozed_until is None


def test_a_snooze_of_what_was_acknowledged_makes_it_nobodys_at_its_end():
    story = story_of()
    story.at(10).asks("alice", "acknowledge")
    story.at(20).asks("alice", "snooze", seconds=60)
    story.at(80)
    assert (story.incident.status, story.incident.acknowledged_at) == (IncidentStatus.TRIGGERED, None)
    assert len(rung(story)) == 2


def test_what_happens_during_a_snooze_is_noted_and_becoming_worse_ends_it():
    story = Story(shop(*TWO))
    story.alert("Other", severity="error")
    story.at(10).asks("alice", "snooze", seconds=3600)
    story.at(20).alert("Other", severity="critical", pod="b")
    assert rung(story)[1] == ("alice", 1, 1, 20.0)
    assert story.incident.snoozed_until is None
    assert not [each for each in story.record.timers if each.startswith("snooze/")]


def test_who_acknowledges_during_a_snooze_takes_it_over():
    story = story_of()
    story.at(10).asks("alice", "snooze", seconds=60)
    story.at(20).asks("bob", "acknowledge")
    story.at(500)
    assert (story.incident.status, len(rung(story))) == (IncidentStatus.ACKNOWLEDGED, 1)


def test_it_is_given_to_somebody_who_is_paged_and_after_whom_the_policy_begins():
    story = story_of()
    story.at(10).asks("alice", "acknowledge")
    story.at(20).asks("alice", "assign", target="user:dave", text="it is the lake")
    assert rung(story)[1] == ("dave", 0, 1, 20.0)
    assert (story.incident.status, story.incident.responders) == (IncidentStatus.TRIGGERED, ["alice", "dave"])
    story.at(320)
    assert rung(story)[2] == ("alice", 1, 1, 320.0)
    story.at(330).asks("dave", "acknowledge")
    assert sorted(stopped(story)) == ["alice", "alice", "dave"]


@pytest.mark.parametrize("said", ["dave", "@dave", "slack:dave", "user:dave"])
def test_somebody_may_be_meant_in_several_ways(said):
    story = story_of()
    story.at(10).asks("alice", "assign", target=said)
    assert rung(story)[1][0] == "dave"


def test_who_gives_it_to_themselves_has_acknowledged():
    story = story_of()
    story.at(10).asks("bob", "assign", target="bob")
    assert (story.incident.status, stopped(story), len(rung(story))) == (
        IncidentStatus.ACKNOWLEDGED,
        ["alice"],
        1,
    )


def test_somebody_is_called_in_beside_who_is_on_it():
    story = story_of()
    story.at(10).asks("alice", "acknowledge")
    story.at(20).asks("alice", "add_responder", target="user:dave", text="the lake is full")
    assert rung(story)[1] == ("dave", 0, 1, 20.0)
    assert story.incident.status is IncidentStatus.ACKNOWLEDGED
    story.at(1000)
    assert len(rung(story)) == 2, "nobody follows who is called in"
    story.asks("dave", "acknowledge")
    assert sorted(stopped(story)) == ["alice", "dave"]


def test_the_next_level_comes_when_a_person_asks():
    story = story_of()
    story.at(10).asks("alice", "acknowledge")
    story.at(20).asks("alice", "escalate", text="I need help")
    assert rung(story)[1] == ("bob", 2, 1, 20.0)
    (event,) = story.put_out(IncidentEvent, type="EscalationAsked")
    assert "I need help" in event.text
    assert told(story, "EscalatedFurther") == [("EscalatedFurther", "by_person")]
    assert any("next level" in each.text for each in story.put_out(ChatCommand))


@pytest.mark.parametrize(
    ("kind", "fields", "reason"),
    [
        ("snooze", {"seconds": 0}, "no_time_given"),
        ("assign", {"target": "nobody"}, "unknown_target"),
        ("assign", {}, "no_target"),
        ("add_responder", {"target": "team:nobody"}, "unknown_target"),
    ],
)
def test_what_cannot_be_done_is_refused_by_name(kind, fields, reason):
    story = story_of()
    story.at(10).asks("alice", kind, **fields)
    assert story.told("ResponseRefused") == [reason]
    assert len(rung(story)) == 1


@pytest.mark.parametrize("kind", ["snooze", "assign", "add_responder", "escalate"])
def test_nothing_is_asked_of_an_incident_that_is_over(kind):
    story = story_of()
    story.at(5).resolves("Other", severity="critical")
    story.at(10).asks("alice", kind, seconds=60, target="dave")
    assert story.told("ResponseRefused") == ["not_in_this_state"]


STALE = {"ack_stale_after": timedelta(minutes=30)}


def test_an_acknowledgement_that_nothing_follows_goes_stale_and_pages_from_the_first_level():
    story = story_of(**STALE)
    story.at(10).asks("alice", "acknowledge")
    story.at(1809)
    assert len(rung(story)) == 1
    story.at(1810)
    assert rung(story)[1] == ("alice", 1, 1, 1810.0)
    assert story.told("AcknowledgementStale") == ["ack_stale"]
    assert (story.incident.status, story.incident.acknowledged_at) == (IncidentStatus.TRIGGERED, None)
    story.at(2200)
    assert rung(story)[2][0] == "bob"


def test_any_word_of_a_person_keeps_it_fresh():
    story = story_of(**STALE)
    story.at(10).asks("alice", "acknowledge")
    story.at(1000).asks("alice", "annotate", text="still at it")
    story.at(2799)
    assert not story.told("AcknowledgementStale")
    story.at(2800)
    assert story.told("AcknowledgementStale") == ["ack_stale"]


def test_it_does_not_go_stale_when_it_is_over_or_the_rules_do_not_ask():
    over, unasked = story_of(**STALE), story_of()
    for story in (over, unasked):
        story.at(10).asks("alice", "acknowledge")
    over.at(20).resolves("Other", severity="critical")
    for story in (over, unasked):
        story.at(500)
        assert not [each for each in story.record.timers if each.startswith("stale/")]


def test_what_is_put_off_does_not_go_stale_meanwhile():
    story = story_of(**STALE)
    story.at(10).asks("alice", "acknowledge")
    story.at(20).asks("alice", "snooze", seconds=4 * 3600)
    story.at(4 * 3600)
    assert len(rung(story)) == 1
    story.at(4 * 3600 + 20)
    assert rung(story)[1][0] == "alice"
    assert not story.told("AcknowledgementStale")


@pytest.mark.parametrize(("before", "after"), [("info", "warning"), ("error", "critical")])
def test_becoming_worse_pages_where_it_ends_a_snooze_whatever_would_page_without_one(before, after):
    known = shop(*TWO)
    late = page(look(timeout=timedelta(hours=9)), page=Page(PageWhen.AFTER, timedelta(hours=9)))
    story = Story(replace(known, runbooks={"crash": late}))
    story.alert("Crash", severity=before)
    story.asks("alice", "escalate")
    story.at(10).asks("alice", "snooze", seconds=3600)
    story.at(20).alert("Crash", severity=after, pod="b")
    assert rung(story)[-1] == ("alice", 1, 1, 20.0)


@pytest.mark.parametrize("kind", ["assign", "add_responder"])
def test_of_a_team_that_is_called_in_those_who_are_away_are_left_in_peace(kind):
    story = story_of()
    gone = {"carol": (Booking("carol", Once(START, START + timedelta(days=7))),)}
    story.publish(replace(story.library, hash="lib2", away=gone))
    story.at(10).asks("alice", kind, target="team:shop")
    assert "carol" not in [each[0] for each in rung(story)]
    story.at(20).asks("alice", kind, target="carol")
    assert rung(story)[-1][0] == "carol", "but who is asked for by name"


def test_who_takes_over_what_another_acknowledged_is_shown_with_it():
    story = story_of()
    story.at(10).asks("alice", "acknowledge")
    story.at(20).asks("bob", "assign", target="bob")
    assert story.incident.responders == ["alice", "bob"]
