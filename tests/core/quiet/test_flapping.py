"""An alert that flaps: one incident for the flapping, and none for each flap."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.core.bounds import FLAPPING, FLAPS
from app.core.record import dump
from app.model.commands import EscalationCommand
from app.model.noise import Flapping
from app.model.outputs import IncidentEvent
from app.model.words import IncidentStatus
from tests.core.estate import library, seconds
from tests.core.story import Story

MINUTE = 60


def estate(**fields) -> Story:
    rules = Flapping(**{"changes": 4, "within": seconds(1800), "calm": seconds(900), **fields})
    return Story(replace(library(reopen_window=seconds(7200)), flapping=rules))


def flap(story: Story, second: float, times: int, *, every: float = 2 * MINUTE, **labels: str) -> float:
    """The alert fires and ends so many times; gives the second of what is next."""
    for _ in range(times):
        story.at(second).alert(starts=second, **labels)
        story.at(second + every).resolves(starts=second, lasts=every, **labels)
        second += 2 * every
    return second


def events(story: Story, *kinds: str) -> list[str]:
    return [each.type for each in story.put_out(IncidentEvent) if each.type in kinds]


def test_one_incident_for_the_flapping_and_none_per_flap() -> None:
    story = estate()
    end = flap(story, 0, 20)
    assert events(story, "IncidentOpened") == ["IncidentOpened"]
    assert len(events(story, "IncidentReopened")) == 2, "as often as it takes to see that it flaps"
    assert events(story, "FlappingStarted", "FlappingEnded") == ["FlappingStarted"]
    assert (story.incident.status, story.incident.firing, story.incident.flapping) == ("triggered", 1, 1)
    story.at(end + 900)
    assert events(story, "FlappingEnded") == ["FlappingEnded"]
    assert (story.incident.status, story.incident.firing, story.incident.flapping) == ("resolved", 0, 0)
    assert story.record.quiet.flaps == {}


def test_while_it_flaps_nobody_is_paged_anew() -> None:
    story = estate()
    flap(story, 0, 3)
    paged = len(story.put_out(EscalationCommand))
    flap(story, 12 * MINUTE, 15)
    assert len(story.put_out(EscalationCommand)) == paged


def test_it_is_calm_while_it_fires() -> None:
    story = estate()
    end = flap(story, 0, 5)
    story.at(end).alert(starts=end)
    story.at(end + 899)
    assert events(story, "FlappingEnded") == []
    story.at(end + 900)
    assert events(story, "FlappingEnded") == ["FlappingEnded"]
    assert (story.incident.firing, story.incident.flapping) == (1, 0)
    story.at(end + 1000).resolves(starts=end, lasts=1000)
    assert story.incident.status is IncidentStatus.RESOLVED


@pytest.mark.parametrize(
    ("every", "times", "flaps"),
    [
        (2 * MINUTE, 2, False),  # three changes
        (2 * MINUTE, 3, True),
        (11 * MINUTE, 6, False),  # no four changes within half an hour
        (9 * MINUTE, 6, True),
    ],
)
def test_when_it_flaps(every, times, flaps) -> None:
    story = estate()
    flap(story, 0, times, every=every)
    assert bool(events(story, "FlappingStarted")) is flaps


def test_an_odd_number_of_changes_begins_with_an_end() -> None:
    story = estate(changes=3)
    end = flap(story, 0, 2)
    assert (story.incident.firing, story.incident.flapping) == (1, 1)
    story.at(end + 900)
    assert story.incident.status is IncidentStatus.RESOLVED


def test_without_a_number_nothing_flaps() -> None:
    story = estate(changes=0)
    flap(story, 0, 5)
    assert events(story, "FlappingStarted") == []
    assert len(events(story, "IncidentReopened")) == 4


def test_repeats_and_late_ones_are_no_change() -> None:
    story = estate()
    story.alert(starts=0)
    for second in range(10, 100, 10):
        story.at(second).alert(starts=None)
        story.resolves(starts=-100, lasts=50)
        story.alert(starts=-100)
    assert events(story, "FlappingStarted") == []


def test_a_person_resolves_it_and_it_begins_anew() -> None:
    story = estate()
    end = flap(story, 0, 5)
    story.at(end).responds("resolve")
    assert story.incident.flapping == 0
    story.at(end + 60).alert(starts=end + 60)
    assert story.incident.status is IncidentStatus.TRIGGERED
    assert events(story, "FlappingEnded") == []
    flap(story, end + 120, 5)
    assert events(story, "FlappingStarted") == ["FlappingStarted"] * 2


def test_resolved_by_a_person_it_counts_as_it_was_last() -> None:
    story = estate()
    story.alert("Slow", starts=0)
    end = flap(story, 0, 5)
    story.at(end).responds("resolve")
    assert story.incident.firing == 1, "the one that flapped is over"
    story.at(end + 60).alert("Slow", starts=end + 60)
    story.at(end + 90).resolves("Slow", starts=end + 60, lasts=30)
    assert story.incident.status is IncidentStatus.RESOLVED


def test_others_of_the_incident_keep_it_open() -> None:
    story = estate()
    story.alert("Slow", starts=0)
    end = flap(story, 0, 5)
    story.at(end + 900)
    assert (story.incident.status, story.incident.firing) == ("triggered", 1)
    assert events(story, "IncidentReopened") == []


def test_memory_is_bounded() -> None:
    story = estate()
    story.alert("Slow")
    for number in range(FLAPS + 50):
        flap(story, number, 1, every=0.1, pod=f"p{number}")
    assert len(story.record.quiet.flaps) == FLAPS
    for number in range(FLAPPING + 20):
        flap(story, 400 + number, 5, every=0.1, pod=f"q{number}")
    flapping = [each for each in story.record.quiet.flaps.values() if each.incident_id]
    assert 30 < len(flapping) <= FLAPPING
    assert story.incident.flapping == len(flapping)
    assert len(dump(story.record)) < 512 * 1024
    story.at(10000)
    assert story.incident.flapping == 0
    assert not [each for each in story.record.timers if each.startswith("quiet/")]


def test_what_is_calm_is_forgotten() -> None:
    story = estate()
    flap(story, 0, 1)
    assert len(story.record.quiet.flaps) == 1
    flap(story, 3600, 1, pod="b")
    assert len(story.record.quiet.flaps) == 1
