"""An execution that fails: what it did is taken back in reverse order, and the steps for that case are run."""

from __future__ import annotations

import pytest

from app.model.catalog import Guards, Limit
from app.model.commands import EscalationCommand, StepCommand
from app.model.runbook import Approval, ForEach
from app.model.words import Mode, Phase
from tests.core.estate import Says, label, library, look, mend, page, quiet, retrying, seconds
from tests.core.story import Story

NO = Says("false", lambda _: False)


def back(of: str = "mend", **fields):
    return mend(id=f"{of}.rollback", **{"action": "k.redo", **fields})


def tell(step: str = "tell", **fields):
    return look(id=step, **{"phase": Phase.FOLLOW_UP, "on_failure": True, **fields})


def failed(*steps, mode: Mode = Mode.AUTO) -> Story:
    """A story whose mitigation was done and whose verification did not hold."""
    story = Story(library(page(*steps, quiet()), mode=mode))
    story.alert()
    return story


def test_what_was_done_is_taken_back_in_reverse_order_of_its_end() -> None:
    story = failed(
        mend(id="a", rollback=back("a")), mend(id="b", rollback=back("b")), mend(id="c", rollback=back("c"))
    )
    for second, step in enumerate("bca"):
        story.at(second).answer(step)
    story.at(130)
    for step in "acb":
        assert story.sent()[-1] == ("run", f"{step}.rollback", 1)
        story.answer(f"{step}.rollback")
        assert story.state(step) == ("rolled_back", "rolled_back")
    assert story.execution.status == "failed"
    assert story.execution.reason == "verification_timeout"
    assert story.incident.status == "triggered", "nothing that was done is left"
    assert story.incident.mitigated_at is None
    assert story.told("MitigationTakenBack") == ["verification_timeout"]


@pytest.mark.parametrize(
    ("step", "answer", "is_taken_back"),
    [
        (mend(rollback=back()), "succeeded", True),
        (mend(action="k.scale", rollback=back()), "succeeded", True),
        (mend(), "succeeded", False),
        (mend(rollback=back(), condition=NO), None, False),
        (mend(rollback=back(), dry_run=True), "succeeded", False),
        (mend(rollback=back(), continue_on_error=True), "failed", False),
        (look(id="mend", rollback=back()), "succeeded", False),
    ],
)
def test_which_steps_are_taken_back(step, answer, is_taken_back) -> None:
    story = failed(step)
    if answer:
        story.answer("mend", answer)
    story.at(200)
    assert bool(story.sent("mend.rollback")) is is_taken_back


@pytest.mark.parametrize(
    ("phase", "is_taken_back"),
    [(Phase.MITIGATION, True), (Phase.VERIFICATION, True), (Phase.FOLLOW_UP, False)],
)
def test_in_which_phases_a_failure_takes_mitigation_back(phase, is_taken_back) -> None:
    story = Story(library(page(mend(rollback=back()), look(id="bad", phase=phase, needs=("mend",)))))
    story.alert()
    story.answer("mend")
    story.answer("bad", "failed")
    assert bool(story.sent("mend.rollback")) is is_taken_back


@pytest.mark.parametrize("answer", ["failed", "refused", "unknown", None])
def test_where_one_cannot_be_taken_back_the_others_stay_and_a_person_is_told(answer) -> None:
    story = failed(mend(id="a", rollback=back("a")), mend(id="b", rollback=back("b"), needs=("a",)))
    story.answer("a")
    story.answer("b")
    story.at(130)
    if answer:
        story.answer("b.rollback", answer)
    story.at(300)
    assert story.sent("a.rollback") == []
    assert story.execution.status == "failed"
    assert "b could not be taken back" in story.put_out(EscalationCommand, op="notify")[0].text
    assert story.incident.status == "mitigated"


def test_a_compensation_is_tried_again_as_it_says() -> None:
    story = failed(mend(rollback=retrying(back(action="k.scale"), 2)))
    story.answer("mend")
    story.at(130).answer("mend.rollback", "failed")
    story.at(135)
    assert story.sent("mend.rollback") == [("run", "mend.rollback", 1), ("run", "mend.rollback", 2)]


@pytest.mark.parametrize("mode", [Mode.APPROVE, Mode.AUTO])
def test_taking_back_asks_for_no_second_approval_but_for_a_permit(mode) -> None:
    story = failed(mend(rollback=back(), approval=Approval()), mode=mode)
    story.approves("alice")
    story.answer("mend")
    story.at(130)
    assert story.sent("mend.rollback") == [("run", "mend.rollback", 1)]
    assert len(story.control.permits) == 1


def test_the_steps_for_failures_are_run_one_after_the_other_when_all_is_taken_back() -> None:
    story = failed(mend(rollback=back()), tell("one"), tell("two"))
    story.answer("mend")
    story.at(130)
    for step in ("mend.rollback", "one", "two"):
        assert story.sent()[-1][1] == step
        assert story.execution.status == "running"
        story.answer(step)
    assert story.execution.status == "failed"
    assert story.execution.failed_step == "quiet"


def test_a_step_for_failures_is_skipped_when_nothing_failed() -> None:
    story = Story(library(page(look(), tell())))
    story.alert()
    story.answer("look")
    assert story.state("tell") == ("skipped", "nothing_failed")
    assert story.execution.status == "succeeded"


@pytest.mark.parametrize(
    ("step", "state"),
    [
        (tell(condition=NO), ("skipped", "condition_false")),
        (tell(condition=Says("steps.x", lambda n: n["steps"]["x"])), ("failed", "expression_error")),
        (tell(foreach=ForEach(Says("[1, 2]", lambda _: [1, 2]))), ("succeeded", "succeeded")),
    ],
)
def test_steps_for_failures_have_conditions_and_items_like_others(step, state) -> None:
    story = Story(library(page(look(), step, tell("last"))))
    story.alert()
    story.answer("look", "failed")
    for run in ("tell[0]", "tell[1]"):
        if step.foreach:
            story.answer(run)
    assert story.state("tell") == state
    story.answer("last")
    assert (story.execution.status, story.execution.reason) == ("failed", "step_failed")


def test_a_step_for_failures_that_fails_changes_nothing_of_why() -> None:
    story = Story(library(page(look(), tell("one"), tell("two"))))
    story.alert()
    story.answer("look", "failed")
    story.answer("one", "failed")
    story.answer("two")
    assert (story.execution.status, story.execution.failed_step) == ("failed", "look")


def test_cleaning_up_has_its_own_time_and_then_it_is_over() -> None:
    story = Story(library(page(look(), tell(timeout=seconds(900)))))
    story.alert()
    story.answer("look", "failed")
    story.at(299)
    assert story.execution.status == "running"
    story.at(300)
    assert story.execution.status == "failed"
    assert story.told("CleanupTimedOut") == ["budget_exceeded"]
    assert story.sent("tell") == [("run", "tell", 1), ("cancel", "tell", 1)]


def test_an_execution_out_of_time_cleans_up_too() -> None:
    story = Story(library(page(mend(rollback=back()), quiet(), budget=seconds(60))))
    story.alert()
    story.answer("mend")
    story.at(60)
    assert story.sent("mend.rollback") == [("run", "mend.rollback", 1)]
    story.answer("mend.rollback")
    assert story.execution.status == "timed_out"


def test_a_compensation_that_cannot_be_worked_out_holds_nothing_up() -> None:
    bad = back(params={"x": label("nowhere")})
    story = failed(mend(rollback=bad))
    story.answer("mend")
    story.at(120)
    assert story.state("mend.rollback") == ("failed", "expression_error")
    assert story.execution.status == "failed"


@pytest.mark.parametrize("wish", ["cancel", "take_over", "resolve"])
def test_a_person_may_end_the_cleaning_up(wish) -> None:
    story = failed(mend(rollback=back()), tell())
    story.answer("mend")
    story.at(130).asks("bob", wish)
    assert story.execution.status == "cancelled"
    assert story.sent("mend.rollback") == [("run", "mend.rollback", 1), ("cancel", "mend.rollback", 1)]
    assert story.state("tell")[0] == "cancelled"
    assert story.control.permits == {}
    assert story.control.runs == {}


def test_a_step_for_failures_that_waits_for_its_permit_when_all_ends_gets_none() -> None:
    guards = Guards(commands={"k.undo": Limit(overall=1)})
    story = Story(library(page(look(), tell(action="k.undo")), guards=guards))
    other = story.beside("stock")
    story.alert()
    other.alert()
    story.answer("look", "failed")
    other.answer("look", "failed")
    assert other.run_of("tell").gate == "permit"
    other.asks("bob", "cancel")
    story.answer("tell")
    assert other.sent("tell") == []
    assert story.control.permits == {}


def test_what_is_taken_back_waits_for_no_quiet_window() -> None:
    guards = Guards(quiet_after_deploy=seconds(300))
    story = Story(library(page(mend(rollback=back()), quiet()), guards=guards))
    story.alert()
    story.answer("mend")
    story.at(100).deploys()
    story.at(130)
    assert story.sent("mend.rollback") == [("run", "mend.rollback", 1)]


def test_commands_of_a_compensation_say_what_they_are() -> None:
    story = failed(mend(rollback=back(secrets=("token",))))
    story.answer("mend")
    story.at(130)
    command = story.put_out(StepCommand)[-1]
    assert (command.step, command.action, command.secret_names) == ("mend.rollback", "k.redo", ["token"])
