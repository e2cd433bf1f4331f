"""Runbooks that use another: what goes in, what comes out, how deep, and what ends with what."""

from __future__ import annotations

import pytest

from app.core.bounds import DEPTH, EXECUTIONS, RUNS
from app.model.commands import EscalationCommand, StepCommand
from app.model.runbook import Input, Step
from app.model.words import Mode, Phase
from tests.core.estate import Says, label, library, look, mend, page, quiet, seconds, used, words
from tests.core.story import Story


def call(runbook: str = "inner", **fields) -> Step:
    return mend(**{"id": "call", "action": "", "uses": runbook, **fields})


def calling(*inner, steps=(), child=None, mode: Mode = Mode.AUTO, **fields) -> Story:
    story = Story(library(page(call(**fields), *steps), used(*inner, **(child or {})), mode=mode))
    story.alert()
    return story


def test_the_other_page_is_run_and_the_step_lasts_as_long() -> None:
    story = calling(look(), mend())
    assert story.state("call")[0] == "running"
    assert (story.child.runbook_id, story.child.parent_id, story.child.parent_step) == (
        "inner",
        story.execution.id,
        "call",
    )
    assert story.child.runbook_hash == "h-inner"
    story.answer("look")
    story.answer("mend")
    assert story.state("call") == ("succeeded", "succeeded")
    assert story.child.status == story.execution.status == "succeeded"
    assert story.told("IncidentMitigated") == ["mitigation_applied"]
    assert not story.control.permits
    assert not story.control.runs


def test_a_page_that_only_looks_mitigates_nothing() -> None:
    story = calling(look())
    story.answer("look")
    assert story.told("IncidentMitigated") == []
    assert story.put_out(EscalationCommand, op="notify")[0].reason == "no_mitigation_applied"


def test_inputs_go_in_and_outputs_come_out() -> None:
    doubled = Says("inputs.n * 2", lambda names: names["inputs"]["n"] * 2)
    inner = look(params={"n": words("inputs.n", lambda names: names["inputs"]["n"])})
    child = {"inputs": {"n": Input("n", "integer")}, "outputs": {"twice": doubled}}
    later = look(
        id="later", phase=Phase.VERIFICATION,
        params={"x": words("steps.call.outputs.twice", lambda n: n["steps"]["call"]["outputs"]["twice"])},
    )  # fmt: skip
    story = calling(inner, steps=(later,), child=child, params={"n": 21})
    assert story.put_out(StepCommand)[0].params == {"n": 21}
    story.answer("look")
    assert story.put_out(StepCommand)[-1].params == {"x": 42}


N = {"n": Input("n", "integer")}


@pytest.mark.parametrize(
    ("inputs", "given", "ok"),
    [
        (N, {"n": 1}, True),
        (N, {}, False),
        (N, {"n": "1"}, False),
        (N, {"n": True}, False),
        (N, {"n": 1.5}, False),
        (N, {"n": 1, "m": 2}, False),
        ({"n": Input("n", "number")}, {"n": 1}, True),
        ({"n": Input("n", "number")}, {"n": False}, False),
        ({"n": Input("n", "boolean")}, {"n": False}, True),
        ({"n": Input("n", "list")}, {"n": [1]}, True),
        ({"n": Input("n", "map")}, {"n": {"a": 1}}, True),
        ({"n": Input("n", "map")}, {"n": [1]}, False),
        ({"n": Input("n", required=False)}, {}, True),
        ({"n": Input("n", default="x")}, {}, True),
        ({"n": Input("n", default=label("pod"))}, {}, True),
        ({"n": Input("n", default=label("nowhere"))}, {}, False),
        ({"n": Input("n")}, {"n": label("nowhere")}, False),
        ({"n": Input("n")}, {"n": "x" * 20_000}, False),
    ],
)
def test_what_a_page_takes(inputs, given, ok) -> None:
    story = calling(look(), child={"inputs": inputs}, params=given)
    assert bool(story.sent()) is ok
    if not ok:
        assert story.state("call") == ("failed", "expression_error")
        assert story.execution.reason == "step_needs_person"


def test_what_a_person_gives_a_page_is_checked_too() -> None:
    story = Story(library(page(look()), used(look(id="other"), inputs=N)))
    story.alert()
    story.asks("bob", "run", runbook_id="inner", output={"n": "many"})
    assert story.told("ExecutionNotStarted") == ["input_missing"]
    story.asks("bob", "run", runbook_id="inner", output={"n": 3})
    assert story.execution.inputs == {"n": 3}


@pytest.mark.parametrize(
    ("outputs", "reason"),
    [
        ({"x": Says("steps.x", lambda n: n["steps"]["x"])}, "outputs_failed"),
        ({"x": Says("deep", lambda _: [[1]])}, "outputs_failed"),
        ({"x": Says("long", lambda _: "x" * 20_000)}, "outputs_failed"),
        ({"x": Says("large", lambda _: 2**70)}, "outputs_failed"),
    ],
)
def test_outputs_that_cannot_be_worked_out_fail_the_page_and_the_step(outputs, reason) -> None:
    story = calling(look(), child={"outputs": outputs})
    story.answer("look")
    assert (story.child.status, story.child.reason) == ("failed", reason)
    assert story.state("call") == ("failed", reason)


def test_a_failure_inside_fails_the_step_and_people_are_told_once() -> None:
    story = calling(look())
    story.answer("look", "failed")
    assert story.state("call") == ("failed", "step_failed")
    assert story.execution.status == "failed"
    assert len(story.told("Escalated")) == 1
    assert "call" in story.put_out(EscalationCommand, op="notify")[0].text


def test_a_failure_inside_may_be_passed_over() -> None:
    story = calling(look(), continue_on_error=True)
    story.answer("look", "failed")
    assert story.execution.status == "succeeded"


@pytest.mark.parametrize("wish", ["cancel", "take_over", "resolve"])
def test_what_ends_an_execution_ends_what_it_uses(wish) -> None:
    story = calling(mend(), steps=(quiet(),))
    story.asks("bob", wish)
    assert story.child.status == story.execution.status == "cancelled"
    assert story.sent() == [("run", "mend", 1), ("cancel", "mend", 1)]
    assert not story.control.permits
    assert not story.control.runs


def test_a_failure_beside_ends_what_is_used_at_once() -> None:
    story = calling(mend(), steps=(mend(id="other"), look(id="tell", on_failure=True)))
    story.answer("other", "failed")
    assert story.child.status == "cancelled"
    assert story.sent("mend") == [("run", "mend", 1), ("cancel", "mend", 1)]
    assert story.execution.status == "running", "it cleans up"


def test_skipping_the_step_ends_what_it_uses() -> None:
    story = calling(mend())
    story.asks("bob", "skip", step="call")
    assert story.child.status == "cancelled"
    assert story.state("call") == ("skipped", "skipped_by_person")
    assert story.execution.status == "succeeded"


def test_a_step_inside_may_be_reported_and_skipped() -> None:
    story = calling(mend(), mend(id="next"), mode=Mode.SUGGEST)
    story.asks("bob", "report", execution_id=story.child.id, step="mend")
    story.asks("bob", "skip", execution_id=story.child.id, step="next")
    assert story.child.status == "succeeded"
    assert story.execution.status == "succeeded"


def test_the_step_that_uses_it_is_tried_again_and_not_the_one_inside() -> None:
    story = calling(look())
    story.answer("look", "failed")
    story.asks("bob", "retry", execution_id=story.child.id, step="look")
    assert story.told("ResponseRefused") == ["execution_is_over"]
    story.asks("bob", "retry", step="call")
    assert story.sent() == [("run", "look", 1), ("run", "look", 1)]
    first, second = story.put_out(StepCommand)
    assert first.execution_id != second.execution_id
    story.answer("look")
    assert story.execution.status == "succeeded"


@pytest.mark.parametrize(
    ("outer", "inner", "mode"),
    [
        (Mode.AUTO, Mode.SHADOW, Mode.SHADOW),
        (Mode.APPROVE, Mode.AUTO, Mode.APPROVE),
        (Mode.SUGGEST, None, Mode.SUGGEST),
    ],
)
def test_the_strictest_mode_wins(outer, inner, mode) -> None:
    story = Story(library(page(call(), mode=outer), used(look(), mode=inner)))
    story.alert()
    assert story.child.mode == mode


def test_so_deep_and_no_deeper() -> None:
    story = Story(library(page(call("crash"))))
    story.alert()
    assert len(story.told("ExecutionStarted")) == 1
    assert story.execution.status == "failed"
    assert len([run for run in story.incident.executions if run.parent_id]) == DEPTH - 1
    assert str(DEPTH) in " ".join(run.detail for each in story.incident.executions for run in each.steps)


def test_pages_that_use_one_another_without_end_are_stopped() -> None:
    many = [call("crash", id=f"c{n}") for n in range(10)]
    story = Story(library(page(*many)))
    story.alert()
    assert story.execution.status == "failed"
    assert len(story.incident.executions) <= RUNS + EXECUTIONS


def test_a_page_may_use_more_pages_than_an_incident_is_shown_with() -> None:
    many = [call(id=f"c{n}") for n in range(EXECUTIONS + 3)]
    story = Story(library(page(*many), used(look())))
    story.alert()
    for command in story.put_out(StepCommand):
        story.answers(command)
    assert story.execution.status == "succeeded"
    story.asks("bob", "run", runbook_id="inner")
    assert len(story.incident.executions) == EXECUTIONS


def test_pages_one_after_the_other_are_all_waited_for() -> None:
    many = [call(id=f"c{n}", needs=(f"c{n - 1}",) if n else ()) for n in range(EXECUTIONS + 3)]
    story = Story(library(page(*many), used(look(condition=Says("false", lambda _: False)))))
    story.alert()
    assert story.execution.status == "succeeded"


def test_a_page_inside_has_a_budget_of_its_own() -> None:
    story = calling(look(timeout=seconds(300)), child={"budget": seconds(60)})
    story.at(60)
    assert story.child.status == "timed_out"
    assert story.state("call") == ("failed", "budget_exceeded")


def test_what_a_page_inside_did_is_taken_back_by_the_step_that_used_it() -> None:
    story = calling(mend(), steps=(quiet(),), rollback=mend(id="call.rollback", action="k.redo"))
    story.answer("mend")
    story.at(130)
    assert story.sent("call.rollback") == [("run", "call.rollback", 1)]


def test_pages_that_are_over_at_once_are_waited_for_while_others_begin_more() -> None:
    never = Says("false", lambda _: False)
    quick = used(look(condition=never), id="quick", path="quick.md")
    nest = used(call("quick"), id="nest", path="nest.md")
    many = [call("quick", id=f"c{n}") for n in range(EXECUTIONS + 1)]
    story = Story(library(page(*many, call("nest", id="last")), quick, nest))
    story.alert()
    assert story.execution.status == "succeeded"
