"""What people may do with an execution, each with who and why on the timeline, and what is refused by which name."""

from __future__ import annotations

import pytest

from app.model.catalog import Guards, Limit
from app.model.commands import StepCommand
from app.model.inputs import Actor
from app.model.runbook import Approval
from app.model.words import Mode
from tests.core.estate import library, look, mend, page, quiet, retrying, used
from tests.core.steered import begun, refused
from tests.core.story import Story


def done() -> Story:
    story = begun(look())
    story.answer("look")
    return story


def paused() -> Story:
    story = begun()
    story.asks("bob", "pause")
    return story


def cancelled() -> Story:
    story = begun()
    story.asks("bob", "cancel")
    return story


def cleaning() -> Story:
    story = begun(look(), look(id="tell", on_failure=True))
    story.answer("look", "failed")
    return story


def taken_back() -> Story:
    story = begun(mend(rollback=mend(id="mend.rollback", action="k.redo")), quiet())
    story.answer("mend")
    story.at(130).answer("mend.rollback")
    return story


def failed_beside() -> Story:
    story = begun(look(), look(id="other"), mend(needs=("look", "other")))
    story.answer("look", "failed")
    return story


def without_any() -> Story:
    story = Story(library())
    story.alert()
    return story


@pytest.mark.parametrize(
    ("kind", "event"),
    [
        ("pause", "ExecutionPaused"),
        ("cancel", "CancelAsked"),
        ("skip", "SkipAsked"),
        ("take_over", "TakenOver"),
        ("run", "RunAsked"),
    ],
)
def test_who_and_why_are_on_the_timeline(kind, event) -> None:
    story = begun(pages=(used(look(id="other")),))
    story.asks("bob", kind, step="look", runbook_id="inner", text="because I say so")
    (line,) = [each for each in story.incident.timeline if each.type == event]
    assert line.reason == "by_person"
    assert line.actor == Actor(provider="slack", id="bob", verified_by="slack")
    assert "because I say so" in line.text
    assert "bob" in line.text


@pytest.mark.parametrize(
    ("made", "kind", "fields", "reason"),
    [
        (paused, "pause", {}, "paused_already"),
        (begun, "resume", {}, "not_paused"),
        (done, "pause", {}, "execution_is_over"),
        (done, "cancel", {}, "execution_is_over"),
        (done, "resume", {}, "execution_is_over"),
        (cleaning, "pause", {}, "cleanup_under_way"),
        (cleaning, "retry", {"step": "look"}, "cleanup_under_way"),
        (cleaning, "skip", {"step": "look"}, "cleanup_under_way"),
        (begun, "retry", {"step": "look"}, "step_has_not_failed"),
        (begun, "retry", {"step": "nowhere"}, "no_such_step"),
        (begun, "retry", {}, "no_such_step"),
        (begun, "skip", {"step": "nowhere"}, "no_such_step"),
        (done, "retry", {"step": "look"}, "step_has_not_failed"),
        (done, "skip", {"step": "look"}, "step_is_over"),
        (cancelled, "skip", {"step": "look"}, "execution_is_over"),
        (taken_back, "retry", {"step": "quiet"}, "rolled_back"),
        (taken_back, "skip", {"step": "quiet"}, "rolled_back"),
        (failed_beside, "retry", {"step": "other"}, "retry_the_failed_step"),
        (begun, "pause", {"execution_id": "nowhere"}, "no_execution"),
        (without_any, "pause", {}, "no_execution"),
        (without_any, "run", {"runbook_id": "nowhere"}, "no_such_runbook"),
        (begun, "run", {"runbook_id": "crash"}, "runs_already"),
    ],
)
def test_what_is_refused_and_why(made, kind, fields, reason) -> None:
    story = made()
    before = [each.model_dump() for each in story.incident.executions]
    sent = story.sent()
    story.asks("bob", kind, **fields)
    assert refused(story) == reason
    assert [each.model_dump() for each in story.incident.executions] == before
    assert story.sent() == sent


@pytest.mark.parametrize("kind", ["pause", "resume", "cancel", "retry", "skip", "run", "take_over", "report"])
def test_nothing_is_steered_once_the_incident_is_resolved(kind) -> None:
    story = begun()
    story.asks("bob", "resolve")
    story.asks("bob", kind, step="look", runbook_id="crash")
    assert refused(story) == "not_in_this_state"


# Pause and resume


def test_while_it_is_paused_nothing_begins_and_what_runs_may_end() -> None:
    story = begun(look(), look(id="after", needs=("look",)), mend())
    story.asks("bob", "pause")
    story.answer("look")
    assert story.state("look") == ("succeeded", "succeeded")
    assert story.sent() == [("run", "look", 1)]
    story.asks("alice", "resume")
    assert story.sent()[1:] == [("run", "after", 1)]


def test_a_step_that_fails_while_it_is_paused_fails_the_execution_only_when_it_is_resumed() -> None:
    story = begun()
    story.asks("bob", "pause")
    story.answer("look", "failed")
    assert story.execution.status == "running"
    story.asks("bob", "resume")
    assert story.execution.status == "failed"


def test_a_step_that_failed_may_be_tried_again_while_it_is_paused() -> None:
    story = begun()
    story.asks("bob", "pause")
    story.answer("look", "failed")
    story.asks("bob", "retry", step="look")
    assert story.sent() == [("run", "look", 1)]
    story.asks("bob", "resume")
    assert story.sent() == [("run", "look", 1), ("run", "look", 2)]


def test_a_step_that_waits_to_be_tried_again_begins_anew_when_it_is_resumed() -> None:
    story = begun(retrying(look(), 2))
    story.answer("look", "failed")
    story.asks("bob", "pause")
    story.at(100)
    assert story.sent() == [("run", "look", 1)]
    story.asks("bob", "resume")
    assert story.sent() == [("run", "look", 1), ("run", "look", 2)]


def test_a_wait_whose_time_ends_while_it_is_paused_begins_anew() -> None:
    story = begun(quiet())
    story.asks("bob", "pause")
    story.at(1000)
    assert story.state("quiet")[0] == "pending"
    story.resolves()
    story.asks("bob", "resume")
    assert story.execution.status == "cancelled", "nothing was done, so the end of the alerts is the end"


def test_an_approval_that_is_given_while_it_is_paused_counts_when_it_is_resumed() -> None:
    story = begun(mend(approval=Approval()))
    story.asks("bob", "pause")
    story.approves("alice")
    assert story.sent() == []
    assert not story.control.permits
    story.asks("bob", "resume")
    assert story.put_out(StepCommand)[0].approved_by == ["alice"]
    assert story.told("ApprovalAsked") == ["needs_approval"]


def test_a_permit_that_comes_while_it_is_paused_is_given_back_and_asked_for_anew() -> None:
    guards = Guards(commands={"k.undo": Limit(overall=1)})
    first = Story(library(page(mend()), guards=guards))
    second = first.beside("stock")
    first.alert()
    second.alert()
    second.asks("bob", "pause")
    first.answer("mend")
    assert second.sent() == []
    assert not first.control.permits
    second.asks("bob", "resume")
    assert second.sent() == [("run", "mend", 1)]


def test_what_it_uses_is_paused_with_it() -> None:
    call = mend(id="call", action="", uses="inner")
    story = begun(call, pages=(used(look(), mend()),))
    story.asks("bob", "pause")
    story.answer("look")
    assert story.sent() == [("run", "look", 1)]
    story.asks("bob", "resume")
    assert story.sent()[1:] == [("run", "mend", 1)]


# Cancel, take over


def test_a_cancelled_execution_stops_what_runs_and_may_go_on_by_a_retry() -> None:
    story = begun(look(), mend())
    story.asks("bob", "cancel")
    assert story.sent() == [("run", "look", 1), ("cancel", "look", 1)]
    assert story.execution.reason == "by_person"
    story.asks("bob", "retry", step="look")
    assert story.sent()[2:] == [("run", "look", 2)]
    story.answer("look")
    story.answer("mend")
    assert story.execution.status == "succeeded"


def test_after_a_take_over_nothing_starts_until_a_person_says_so() -> None:
    story = begun()
    story.asks("bob", "take_over")
    assert story.incident.automation_off
    story.asks("bob", "take_over")
    assert refused(story) == "taken_over_already"
    story.alert(pod="another", severity="critical")
    assert story.sent() == [("run", "look", 1), ("cancel", "look", 1)]
    story.asks("bob", "run", runbook_id="crash")
    assert not story.incident.automation_off
    assert story.sent()[2:] == [("run", "look", 1)]


def test_an_incident_that_was_taken_over_resolves_with_its_alerts() -> None:
    story = begun()
    story.asks("bob", "take_over")
    story.resolves()
    assert story.incident.status == "resolved"
    story.alert(starts=50)
    assert story.incident.status == "triggered"
    assert len(story.incident.executions) == 1


def test_a_page_that_joins_later_starts_nothing_after_a_take_over() -> None:
    story = Story(library(page(look())))
    story.alert("Odd")
    story.asks("bob", "take_over")
    story.alert("Crash")
    assert story.incident.runbook_id == "crash"
    assert story.sent() == []


# Run


@pytest.mark.parametrize("runbook", ["crash", "inner"])
def test_a_person_runs_a_page(runbook) -> None:
    story = begun(look(), pages=(used(look(id="other")),))
    story.answer("look")
    story.asks("bob-too", "run", runbook_id=runbook)
    assert (story.execution.runbook_id, story.execution.requested_by) == (runbook, "bob")
    assert story.put_out(StepCommand)[-1].requested_by == "bob"


def test_a_checklist_is_not_run() -> None:
    story = begun(pages=(used(),))
    story.asks("bob", "run", runbook_id="inner")
    assert refused(story) == "checklist_only"


def test_an_incident_without_an_alert_runs_nothing() -> None:
    story = Story(library(used(look())))
    story.reports()
    story.asks("bob", "run", runbook_id="inner")
    assert refused(story) == "no_alert"


def test_very_many_runs_leave_no_more_than_a_few() -> None:
    story = begun(look())
    for _ in range(30):
        story.answer("look")
        story.asks("bob", "run", runbook_id="crash")
    assert len(story.incident.executions) == 5
    shown = {run.object_id for each in story.incident.executions for run in each.steps}
    assert len(set(story.incident.revisions) - shown) < 5


def test_a_person_may_steer_in_shadow_as_well() -> None:
    story = Story(library(page(mend(), quiet()), mode=Mode.SHADOW))
    story.alert()
    story.asks("bob", "skip", step="mend")
    assert story.put_out(StepCommand)[-1].mode is Mode.SHADOW
    story.at(1)
    assert story.state("quiet")[0] == "running"
