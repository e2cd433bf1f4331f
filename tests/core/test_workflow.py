"""The way of an execution: phases, conditions, retries, timeouts, waits, the budget."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.core.attempts import backoff
from app.model.commands import EscalationCommand, StepCommand
from app.model.outputs import IncidentEvent
from app.model.runbook import Retry, Wait
from app.model.words import ExecutionStatus, IncidentStatus, Mode, Phase, StepStatus
from tests.core.estate import QUIET, Says, label, library, look, mend, page, quiet, retrying, seconds
from tests.core.story import Story

NO = Says("false", lambda _: False)


def commands(story: Story) -> list[tuple[str, str, int]]:
    return [(each.op, each.step, each.attempt) for each in story.put_out(StepCommand)]


def state(story: Story, step: str) -> tuple[StepStatus, str]:
    run = next(run for run in story.incident.executions[-1].steps if run.step == step)
    return run.status, run.reason


def test_a_runbook_that_heals() -> None:
    story = Story(library(page(look(), mend(), quiet())))
    story.alert()
    (first,) = story.put_out(StepCommand)
    assert (first.step, first.attempt, first.params, first.mode) == ("look", 1, {"pod": "cart-1"}, Mode.AUTO)
    story.at(3).answers(first, output={"reason": "OOMKilled"})
    second = story.put_out(StepCommand)[-1]
    assert second.step == "mend"
    story.at(6).answers(second)
    assert story.incident.status is IncidentStatus.MITIGATED
    story.at(10).resolves()
    assert story.incident.status is IncidentStatus.MITIGATED, "the verification decides, for automation acted"
    story.at(29)
    assert story.incident.status is IncidentStatus.MITIGATED
    story.at(31)
    assert story.incident.status is IncidentStatus.RESOLVED
    assert story.incident.executions[0].status is ExecutionStatus.SUCCEEDED
    assert not story.put_out(EscalationCommand), "a warning that heals wakes nobody"


def test_steps_go_in_the_order_of_their_needs_and_at_once_where_they_need_nothing() -> None:
    story = Story(library(page(look(id="b", needs=("a",)), look(id="a"), look(id="c"))))
    story.alert()
    assert commands(story) == [("run", "a", 1), ("run", "c", 1)]
    story.answers(story.put_out(StepCommand, step="a")[0])
    assert commands(story)[2:] == [("run", "b", 1)]


def test_a_step_whose_condition_is_false_is_skipped_and_so_is_what_needs_it() -> None:
    story = Story(library(page(look(condition=NO), look(id="after", needs=("look",)))))
    story.alert()
    assert commands(story) == []
    assert state(story, "look") == (StepStatus.SKIPPED, "condition_false")
    assert state(story, "after") == (StepStatus.SKIPPED, "need_skipped")
    assert story.put_out(EscalationCommand, op="notify")[0].reason == "no_mitigation_applied"


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        (
            look(condition=Says("trigger.labels.x == ''", lambda c: c["trigger"]["labels"]["x"] == "")),
            "expression_error",
        ),
        (look(condition=Says("1", lambda _: 1)), "condition_not_boolean"),
        (
            look(
                params={
                    "node": look().params["pod"],
                    "x": replace(look().params["pod"], parts=(Says("x", lambda c: c["x"]),)),
                }
            ),
            "expression_error",
        ),
    ],
)
def test_what_cannot_be_worked_out_goes_to_a_person(step, reason) -> None:
    story = Story(library(page(step)))
    story.alert()
    assert state(story, "look") == (StepStatus.FAILED, reason)
    assert commands(story) == []
    assert story.put_out(EscalationCommand, op="notify")[0].reason == "step_needs_person"


def test_a_read_that_does_not_answer_is_tried_again_with_backoff_under_one_idempotency_key() -> None:
    story = Story(library(page(retrying(look(), 3))))
    story.alert()
    for second, count in ((29, 1), (31.9, 1), (32, 2), (62, 2), (66, 3), (95, 3)):
        story.at(second)
        assert len(commands(story)) == count, second
    story.at(96)
    assert state(story, "look") == (StepStatus.TIMED_OUT, "timed_out")
    runs = story.put_out(StepCommand)
    assert len({each.idempotency_key for each in runs}) == 1
    assert len({each.id for each in runs}) == 3
    assert [each.revision for each in runs] == [1, 2, 3]
    assert story.put_out(EscalationCommand, op="notify")[0].reason == "step_timed_out"


def test_a_change_that_does_not_answer_is_unknown_and_never_tried_again() -> None:
    story = Story(library(page(retrying(mend(), 5))))
    story.alert()
    story.at(500)
    assert commands(story) == [("run", "mend", 1)]
    assert state(story, "mend") == (StepStatus.UNKNOWN, "timed_out")
    assert story.put_out(EscalationCommand, op="notify")[0].reason == "step_unknown"
    story.answers(story.put_out(StepCommand)[0])
    assert state(story, "mend") == (StepStatus.SUCCEEDED, "settled_late")


@pytest.mark.parametrize(
    ("status", "retryable", "effect", "sent"),
    [
        ("failed", False, "read", 2),
        ("failed", False, "change", 1),
        ("failed", True, "change", 2),
        ("expired", False, "change", 2),
        ("refused", True, "read", 1),
        ("unknown", True, "change", 1),
    ],
)
def test_which_answers_are_tried_again(status, retryable, effect, sent) -> None:
    step = look(id="it") if effect == "read" else mend(id="it")
    story = Story(library(page(retrying(step, 2))))
    story.alert()
    story.answers(story.put_out(StepCommand)[0], status, retryable=retryable)
    story.at(5)
    assert len(commands(story)) == sent


def test_when_it_is_tried_again_is_said_as_people_write_it() -> None:
    story = Story(library(page(retrying(look(), 2))))
    story.alert()
    story.answers(story.put_out(StepCommand)[0], "failed")
    (failed,) = story.put_out(IncidentEvent, type="StepAttemptFailed")
    assert failed.text.endswith("trying again in 2s")


def test_accepted_and_running_change_nothing_but_the_timeline() -> None:
    story = Story(library(page(look())))
    story.alert()
    for status in ("accepted", "running"):
        story.answers(story.put_out(StepCommand)[0], status)
    assert state(story, "look")[0] is StepStatus.RUNNING
    assert len(story.put_out(IncidentEvent, type="StepProgressed")) == 2


def test_a_result_of_an_older_attempt_or_of_a_step_that_is_over_changes_nothing() -> None:
    story = Story(library(page(retrying(look(), 2), mend())))
    story.alert()
    story.at(33)
    first, second = story.put_out(StepCommand)
    story.answers(first)
    assert state(story, "look")[0] is StepStatus.RUNNING
    story.answers(second)
    story.answers(second, "failed")
    assert state(story, "look")[0] is StepStatus.SUCCEEDED
    reasons = [each.reason for each in story.put_out(IncidentEvent, type="StepResultIgnored")]
    assert reasons == ["older_attempt", "step_is_over"]


def test_a_wait_begins_anew_when_its_condition_breaks() -> None:
    story = Story(library(page(mend(), quiet())))
    story.alert()
    story.answers(story.put_out(StepCommand)[0])
    story.at(10).resolves()
    story.at(25).alert(starts=25)
    story.at(40)
    assert state(story, "quiet")[0] is StepStatus.RUNNING
    story.at(50).resolves(starts=25)
    story.at(69.9)
    assert state(story, "quiet")[0] is StepStatus.RUNNING
    story.at(70)
    assert state(story, "quiet") == (StepStatus.SUCCEEDED, "held")
    assert story.run_of("quiet").detail.endswith(" held for 20s")


def test_a_wait_that_need_not_last_says_nothing_of_how_long() -> None:
    story = Story(library(page(quiet(wait=Wait(QUIET, hold=seconds(0), timeout=seconds(60))))))
    story.alert()
    story.at(70)
    assert story.run_of("quiet").detail.endswith(" did not hold within 1m")


def test_a_verification_that_does_not_hold_brings_a_person_in() -> None:
    story = Story(library(page(mend(), quiet())))
    story.alert()
    story.answers(story.put_out(StepCommand)[0])
    story.at(119)
    assert not story.put_out(EscalationCommand)
    story.at(120)
    assert story.put_out(EscalationCommand, op="notify")[0].reason == "verification_timeout"
    assert story.incident.executions[0].status is ExecutionStatus.FAILED


def test_the_budget_ends_an_execution_and_cancels_what_runs() -> None:
    story = Story(library(page(look(timeout=seconds(500)), budget=seconds(60))))
    story.alert()
    story.at(60)
    assert commands(story) == [("run", "look", 1), ("cancel", "look", 1)]
    assert story.incident.executions[0].status is ExecutionStatus.TIMED_OUT
    assert story.put_out(EscalationCommand, op="notify")[0].reason == "budget_exceeded"


def test_a_runbook_that_ended_while_alerts_fire_brings_a_person_in() -> None:
    story = Story(library(page(mend())))
    story.alert()
    story.answers(story.put_out(StepCommand)[0])
    assert story.put_out(EscalationCommand, op="notify")[0].reason == "still_firing"


def test_an_execution_ends_by_the_page_it_began_with() -> None:
    story = Story(library(page(look(), mend())))
    story.alert()
    story.publish(library(page(look(), mend(action="k.scale"), hash="h2"), hash_="lib2"))
    story.answers(story.put_out(StepCommand)[0])
    last = story.put_out(StepCommand)[-1]
    assert (last.action, last.runbook_hash) == ("k.undo", "h1")


@pytest.mark.parametrize(
    ("retry", "attempt", "pause"),
    [
        (Retry(3, exponential=True, initial=seconds(2), maximum=seconds(60)), 1, 2),
        (Retry(3, exponential=True, initial=seconds(2), maximum=seconds(60)), 3, 8),
        (Retry(9, exponential=True, initial=seconds(2), maximum=seconds(60)), 8, 60),
        (Retry(99, exponential=True, initial=seconds(2), maximum=seconds(60)), 5000, 60),
        (Retry(3, exponential=False, initial=seconds(5), maximum=seconds(60)), 3, 5),
    ],
)
def test_backoff(retry, attempt, pause) -> None:
    assert backoff(retry, attempt) == seconds(pause)


def test_phases_are_barriers() -> None:
    story = Story(library(page(look(), look(id="slow"), mend(), quiet())))
    story.alert()
    story.answers(story.put_out(StepCommand, step="look")[0])
    assert story.incident.executions[0].phase is Phase.DIAGNOSIS
    story.answers(story.put_out(StepCommand, step="slow")[0])
    assert story.incident.executions[0].phase is Phase.MITIGATION
    assert QUIET.source


def ended(story: Story) -> tuple[ExecutionStatus, str]:
    execution = story.incident.executions[-1]
    return execution.status, execution.reason


def test_a_step_for_failures_is_run_only_where_its_condition_holds() -> None:
    tell = mend(id="tell", action="k.scale", on_failure=True, condition=NO)
    ask = mend(id="ask", action="k.scale", on_failure=True)
    story = Story(library(page(mend(), tell, ask)))
    story.alert()
    story.answers(story.put_out(StepCommand)[0], status="failed")
    assert state(story, "tell") == (StepStatus.SKIPPED, "condition_false")
    story.answers(story.put_out(StepCommand, step="ask")[0])
    assert ended(story) == (ExecutionStatus.FAILED, "step_failed")


def test_a_step_for_failures_that_cannot_be_worked_out_holds_nothing_up() -> None:
    broken = mend(id="broken", action="k.scale", on_failure=True, params={"pod": label("nothing")})
    story = Story(library(page(mend(), broken)))
    story.alert()
    story.answers(story.put_out(StepCommand)[0], status="failed")
    assert state(story, "broken") == (StepStatus.FAILED, "expression_error")
    assert ended(story) == (ExecutionStatus.FAILED, "step_failed"), (
        "at once, not when the time to clean up is over"
    )
