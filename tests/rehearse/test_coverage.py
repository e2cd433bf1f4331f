"""What no case reaches is told, and what one reaches is not."""

import pytest

from app.rehearse.coverage import goals_of, missed
from tests.rehearse.estate import LIBRARY, played
from tests.rehearse.test_play import GOOD

RICH = LIBRARY.runbooks["rich"]


def names(goals):
    return {f"{goal.step} {goal.what}" for goal in goals}


def test_the_goals_are_all_that_the_page_can_come_to():
    assert names(goals_of(RICH)) == {
        "pods runs", "pods fails", "pods times out",
        "closer runs", "closer fails",
        "scale runs", "scale if: true", "scale if: false", "scale fails", "scale times out",
        "scale approval: given", "scale approval: refused", "scale approval: not given in time",
        "scale rollback: taken back",
        "restart runs", "restart if: true", "restart if: false", "restart fails", "restart times out",
        "restart probe: carried out", "restart probe: not carried out",
        "restart foreach: several items", "restart foreach: no items",
        "tell runs", "tell if: true", "tell if: false", "tell fails", "tell times out",
        "call runs", "call fails", "call times out",
        "quiet runs", "quiet times out",
    }  # fmt: skip


def test_with_no_case_all_is_missed():
    assert missed(RICH, []) == goals_of(RICH)


@pytest.mark.parametrize(
    ("text", "reaches"),
    [
        (GOOD["approved in time"], {"scale approval: given", "scale if: true", "scale runs", "restart if: false", "quiet runs"}),
        (GOOD["not approved in time, so the other way"], {"scale approval: not given in time", "restart foreach: several items"}),
        (GOOD["refused by a person"], {"scale approval: refused", "call runs"}),
        (GOOD["second attempt"], {"pods fails", "restart foreach: no items", "scale if: true"}),
        (GOOD["silence of a read"], {"pods times out"}),
        (GOOD["a probe that says yes"], {"restart probe: carried out", "restart times out", "tell times out"}),
        (GOOD["a probe that says no"], {"restart probe: not carried out"}),
        (GOOD["a precondition that does not hold"], {"restart fails"}),
        (GOOD["what was scaled is scaled back"], {"scale rollback: taken back", "tell fails"}),
        ("name: x\nanswers: {closer/dig: {worst: fine}}\nexpect: {steps: {scale: skipped}}", {"scale if: false", "restart if: true"}),
        ("name: x\nanswers: {closer/dig: failed}\nexpect: {outcome: failed}", {"closer fails"}),
    ],
)  # fmt: skip
def test_a_case_reaches_what_happens_in_it(text, reaches):
    found = played(text)
    assert found.differences == ()
    assert reaches.isdisjoint(names(missed(RICH, [found.facts])))


def test_what_did_not_happen_is_not_reached():
    found = names(missed(RICH, [played(GOOD["silence of a read"]).facts]))
    assert found == names(goals_of(RICH)) - {"pods runs", "pods times out", "call runs"}


def test_steps_of_the_page_that_is_used_are_not_counted_for_this_one():
    closer = LIBRARY.runbooks["look-closer"]
    used = played(GOOD["approved in time"]).facts
    assert names(missed(closer, [used])) == {"dig fails", "dig times out"}


def test_that_a_need_is_skipped_is_a_goal_where_nothing_else_decides():
    from tests.rehearse.estate import FILES, compile_library

    text = FILES["rich.md"].replace("if: steps.restart.status in ['succeeded', 'skipped']\n", "")
    page = compile_library({**FILES, "rich.md": text}).runbooks["rich"]
    assert "tell a step it needs is skipped" in names(goals_of(page))
