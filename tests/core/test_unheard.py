"""What is not heard of any more: alerts of sources that tell no end, and incidents that are silent."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.core.bounds import SEEN
from app.model.commands import EscalationCommand
from app.model.incident import IncidentSnapshot
from app.model.library import Library
from app.model.matchers import Match, parse_matcher
from app.model.outputs import IncidentEvent
from app.model.presence import AlertSource, Resolves
from app.model.signals import Signal, Source
from app.model.words import IncidentStatus
from tests.core.estate import library, look, mend, page, seconds
from tests.core.story import Story, alert_signal


def source(line: str, resolves: Resolves, after: float = 0, name: str = "cron") -> AlertSource:
    return AlertSource(name, Match(((parse_matcher(line),),)), resolves, seconds(after))


def with_sources(base: Library, *sources: AlertSource) -> Library:
    return replace(base, sources={each.name: each for each in sources})


AFTER = source('alertname="Crash"', Resolves.AFTER, 300)
MANUAL = source('alertname="Crash"', Resolves.MANUAL)


def story_of(*sources: AlertSource, pages: Any = (), **rules: Any) -> Story:
    return Story(with_sources(library(*(pages or (page(look()),)), **rules), *sources))


def told_again(story: Story, offset: int, **labels: str) -> None:
    """The alert is sent once more, as Alertmanager does."""
    signal = alert_signal(**labels)
    story.apply(
        Signal(
            identity=signal.identity,
            source=Source(topic="alerts", partition=0, offset=offset),
            body=signal.body,
        )
    )


def state(story: Story) -> tuple[str, str]:
    return story.incident.status.value, story.incident.reason


def test_an_alert_that_is_not_repeated_counts_as_over() -> None:
    story = story_of(AFTER)
    story.alert()
    assert story.at(299).incident.firing == 1
    story.at(300)
    assert state(story) == ("resolved", "alerts_not_repeated")
    assert story.told("AlertsEnded") == ["alerts_not_repeated"]
    assert [each.status.value for each in story.incident.alerts] == ["resolved"]


def test_each_repeat_begins_the_time_anew_and_makes_no_snapshot() -> None:
    story = story_of(AFTER)
    story.alert()
    story.at(200)
    before = len(story.put_out(IncidentSnapshot))
    told_again(story, 1)
    assert len(story.put_out(IncidentSnapshot)) == before
    assert story.at(499).incident.status is IncidentStatus.TRIGGERED
    assert story.at(500).incident.status is IncidentStatus.RESOLVED


def test_a_repeat_that_intake_reads_again_is_no_repeat() -> None:
    story = story_of(AFTER)
    story.at(0)
    told_again(story, 7)
    story.at(200)
    told_again(story, 7)
    assert story.at(300).incident.status is IncidentStatus.RESOLVED


def test_a_message_that_intake_reads_again_after_its_alert_is_over_changes_nothing() -> None:
    story = story_of(AFTER)
    told_again(story, 7)
    story.at(300)
    told_again(story, 7)
    assert story.incident.status is IncidentStatus.RESOLVED


def test_each_alert_has_a_time_of_its_own() -> None:
    story = story_of(AFTER)
    story.alert(pod="a")
    story.at(100).alert(pod="b", starts=100)
    assert story.at(300).incident.firing == 1
    assert story.incident.status is IncidentStatus.TRIGGERED
    assert story.at(400).incident.status is IncidentStatus.RESOLVED


def test_an_alert_of_another_source_waits_for_its_end() -> None:
    story = story_of(AFTER)
    story.alert()
    story.alert("Slow")
    story.at(5000)
    assert (story.incident.firing, story.incident.status) == (1, IncidentStatus.TRIGGERED)


def test_one_that_is_repeated_after_all_reopens_its_incident() -> None:
    story = story_of(AFTER)
    story.alert()
    story.at(310)
    told_again(story, 1)
    assert (story.incident.status, story.incident.reopened) == (IncidentStatus.TRIGGERED, 1)


def test_one_that_is_repeated_after_its_incident_was_closed_opens_another() -> None:
    story = story_of(AFTER)
    story.alert()
    story.at(3000)
    assert story.record.incidents == {}
    told_again(story, 1)
    first, second = story.put_out(IncidentEvent, type="IncidentOpened")
    assert (first.incident_id == second.incident_id, first.id == second.id) == (False, False)
    told_again(story, 1)
    assert len(story.put_out(IncidentEvent, type="IncidentOpened")) == 2, "read again"


def test_one_that_a_person_ended_stays_so_however_often_it_is_repeated() -> None:
    story = story_of(AFTER)
    story.alert()
    story.at(10).responds("resolve")
    for offset in range(1, 9):
        story.at(100 * offset)
        told_again(story, offset)
    assert len(story.put_out(IncidentEvent, type="IncidentOpened")) == 1
    assert story.told("IncidentReopened") == []


def test_its_source_may_still_say_that_it_is_over() -> None:
    story = story_of(AFTER)
    story.alert()
    story.at(50).resolves()
    assert state(story) == ("resolved", "alerts_resolved")


def test_a_timer_that_comes_late_says_that_we_were_away() -> None:
    story = story_of(AFTER)
    story.alert()
    (timer,) = [each for each in story.record.timers.values() if each.id.startswith("unheard/")]
    story.world.now = timer.due + seconds(90)
    story.world.go_to(story.world.now)
    assert story.incident.status is IncidentStatus.TRIGGERED
    told_again(story, 1)
    story.at(900)
    assert state(story) == ("resolved", "alerts_not_repeated")


def test_the_most_specific_source_decides() -> None:
    exact = AlertSource(
        "exact",
        Match(((parse_matcher('alertname="Crash"'), parse_matcher('pod="a"')),)),
        Resolves.AFTER,
        seconds(60),
    )
    story = story_of(AFTER, exact)
    story.alert(pod="a")
    story.alert(pod="b")
    assert story.at(60).incident.firing == 1


def test_a_resolve_that_only_a_person_may_say_changes_nothing_and_is_shown() -> None:
    story = story_of(MANUAL)
    story.alert()
    story.at(5).resolves()
    assert (story.incident.firing, story.incident.status) == (1, IncidentStatus.TRIGGERED)
    assert story.told("AlertEndIgnored") == ["resolves_manual"]
    story.at(9000)
    assert story.incident.status is IncidentStatus.TRIGGERED
    story.responds("resolve")
    assert story.incident.status is IncidentStatus.RESOLVED


@pytest.mark.parametrize(
    ("sources", "reasons"),
    [((), ["still_firing"]), ((MANUAL,), ["only_a_person_ends_it"]), ((AFTER,), [])],
)
def test_at_the_end_of_its_runbook_people_look_where_it_is_not_over_by_itself(sources, reasons) -> None:
    story = story_of(*sources, pages=(page(mend()),))
    story.alert()
    story.answer("mend")
    assert [each.reason for each in story.put_out(EscalationCommand)] == reasons


def test_an_alert_that_is_repeated_after_its_runbook_ended_well_pages_once() -> None:
    story = story_of(AFTER, pages=(page(mend()),))
    story.alert()
    story.answer("mend")
    for offset in (1, 2, 3):
        story.at(100 * offset)
        told_again(story, offset)
    assert [each.reason for each in story.put_out(EscalationCommand)] == ["still_firing"]
    assert story.told("EscalationNoted") == []


def test_an_incident_of_which_nothing_is_heard_is_over() -> None:
    story = story_of(silent_after=seconds(1000))
    story.alert(pod="a")
    story.at(10).alert(pod="b", starts=10)
    story.at(500)
    told_again(story, 1, pod="a")
    assert story.at(1499).incident.firing == 2
    story.at(1500)
    assert state(story) == ("resolved", "silent_too_long")
    assert story.incident.firing == 0


def test_silence_never_ends_what_only_a_person_ends() -> None:
    story = story_of(MANUAL, silent_after=seconds(1000))
    story.alert()
    story.at(9000)
    assert story.incident.status is IncidentStatus.TRIGGERED


def test_silence_is_no_end_unless_the_rules_say_so() -> None:
    story = story_of()
    story.alert()
    story.at(10**6)
    assert story.incident.status is IncidentStatus.TRIGGERED
    assert [each for each in story.record.timers if each.startswith(("silent/", "unheard/"))] == []


def test_a_person_who_takes_it_up_again_has_it_for_as_long_again() -> None:
    story = story_of(silent_after=seconds(1000), reopen_window=seconds(5000))
    story.alert()
    story.at(10).responds("resolve")
    story.at(2000).responds("reopen")
    assert story.at(2999).incident.status is IncidentStatus.TRIGGERED
    assert state(story.at(3000)) == ("resolved", "silent_too_long")


@pytest.mark.parametrize("rules", [{}, {"silent_after": seconds(300)}])
def test_one_that_flaps_and_is_not_repeated_is_over_and_counts_anew(rules: dict[str, Any]) -> None:
    story = story_of(*([] if rules else [AFTER]), **rules)
    for start in (0, 60, 120):
        story.at(start).alert(starts=start)
        story.at(start + 30).resolves(starts=start, lasts=20)
    story.at(180).alert(starts=180)
    assert story.incident.flapping == 1
    story.at(600)
    assert state(story)[0] == "resolved"
    assert (story.incident.firing, story.incident.flapping, story.record.quiet.flaps) == (0, 0, {})
    told_again(story.at(700), 99, starts=180)
    assert (*state(story), story.incident.firing) == ("triggered", "fires_again", 1)


def test_what_was_forgotten_and_comes_again_bears_no_id_twice() -> None:
    """Whoever drops repeated ids would drop the page, and whoever keeps the highest version would show the incident as closed."""
    story = Story(library(reopen_window=seconds(60)))
    story.alert(severity="critical")
    [first] = story.record.incidents
    story.at(10).responds("resolve")
    story.at(1000)
    assert story.record.incidents == {}
    for offset in (1, 2):
        others = [f"{offset}{each:015x}" for each in range(SEEN)]  # in place of as many other inputs
        story.world.records[story.domain] = story.record.model_copy(update={"seen": others})
        told_again(story, offset, severity="critical")
        [again] = story.record.incidents
        assert again != first
        story.at(1000 + offset * 1000).responds("resolve")
        story.at(1500 + offset * 1000)
    for kind in (IncidentEvent, EscalationCommand):
        ids = [each.id for each in story.put_out(kind)]
        assert len(ids) == len(set(ids))
