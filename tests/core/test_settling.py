"""When an incident is over that nobody ends: all its alerts are, and stay so for the settling time."""

from __future__ import annotations

import pytest

from app.model.commands import EscalationCommand
from app.model.incident import IncidentSnapshot
from app.model.outputs import IncidentEvent
from app.model.words import ExecutionStatus, IncidentStatus
from tests.core.estate import library, look, mend, page, quiet, seconds
from tests.core.story import START, Story

LOOK = look(timeout=seconds(400))


def settling(*pages, severity: str = "warning") -> Story:
    """An incident whose only alert ended at second 100; it is over at 160."""
    story = Story(library(*(pages or (page(look()),)), settle_after=seconds(60)))
    story.alert(severity=severity)
    story.at(100).resolves(severity=severity)
    return story


def test_it_waits_for_the_settling_time_and_shows_it() -> None:
    story = settling()
    assert story.incident.status is IncidentStatus.TRIGGERED
    assert story.put_out(IncidentSnapshot)[-1].settles_at == START + seconds(160)
    assert story.told("SettlingStarted") == ["alerts_resolved"]
    story.at(159)
    assert story.incident.status is IncidentStatus.TRIGGERED
    story.at(160)
    assert (story.incident.status, story.incident.reason) == (IncidentStatus.RESOLVED, "alerts_resolved")
    assert story.incident.settles_at is None


def test_an_alert_that_fires_again_ends_the_settling_time_and_it_begins_anew() -> None:
    story = settling()
    story.at(130).alert(starts=130)
    assert (story.told("SettlingEnded"), story.incident.settles_at) == (["fires_again"], None)
    story.at(200)
    assert story.incident.status is IncidentStatus.TRIGGERED
    assert story.told("IncidentReopened") == []
    story.resolves(starts=130, lasts=60)
    assert story.at(259).incident.status is IncidentStatus.TRIGGERED
    assert story.at(260).incident.status is IncidentStatus.RESOLVED


def test_automation_that_has_not_acted_stands_still_and_goes_on_where_it_was() -> None:
    story = settling(page(LOOK, mend()))
    assert story.execution.is_paused
    story.answer("look")
    assert story.sent("mend") == []
    story.at(130).alert(starts=130)
    assert not story.execution.is_paused
    assert story.control.permits or story.sent("mend")


def test_automation_that_has_not_acted_ends_with_the_settling_time() -> None:
    story = settling(page(LOOK, mend()))
    story.at(160)
    assert (story.execution.status, story.execution.reason) == (ExecutionStatus.CANCELLED, "alerts_resolved")


def test_a_person_who_paused_an_execution_finds_it_paused() -> None:
    story = Story(library(page(LOOK, mend()), settle_after=seconds(60)))
    story.alert()
    story.at(50).asks("bob", "pause")
    story.at(100).resolves()
    story.at(130).alert(starts=130)
    assert story.execution.is_paused


def test_automation_that_acted_verifies_first_and_the_settling_time_is_over_by_then() -> None:
    story = Story(library(page(mend(), quiet()), settle_after=seconds(60)))
    story.alert()
    story.answer("mend")
    story.at(10).resolves()
    assert not story.execution.is_paused
    story.at(31)
    assert story.execution.status is ExecutionStatus.SUCCEEDED
    assert story.incident.status is not IncidentStatus.RESOLVED
    story.at(70)
    assert story.incident.status is IncidentStatus.RESOLVED


def test_nobody_is_paged_for_what_may_be_over() -> None:
    story = Story(library(page(LOOK), settle_after=seconds(60), page_error_after=seconds(120)))
    story.alert(severity="error")
    story.at(100).resolves(severity="error")
    story.at(125)
    assert story.put_out(EscalationCommand) == []
    story.at(500)
    assert story.put_out(EscalationCommand) == []


def test_who_is_to_be_paged_is_paged_once_it_fires_again() -> None:
    story = Story(library(page(LOOK), settle_after=seconds(60), page_error_after=seconds(120)))
    story.alert(severity="error")
    story.at(100).resolves(severity="error")
    story.at(130).alert(severity="error", starts=130)
    story.at(161)
    assert [each.reason for each in story.put_out(EscalationCommand)] == ["error_after"]


@pytest.mark.parametrize("after", [0, 60])
def test_what_a_person_takes_up_again_is_theirs_to_end_until_an_alert_fires(after: int) -> None:
    story = Story(library(page(LOOK), settle_after=seconds(after)))
    story.alert()
    story.at(5).resolves()
    story.at(100).responds("reopen")
    assert story.at(300).incident.status is IncidentStatus.TRIGGERED
    story.alert(starts=300)
    story.at(310).resolves(starts=300, lasts=10)
    assert story.at(400).incident.status is IncidentStatus.RESOLVED


def test_a_person_need_not_wait() -> None:
    story = settling()
    story.at(110).responds("resolve")
    assert (story.incident.status, story.incident.reason) == (IncidentStatus.RESOLVED, "by_person")
    assert story.incident.settles_at is None
    assert [each for each in story.record.timers if each.startswith("settle/")] == []


def test_without_a_settling_time_it_is_over_at_once() -> None:
    story = Story(library(page(look())))
    story.alert()
    story.at(5).resolves()
    assert story.incident.status is IncidentStatus.RESOLVED
    assert story.put_out(IncidentEvent, type="SettlingStarted") == []


@pytest.mark.parametrize("after", [0, 60])
def test_an_incident_without_alerts_is_never_over_by_itself(after: int) -> None:
    story = Story(library(settle_after=seconds(after)))
    story.reports()
    story.at(5000)
    assert story.incident.status is IncidentStatus.TRIGGERED
