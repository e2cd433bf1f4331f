"""A step for each item of a list: how many at once, what they see, and what comes of the whole."""

from __future__ import annotations

import pytest

from app.core.bounds import ITEMS
from app.model.commands import StepCommand
from app.model.runbook import ForEach, Probe
from app.model.words import Mode, Phase
from tests.core.estate import Says, library, look, mend, page, quiet, retrying, seconds, words
from tests.core.story import Story

ITEM = words("item", lambda names: names["item"])
INDEX = words("index", lambda names: names["index"])


def items(value, concurrency: int = 1) -> ForEach:
    return ForEach(Says(repr(value)[:40], lambda _: value), concurrency)


def begun(step=mend, value=("a", "b", "c"), concurrency: int = 1, **fields) -> Story:
    given = {"params": {"pod": ITEM, "n": INDEX}, "foreach": items(list(value), concurrency), **fields}
    story = Story(library(page(step(**given))))
    story.alert()
    return story


def test_each_item_is_its_own_attempt_with_its_own_key() -> None:
    story = begun(concurrency=3)
    runs = story.put_out(StepCommand)
    assert [(each.step, each.params) for each in runs] == [
        ("mend[0]", {"pod": "a", "n": 0}),
        ("mend[1]", {"pod": "b", "n": 1}),
        ("mend[2]", {"pod": "c", "n": 2}),
    ]
    assert len({each.idempotency_key for each in runs}) == 3
    assert len({each.object_id for each in runs}) == 3


@pytest.mark.parametrize(("concurrency", "at_once"), [(1, 1), (2, 2), (3, 3), (9, 3)])
def test_so_many_at_once(concurrency, at_once) -> None:
    story = begun(concurrency=concurrency)
    assert len(story.sent()) == at_once
    for count in range(3):
        story.answer(f"mend[{count}]")
        assert len(story.sent()) == min(3, at_once + count + 1)
    assert story.state("mend") == ("succeeded", "succeeded")
    assert story.execution.status == "succeeded"


@pytest.mark.parametrize(
    ("value", "state"),
    [
        ([], ("skipped", "no_items")),
        ("abc", ("failed", "expression_error")),
        ({"a": 1}, ("failed", "expression_error")),
        (None, ("failed", "expression_error")),
        ([0] * (ITEMS + 1), ("failed", "expression_error")),
        (["x" * 20_000], ("failed", "expression_error")),
        ([[["deep"]]], ("failed", "expression_error")),
        ([{"deep": {"er": 1}}], ("failed", "expression_error")),
    ],
)
def test_what_is_no_list_of_items(value, state) -> None:
    story = Story(library(page(mend(foreach=items(value)))))
    story.alert()
    assert story.state("mend") == state
    assert story.sent() == []


def test_as_many_items_as_may_be() -> None:
    story = begun(value=range(ITEMS), concurrency=ITEMS)
    assert len(story.sent()) == ITEMS


def test_an_item_that_fails_ends_what_was_not_begun_and_lets_end_what_was() -> None:
    story = begun(value=range(4), concurrency=2)
    story.answer("mend[0]", "failed")
    assert story.state("mend")[0] == "running"
    assert [story.state(f"mend[{n}]")[0] for n in (1, 2, 3)] == ["running", "cancelled", "cancelled"]
    story.answer("mend[1]")
    assert story.state("mend") == ("failed", "items_failed")
    assert "mend[0]" in story.run_of("mend").detail
    assert story.execution.reason == "step_failed"


def test_with_continue_on_error_all_items_are_tried_and_the_page_goes_on() -> None:
    story = begun(continue_on_error=True)
    story.answer("mend[0]", "failed")
    story.answer("mend[1]")
    story.answer("mend[2]", "failed")
    assert story.state("mend") == ("failed", "items_failed")
    assert story.execution.status == "succeeded"


def test_each_item_is_tried_again_by_itself() -> None:
    given = retrying(look(foreach=items(["a", "b"], 2), params={"pod": ITEM}), 2)
    story = Story(library(page(given)))
    story.alert()
    story.answer("look[0]", "failed")
    story.answer("look[1]")
    story.at(2)
    assert story.sent("look[0]") == [("run", "look[0]", 1), ("run", "look[0]", 2)]
    story.answer("look[0]")
    assert story.state("look") == ("succeeded", "succeeded")


def test_an_item_of_which_nobody_knows_is_probed_by_itself() -> None:
    probe = Probe(
        look(id="mend.probe", phase=Phase.MITIGATION, params={"pod": ITEM}),
        Says("output.done", lambda names: names["output"]["done"]),
    )
    story = begun(value=["a", "b"], concurrency=2, probe=probe)
    story.answer("mend[0]")
    story.at(60)
    assert story.state("mend[1]")[0] == "unknown"
    assert story.put_out(StepCommand)[-1].params == {"pod": "b"}
    story.answer("mend[1].probe", output={"done": True})
    assert story.state("mend") == ("succeeded", "succeeded")


def test_items_of_which_nobody_knows_even_after_a_probe_fail_the_execution() -> None:
    probe = Probe(look(id="mend.probe", phase=Phase.MITIGATION), Says("'x'", lambda _: "x"))
    story = begun(value=["a"], probe=probe)
    story.at(60).answer("mend[0].probe")
    assert story.state("mend[0]") == ("unknown", "probe_undecided")
    assert story.state("mend") == ("unknown", "items_failed")
    assert story.execution.reason == "step_unknown"


def test_later_steps_see_the_items_and_their_outputs() -> None:
    seen: list[object] = []
    later = look(
        id="later", phase=Phase.VERIFICATION, condition=Says("", lambda n: seen.append(n["steps"]) or True)
    )
    given = mend(
        foreach=items(["a", "b"], 2), params={"pod": ITEM},
        outputs={"was": Says("output.was + item", lambda n: n["output"]["was"] + n["item"])},
    )  # fmt: skip
    story = Story(library(page(given, later)))
    story.alert()
    story.answer("mend[1]", output={"was": "2"})
    story.answer("mend[0]", output={"was": "1"})
    given_items = seen[-1]["mend"]["items"]
    assert [(each["item"], each["outputs"], each["status"]) for each in given_items] == [
        ("a", {"was": "1a"}, "succeeded"),
        ("b", {"was": "2b"}, "succeeded"),
    ]
    assert story.execution.phase == Phase.VERIFICATION


def test_items_are_taken_back_newest_first() -> None:
    back = mend(id="mend.rollback", action="k.redo", params={"pod": ITEM})
    given = mend(foreach=items(["a", "b"]), params={"pod": ITEM}, rollback=back)
    story = Story(library(page(given, quiet())))
    story.alert()
    story.answer("mend[0]")
    story.at(5).answer("mend[1]")
    story.at(130)
    story.answer("mend[1].rollback")
    story.answer("mend[0].rollback")
    back_runs = [each for each in story.put_out(StepCommand) if each.step.endswith("rollback")]
    assert [(each.step, each.params) for each in back_runs] == [
        ("mend[1].rollback", {"pod": "b"}),
        ("mend[0].rollback", {"pod": "a"}),
    ]
    assert story.state("mend[0]") == story.state("mend[1]") == ("rolled_back", "rolled_back")


def test_no_item_begins_while_the_execution_is_paused() -> None:
    story = begun()
    story.asks("bob", "pause")
    story.answer("mend[0]")
    assert story.sent() == [("run", "mend[0]", 1)]
    story.asks("bob", "resume")
    assert story.sent()[1:] == [("run", "mend[1]", 1)]


def test_a_failed_execution_stops_its_items_at_once() -> None:
    story = Story(
        library(page(look(foreach=items(["a", "b", "c"], 2)), look(id="other", timeout=seconds(10))))
    )
    story.alert()
    story.at(10)
    assert [each for each in story.sent() if each[0] == "cancel"] == [
        ("cancel", "look[0]", 1),
        ("cancel", "look[1]", 1),
    ]
    assert story.control.permits == {}


def test_in_suggest_mode_each_item_is_suggested() -> None:
    given = mend(foreach=items(["a", "b"], 2), params={"pod": ITEM})
    story = Story(library(page(given), mode=Mode.SUGGEST))
    story.alert()
    for index in range(2):
        story.asks("bob", "report", step=f"mend[{index}]")
    assert story.state("mend") == ("succeeded", "succeeded")
    assert story.sent() == []
