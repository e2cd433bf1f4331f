"""Alerts that must keep coming: presence opens nothing, absence does, and its end ends it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from app.core.domains import place_alert
from app.core.identity import fingerprint
from app.core.notices import notice_signal
from app.model.commands import EscalationCommand, StepCommand
from app.model.inputs import Alert, AlertSignal
from app.model.library import Library
from app.model.matchers import Match, parse_matcher
from app.model.notices import Notice
from app.model.outputs import IncidentEvent
from app.model.presence import AlertSource, Heartbeat, Resolves, domain_of
from app.model.signals import Signal
from app.model.words import AlertStatus, IncidentStatus, NoticeKind, Severity
from tests.core.estate import library, look, page, seconds
from tests.core.story import START, Story

WATCHDOG = Heartbeat(
    name="watchdog",
    match=Match(((parse_matcher('alertname="Watchdog"'),),)),
    every=seconds(300),
    grace=seconds(120),
    service="cart",
)


def with_beats(*beats: Heartbeat, base: Library | None = None) -> Library:
    return replace(base or library(), heartbeats={each.name: each for each in beats})


def story_of(*beats: Heartbeat, base: Library | None = None) -> Story:
    return Story(with_beats(*(beats or (WATCHDOG,)), base=base), domain=domain_of("watchdog"))


def come(story: Story, status: str = "firing") -> None:
    """Watchdog comes, as Alertmanager sends it: always the same alert."""
    labels = {"alertname": "Watchdog", "severity": "none"}
    alert = Alert(labels=labels, status=AlertStatus(status), starts_at=START, fingerprint=fingerprint(labels))
    body = AlertSignal(alert=alert, severity=Severity.NONE)
    story.apply(Signal(identity=f"heartbeat@alerts/0/{len(story.world.log)}/0", body=body))


def expected(story: Story, name: str = "1") -> None:
    """A library that came into force says that it is expected."""
    notice = Notice(id=name, kind=NoticeKind.HEARTBEAT_EXPECTED, domain=story.domain, sender="library")
    story.apply(notice_signal(notice))


def opened(story: Story) -> list[IncidentEvent]:
    return story.put_out(IncidentEvent, type="IncidentOpened")


def test_it_has_a_domain_of_its_own_whatever_its_severity_and_service() -> None:
    alert = Alert(labels={"alertname": "Watchdog", "service": "stock", "severity": "none"})
    placement = place_alert(alert, with_beats(WATCHDOG))
    assert (placement.domain, placement.reason, placement.service) == (
        "heartbeat:watchdog",
        "heartbeat",
        "cart",
    )
    other = Alert(labels={"alertname": "Other", "service": "stock"})
    assert place_alert(other, with_beats(WATCHDOG)).domain == "production/stock"


def test_the_most_specific_one_takes_it() -> None:
    match = Match(((parse_matcher('alertname="Watchdog"'), parse_matcher('cluster="b"')),))
    library = with_beats(WATCHDOG, replace(WATCHDOG, name="watchdog-b", match=match))
    alert = Alert(labels={"alertname": "Watchdog", "cluster": "b"})
    assert place_alert(alert, library).domain == "heartbeat:watchdog-b"


def test_while_it_comes_nothing_is_opened() -> None:
    story = story_of()
    for second in range(0, 3000, 300):
        story.at(second)
        come(story)
    assert opened(story) == []
    assert story.record.incidents == {}


def test_that_it_stays_away_opens_an_incident_and_pages_its_owner() -> None:
    story = story_of(replace(WATCHDOG, title="Prometheus does not reach us"))
    come(story)
    assert opened(story.at(419)) == []
    story.at(420)
    incident = story.incident
    assert (incident.title, incident.severity, incident.service, incident.team) == (
        "Prometheus does not reach us",
        Severity.CRITICAL,
        "cart",
        "shop",
    )
    (alert,) = incident.alerts
    assert alert.labels == {
        "alertname": "HeartbeatAbsent",
        "heartbeat": "watchdog",
        "service": "cart",
        "severity": "critical",
    }
    assert "came last at 2026-11-24 03:00:00 UTC" in alert.annotations["description"]
    assert [each.reason for each in story.put_out(EscalationCommand)] == ["no_runbook"]


def test_it_opens_one_incident_however_long_it_stays_away() -> None:
    story = story_of()
    come(story)
    story.at(10_000)
    assert len(opened(story)) == 1
    assert story.incident.alert_count == 1


def test_when_it_comes_again_the_incident_is_over_and_all_begins_anew() -> None:
    story = story_of()
    come(story)
    story.at(500)
    come(story)
    assert (story.incident.status, story.incident.reason) == (IncidentStatus.RESOLVED, "alerts_resolved")
    story.at(919)
    assert story.incident.reopened == 0
    story.at(920)
    assert (story.incident.status, story.incident.reopened) == (IncidentStatus.TRIGGERED, 1)


def test_a_page_may_match_it() -> None:
    match = Match(((parse_matcher('heartbeat="watchdog"'),),))
    story = story_of(base=library(page(look(params={}), match=match)))
    come(story)
    story.at(420)
    assert [each.step for each in story.put_out(StepCommand, op="run")] == ["look"]


def test_one_that_never_came_is_noticed_as_well() -> None:
    story = story_of()
    expected(story)
    assert opened(story.at(419)) == []
    story.at(420)
    assert "it never came" in story.incident.alerts[0].annotations["description"]


def test_that_its_source_ends_it_is_no_presence() -> None:
    story = story_of()
    come(story)
    story.at(300)
    come(story, "resolved")
    assert opened(story) == []
    story.at(420)
    assert len(opened(story)) == 1


def test_being_expected_again_changes_nothing_while_it_comes_or_stays_away() -> None:
    story = story_of()
    come(story)
    story.at(200)
    expected(story, "2")
    story.at(419)
    assert opened(story) == []
    story.at(420)
    expected(story, "3")
    story.at(5000)
    assert len(opened(story)) == 1


def test_a_newer_library_may_be_less_patient_but_leaves_it_its_grace() -> None:
    story = story_of(replace(WATCHDOG, every=timedelta(hours=9)))
    come(story)
    story.at(1000)
    story.publish(replace(with_beats(WATCHDOG), hash="lib2"))
    expected(story, "2")
    assert opened(story.at(1119)) == []
    assert len(opened(story.at(1120))) == 1


def test_one_that_a_newer_library_does_not_know_is_expected_no_more() -> None:
    story = story_of()
    come(story)
    story.publish(library(hash_="lib2"))
    story.at(5000)
    assert opened(story) == []
    assert story.record.heartbeat is None
    assert story.record.timers == {}


def test_what_stays_away_is_over_once_nobody_wants_it() -> None:
    story = story_of()
    come(story)
    story.at(450)
    story.publish(library(hash_="lib2"))
    story.at(720)
    assert story.incident.status is IncidentStatus.RESOLVED
    assert story.record.heartbeat is None


def test_a_timer_that_comes_late_says_that_we_were_away() -> None:
    story = story_of()
    come(story)
    story.world.now = START + seconds(420 + 61)
    story.world.go_to(story.world.now)
    assert opened(story) == []
    assert len(opened(story.at(481 + 300))) == 1


def test_a_person_who_ends_it_hears_of_it_again_only_when_it_has_come_between() -> None:
    story = story_of()
    come(story)
    story.at(420)
    story.responds("resolve")
    story.at(1000)
    assert story.incident.status is IncidentStatus.RESOLVED
    come(story)
    assert len(opened(story.at(1419))) == 1
    assert len(opened(story.at(1420))) == 2


@pytest.mark.parametrize("domain", ["heartbeat:x/cart", "production/heartbeat:watchdog"])
def test_no_other_domain_is_taken_for_one(domain: str) -> None:
    story = Story(with_beats(WATCHDOG), domain=domain)
    story.alert()
    assert len(opened(story)) == 1


@pytest.mark.parametrize("resolves", [None, Resolves.AFTER, Resolves.MANUAL])
def test_absence_lasts_until_it_comes_whatever_is_said_of_alerts_that_are_not_repeated(
    resolves: Resolves | None,
) -> None:
    base = library(silent_after=seconds(3600))
    if resolves is not None:
        anything = Match(((parse_matcher('alertname=~".+"'),),))
        base = replace(base, sources={"all": AlertSource("all", anything, resolves, seconds(600))})
    story = story_of(base=base)
    expected(story)
    story.at(86400)
    assert (story.incident.status, story.incident.firing) == (IncidentStatus.TRIGGERED, 1)
    assert story.told("AlertsEnded") == []
    come(story)
    assert story.incident.status is IncidentStatus.RESOLVED


def test_an_absence_that_somebody_takes_up_again_lasts_as_well() -> None:
    story = story_of(base=library(silent_after=seconds(3600)))
    expected(story)
    story.at(1000).responds("resolve")
    story.at(1100).responds("reopen")
    assert story.at(20000).incident.status is IncidentStatus.TRIGGERED
