"""System events that page without an alert."""

from dataclasses import replace

import pytest

from app.model.inputs import SystemEvent, SystemEventSignal
from app.model.matchers import parse_matcher
from app.model.outputs import IncidentEvent
from app.model.policy import EventRule, Policy, Unless
from app.model.words import IncidentStatus, Severity
from tests.core.escalation.estate import level, rung, with_policies
from tests.core.estate import seconds
from tests.core.story import Story

FAILOVER = EventRule("failover", (parse_matcher('type="failover"'),), policy="dba", severity=Severity.ERROR)
PATIENT = replace(FAILOVER, unless=Unless((parse_matcher('type="failover.ended"'),), seconds(120)))


def story_of(*rules):
    known = with_policies(
        Policy("shop", levels=(level("user:alice"),)),
        Policy("dba", levels=(level("user:dave"), level("user:bob"))),
    )
    return Story(replace(known, event_rules=rules))


def happens(story, type_="failover", id_="", **fields):
    event = SystemEvent(
        id=id_ or f"e{len(story.log)}",
        type=type_,
        **{"service": "cart", "subject": "db-1", "summary": "db-1 failed over", **fields},
    )
    return story.happens(SystemEventSignal(event=event), f"system_event:{event.id}")


def test_an_event_pages_without_an_alert_by_the_policy_of_its_rule():
    story = story_of(FAILOVER)
    happens(story)
    assert rung(story) == [("dave", 1, 1, 0.0)]
    incident = story.incident
    assert (incident.title, incident.severity, incident.alert_count) == (
        "db-1 failed over",
        Severity.ERROR,
        0,
    )
    (opened,) = story.put_out(IncidentEvent, type="IncidentOpened")
    assert opened.data["team"] == incident.team == "shop"
    story.at(300)
    assert rung(story)[1][0] == "bob"
    story.at(310).asks("bob", "acknowledge")
    story.at(400).asks("bob", "resolve")
    assert story.incident.status is IncidentStatus.RESOLVED


def test_an_event_of_no_rule_pages_nobody():
    story = story_of(FAILOVER)
    happens(story, "deploy")
    assert not story.record.incidents


def test_one_that_is_over_in_time_is_forgotten():
    story = story_of(PATIENT)
    happens(story)
    story.at(119)
    happens(story, "failover.ended")
    story.at(1000)
    assert not story.record.incidents
    assert not story.record.awaited
    assert not story.record.timers


@pytest.mark.parametrize("ended", [None, {"subject": "db-2"}])
def test_one_that_is_not_over_in_time_pages_then(ended):
    story = story_of(PATIENT)
    happens(story)
    if ended is not None:
        story.at(60)
        happens(story, "failover.ended", **ended)
    story.at(119)
    assert not story.record.incidents
    story.at(120)
    assert rung(story) == [("dave", 1, 1, 120.0)]
    story.at(5000)
    assert len(story.record.incidents) == 1


def test_when_it_is_over_later_the_incident_is_too():
    story = story_of(PATIENT)
    happens(story)
    story.at(200)
    happens(story, "failover.ended")
    assert (story.incident.status, story.incident.reason) == (IncidentStatus.RESOLVED, "event_recovered")


def test_with_an_open_incident_of_its_service_it_pages_there():
    story = story_of(FAILOVER)
    story.alert("Other", severity="info")
    story.at(5).asks("alice", "acknowledge")
    happens(story)
    assert [each.reason for each in story.put_out(IncidentEvent, type="EventJoined")] == ["failover"]
    assert len(story.record.incidents) == 1


def test_the_same_event_again_changes_nothing():
    story = story_of(FAILOVER)
    happens(story, id_="one")
    assert happens(story, id_="one") == []


def test_a_rule_that_was_taken_back_meanwhile_pages_nobody():
    story = story_of(PATIENT)
    happens(story)
    story.publish(replace(story.library, hash="lib2", event_rules=()))
    story.at(200)
    assert not story.record.incidents


def test_of_very_many_that_are_waited_for_the_oldest_page_at_once():
    story = story_of(PATIENT)
    for number in range(51):
        happens(story, subject=f"db-{number}", id_=f"e-{number}")
    assert len(story.record.awaited) == 50
    assert len(rung(story)) == 1


def test_events_whose_time_is_over_together_open_an_incident_each():
    story = story_of(PATIENT)
    for number, service in enumerate(("cart", "stock", "lake")):
        happens(story, id_=f"f{number}", service=service, summary=f"{service} failed over")
    story.at(120)
    titles = [each.title for each in story.record.incidents.values()]
    assert titles == ["cart failed over", "stock failed over", "lake failed over"]


@pytest.mark.parametrize(
    ("then", "fields", "second"),
    [("snooze", {"seconds": 60}, 70), ("assign", {"target": "carol"}, 310), ("escalate", {}, 10)],
)
def test_whatever_people_ask_the_policy_is_that_of_the_rule(then, fields, second):
    story = story_of(FAILOVER)
    happens(story)
    story.at(10).asks("dave", then, **fields)
    story.at(second)
    assert rung(story)[-1] == ("bob" if then == "escalate" else "dave", 2 - (then != "escalate"), 1, second)


def test_a_policy_that_is_newer_than_the_incident_pages_all_the_same():
    newer = replace(story_of(FAILOVER).library, hash="newer")
    older = replace(newer, hash="older", policies={}, event_rules=())
    story = Story(older)
    story.alert("Other", severity="error")
    assert not rung(story)
    story.publish(newer)
    story.at(10)
    happens(story)
    story.at(310)
    assert [each[0] for each in rung(story)] == ["dave", "bob"]


def test_one_event_that_is_over_does_not_end_what_another_one_needs():
    story = story_of(PATIENT)
    happens(story)
    story.at(1)
    happens(story, subject="db-2", summary="db-2 failed over")
    story.at(130)
    happens(story, "failover.ended")
    assert story.incident.status is IncidentStatus.TRIGGERED
    story.at(140)
    happens(story, "failover.ended", subject="db-2")
    assert story.incident.status is IncidentStatus.RESOLVED
