"""The graph of a page: what needs what, what is skipped with it, and what a failure stops."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.model.runbook import Probe, Step
from app.model.words import Phase
from tests.core.estate import Says, library, look, mend, page
from tests.core.story import Story

NO = Says("false", lambda _: False)
YES = Says("true", lambda _: True)


def node(id_: str, *needs: str, **fields) -> Step:
    return look(id=id_, needs=needs, **fields)


def went(*steps: Step, **answers: str) -> Story:
    """Play a page whose steps are answered as given, `succeeded` by default, as soon as they are sent."""
    story = Story(library(page(*steps)))
    story.alert()
    answered: set[str] = set()
    while new := [step for _, step, _ in story.sent() if step not in answered]:
        for step in new:
            answered.add(step)
            story.answer(step, answers.get(step, "succeeded"))
    return story


DIAMOND = (node("end", "left", "right"), node("left", "top"), node("right", "top"), node("top"))


def test_a_diamond_goes_as_it_is_drawn_wherever_it_stands_in_the_page() -> None:
    story = Story(library(page(*DIAMOND)))
    story.alert()
    assert story.sent() == [("run", "top", 1)]
    story.answer("top")
    assert [step for _, step, _ in story.sent()[1:]] == ["left", "right"]
    story.answer("right")
    assert story.state("end")[0] == "pending"
    story.answer("left")
    assert story.sent()[-1] == ("run", "end", 1)


STATUS = Says("steps.a.status == 'skipped'", lambda n: n["steps"]["a"]["status"] == "skipped")
DECIDES = {"decides_on": frozenset({"a"})}


@pytest.mark.parametrize(
    ("steps", "states"),
    [
        ((node("a", condition=NO), node("b", "a")), {"b": ("skipped", "need_skipped")}),
        (
            (node("a", condition=NO), node("b", "a"), node("c", "b")),
            {"c": ("skipped", "need_skipped")},
        ),
        ((node("a", condition=NO), node("b", "a", condition=YES)), {"b": ("skipped", "need_skipped")}),
        (
            (node("a", condition=NO), node("b", "a", condition=STATUS, **DECIDES)),
            {"b": ("succeeded", "succeeded")},
        ),
        ((node("a"), node("b", "a", condition=STATUS, **DECIDES)), {"b": ("skipped", "condition_false")}),
        (
            (
                node("a", condition=NO),
                node("z", condition=NO),
                node("b", "a", "z", condition=STATUS, **DECIDES),
            ),
            {"b": ("skipped", "need_skipped")},
        ),
        ((node("a"), node("z", condition=NO), node("b", "a")), {"b": ("succeeded", "succeeded")}),
    ],
)
def test_what_becomes_of_a_step_whose_need_was_skipped(steps, states) -> None:
    story = went(*steps)
    assert {step: story.state(step) for step in states} == states
    assert story.execution.status == "succeeded"


@pytest.mark.parametrize(
    ("step", "answer", "passed_over"),
    [
        (node("a"), "failed", False),
        (node("a", continue_on_error=True), "failed", True),
        (node("a", continue_on_error=True), "refused", True),
        (mend(id="a", phase=Phase.DIAGNOSIS, continue_on_error=True), "failed", True),
        (mend(id="a", phase=Phase.DIAGNOSIS, continue_on_error=True), "unknown", False),
    ],
)
def test_what_a_failure_stops(step, answer, passed_over) -> None:
    story = went(step, node("b", "a"), node("c"), a=answer)
    assert story.state("b")[0] == ("succeeded" if passed_over else "cancelled")
    assert story.execution.status == ("succeeded" if passed_over else "failed")


def test_what_runs_beside_a_step_that_fails_is_told_to_stop() -> None:
    story = Story(library(page(node("a"), node("b"), node("c", "b"))))
    story.alert()
    story.answer("a", "failed")
    assert story.sent()[2:] == [("cancel", "b", 1)]
    assert story.state("c")[0] == "cancelled"
    story.answer("b")
    assert story.state("b")[0] == "cancelled"
    assert story.told("StepResultIgnored") == ["step_is_over"]


def test_a_need_that_is_being_probed_is_waited_for() -> None:
    done = Says("true", lambda _: True)
    probed = mend(probe=Probe(look(id="mend.probe", phase=Phase.MITIGATION), done))
    after = replace(mend(id="after"), needs=("mend",))
    story = Story(library(page(probed, after)))
    story.alert()
    story.at(60)
    assert story.state("after")[0] == "pending"
    story.answer("mend.probe")
    assert story.sent("after") == [("run", "after", 1)]


def test_a_ring_of_needs_never_begins_and_the_budget_ends_it() -> None:
    story = Story(library(page(node("a", "b"), node("b", "a"))))
    story.alert()
    story.at(599)
    assert story.execution.status == "running"
    story.at(600)
    assert story.execution.status == "timed_out"


def test_a_page_of_as_many_steps_as_may_be_is_gone_through_in_one_go() -> None:
    chain = [node(f"s{n}", *([f"s{n - 1}"] if n else []), condition=NO) for n in range(200)]
    story = Story(library(page(*chain)))
    story.alert()
    assert story.state("s199") == ("skipped", "need_skipped")
    assert story.execution.status == "succeeded"
