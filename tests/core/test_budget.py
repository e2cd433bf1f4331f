"""The time budget: its clock stands still while only people can take the execution further."""

from __future__ import annotations

import pytest

from app.model.catalog import Guards, Limit
from app.model.expressions import Template
from app.model.runbook import Approval, ForEach
from app.model.words import Mode
from tests.core.estate import Says, library, look, mend, page, quiet, seconds, used
from tests.core.story import Story

LONG = Approval(timeout=seconds(9000))


def hand(**fields):
    return mend(id="hand", action="", manual=Template("do it", ("do it",)), timeout=seconds(9000), **fields)


def begun(*steps, pages=(), budget: float = 100, **fields) -> Story:
    story = Story(library(page(*steps, budget=seconds(budget)), *pages, **fields))
    story.alert()
    return story


def is_out_of_time(story: Story, second: float) -> bool:
    """Whether the execution is out of time at that second, and not just before."""
    story.at(second - 0.1)
    assert story.execution.status == "running"
    story.at(second)
    return story.execution.status == "timed_out"


def slow(**fields):
    return look(**{"id": "slow", "timeout": seconds(9000), **fields})


def test_the_clock_runs_while_automation_works() -> None:
    assert is_out_of_time(begun(slow()), 100)


@pytest.mark.parametrize(
    "step", [mend(approval=LONG), hand(), mend(foreach=ForEach(Says("[1]", lambda _: [1])), approval=LONG)]
)
def test_the_clock_stands_still_while_people_decide_or_do(step) -> None:
    story = begun(step, slow(needs=(step.id,), phase=step.phase))
    story.at(5000)
    assert story.execution.status == "running"
    assert story.execution.budget_left == 100
    if step.manual:
        story.asks("bob", "report", step="hand")
    else:
        run = "mend[0]" if step.foreach else "mend"
        story.approves("alice", run)
        assert story.execution.budget_left is None
        story.answer(run)
    assert is_out_of_time(story, 5100)


def test_time_that_was_used_before_is_used() -> None:
    story = begun(slow(), mend(approval=LONG), slow(id="after", phase=mend().phase, needs=("mend",)))
    story.at(70).answer("slow")
    story.at(1000).approves("alice")
    story.answer("mend")
    assert is_out_of_time(story, 1030)


def test_the_clock_runs_while_anything_else_is_under_way() -> None:
    story = begun(slow(), look(id="x"), hand(phase=slow().phase))
    story.answer("x")
    assert is_out_of_time(story, 100)


def test_the_clock_stands_still_while_a_person_has_it_paused() -> None:
    story = begun(slow())
    story.at(40).asks("bob", "pause")
    story.at(5000).asks("bob", "resume")
    assert is_out_of_time(story, 5060)


@pytest.mark.parametrize("inner_budget", [50, 500])
def test_the_clock_stands_still_while_a_page_that_is_used_waits_for_people(inner_budget) -> None:
    call = mend(id="call", action="", uses="inner")
    story = begun(call, pages=(used(mend(approval=LONG), budget=seconds(inner_budget)),))
    story.at(5000)
    assert story.child.status == story.execution.status == "running"
    story.approves("alice")
    story.answer("mend")
    assert story.execution.status == "succeeded"


def test_both_clocks_stand_still_while_the_outer_one_is_paused() -> None:
    call = mend(id="call", action="", uses="inner")
    story = begun(call, pages=(used(slow(), budget=seconds(50)),))
    story.at(10).asks("bob", "pause")
    story.at(5000)
    assert story.child.budget_left == 40
    story.asks("bob", "resume")
    story.at(5040)
    assert story.child.status == "timed_out"


def test_waiting_for_a_permit_is_waiting_for_automation() -> None:
    guards = Guards(commands={"k.undo": Limit(overall=1)})
    first = begun(mend(timeout=seconds(9000)), budget=9000, guards=guards)
    first.publish(library(page(mend(), budget=seconds(100)), hash_="lib2", guards=guards))
    second = first.beside("stock")
    second.alert()
    assert is_out_of_time(second, 100)
    first.answer("mend")
    assert second.sent() == []
    assert not first.control.permits


def test_a_retry_of_a_persons_step_leaves_no_clock_behind() -> None:
    story = begun(hand(), mode=Mode.AUTO)
    story.asks("bob", "report", step="hand", status="failed")
    assert story.execution.status == "failed"
    story.asks("bob", "retry", step="hand")
    assert story.execution.budget_left == 100
    story.asks("bob", "report", step="hand")
    assert story.execution.status == "succeeded"
    assert not [each for each in story.record.timers.values() if each.execution_id]


def test_the_clock_of_an_execution_that_waits_ends_with_it() -> None:
    story = begun(mend(approval=LONG), quiet())
    story.asks("bob", "cancel")
    assert story.execution.budget_left is None
    assert not story.record.timers
