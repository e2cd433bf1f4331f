"""Steps that a person has tried again, or skipped."""

from __future__ import annotations

import pytest

from app.model.commands import StepCommand
from app.model.runbook import Approval, ForEach
from app.model.words import Phase
from tests.core.estate import Says, library, look, mend, page, quiet
from tests.core.steered import begun, failed, refused
from tests.core.story import Story


def cleaning() -> Story:
    story = begun(look(), look(id="tell", on_failure=True))
    story.answer("look", "failed")
    return story


def test_a_retry_lets_a_failed_execution_go_on() -> None:
    story = failed()
    assert story.state("mend")[0] == "cancelled"
    story.at(30).asks("bob", "retry", step="look")
    assert story.execution.status == "running"
    story.answer("look")
    story.answer("mend")
    assert story.execution.status == "succeeded"
    assert story.control.runs == {}


def test_a_retried_execution_has_its_whole_budget() -> None:
    story = failed()
    story.at(550).asks("bob", "retry", step="look")
    story.answer("look")
    story.at(600).answer("mend")
    assert story.execution.status == "succeeded"


def test_a_retried_execution_may_fail_again_with_all_that_belongs_to_it() -> None:
    story = cleaning()
    story.answer("tell")
    story.asks("bob", "retry", step="look")
    assert story.state("tell")[0] == "pending"
    story.answer("look", "failed")
    story.answer("tell")
    assert story.sent("tell") == [("run", "tell", 1), ("run", "tell", 2)]
    assert story.execution.status == "failed"


def test_a_retry_of_a_change_of_which_nobody_knows_bears_the_same_key_and_asks_for_a_permit() -> None:
    story = begun(mend())
    story.at(60)
    assert story.execution.reason == "step_unknown"
    story.asks("bob", "retry", step="mend")
    first, second = story.put_out(StepCommand)
    assert first.idempotency_key == second.idempotency_key
    assert len(story.control.permits) == 1
    story.answers(first)
    assert story.state("mend")[0] == "running", "an answer to the first attempt says nothing of the second"
    story.answers(second)
    assert story.execution.status == "succeeded"


def test_a_retry_of_an_approved_step_asks_again() -> None:
    story = begun(mend(approval=Approval()))
    story.approves("alice")
    story.answer("mend", "failed")
    story.asks("bob", "retry", step="mend")
    assert story.state("mend") == ("waiting_approval", "waiting_for_approval")


def test_a_retry_of_a_foreach_does_again_only_what_was_not_done() -> None:
    story = begun(mend(foreach=ForEach(Says("[1, 2, 3]", lambda _: [1, 2, 3]))))
    story.answer("mend[0]")
    story.answer("mend[1]", "failed")
    story.asks("bob", "retry", step="mend")
    story.answer("mend[1]")
    story.answer("mend[2]")
    assert [step for _, step, _ in story.sent()] == ["mend[0]", "mend[1]", "mend[1]", "mend[2]"]
    assert story.execution.status == "succeeded"


def test_a_retry_in_an_earlier_phase_goes_back_there() -> None:
    story = begun(look(continue_on_error=True), mend(), quiet())
    story.answer("look", "failed")
    assert story.execution.phase is Phase.MITIGATION
    story.asks("bob", "retry", step="look")
    assert story.sent("look") == [("run", "look", 1), ("run", "look", 2)]
    story.answer("mend")
    story.answer("look")
    assert story.execution.phase is Phase.VERIFICATION


def test_the_execution_that_is_retried_needs_its_own_library() -> None:
    story = begun(look(), mend())
    story.answer("look", "failed")
    story.publish(library(page(look(action="k.scale"), hash="h2"), hash_="lib2"))
    story.asks("bob", "retry", step="look")
    command = story.put_out(StepCommand)[-1]
    assert (command.action, command.runbook_hash) == ("k.describe", "h1")


def test_a_retry_is_refused_while_the_same_page_runs_anew() -> None:
    story = failed()
    old = story.execution.id
    story.asks("bob", "run", runbook_id="crash")
    story.asks("bob", "retry", execution_id=old, step="look")
    assert refused(story) == "runs_already"


def test_a_failed_step_that_is_skipped_lets_the_execution_go_on() -> None:
    story = failed()
    story.asks("bob", "skip", step="look", text="known to be broken")
    assert story.state("look") == ("skipped", "skipped_by_person")
    assert story.run_of("look").detail == "known to be broken"
    assert story.sent()[-1] == ("run", "mend", 1)


@pytest.mark.parametrize(
    ("steps", "step", "sent"),
    [
        ((look(),), "look", [("run", "look", 1), ("cancel", "look", 1)]),
        ((look(), mend()), "mend", [("run", "look", 1)]),
        ((mend(approval=Approval()),), "mend", []),
        ((quiet(),), "quiet", []),
    ],
)
def test_a_step_is_skipped_wherever_it_stands(steps, step, sent) -> None:
    story = begun(*steps)
    story.asks("bob", "skip", step=step)
    assert story.state(step) == ("skipped", "skipped_by_person")
    assert story.sent() == sent
    story.at(5000)
    assert story.state(step) == ("skipped", "skipped_by_person")
    assert not story.record.timers
    assert not story.control.permits


def test_skipping_a_foreach_stops_its_items_and_skipping_one_leaves_the_others() -> None:
    three = ForEach(Says("[1, 2, 3]", lambda _: [1, 2, 3]), 2)
    story = begun(mend(foreach=three))
    story.asks("bob", "skip", step="mend[0]")
    assert story.sent()[-1] == ("run", "mend[2]", 1)
    story.asks("bob", "skip", step="mend")
    assert [step for op, step, _ in story.sent() if op == "cancel"] == ["mend[0]", "mend[1]", "mend[2]"]
    assert story.execution.status == "succeeded"
    assert not story.control.permits
