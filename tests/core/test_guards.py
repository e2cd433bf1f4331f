"""Guards that an incident's own domain judges: freeze windows, the quiet time after a deploy, the reach of one command."""

from __future__ import annotations

import pytest

from app.model.catalog import Blast, Freeze, Guards, Limit
from app.model.words import Mode
from tests.core.estate import label, library, look, mend, page, quiet, seconds, words
from tests.core.story import START, Story

NODES = words("nodes", lambda names: [view["labels"]["pod"] for view in names["incident"]["alerts"]])


def guarded(*steps, mode: Mode = Mode.AUTO, **guards) -> Story:
    story = Story(library(page(*(steps or [mend()])), guards=Guards(**guards), mode=mode))
    story.alert()
    return story


def freeze(begin: float = -10, end: float = 10, **fields) -> Freeze:
    return Freeze(START + seconds(begin), START + seconds(end), "year end", **fields)


@pytest.mark.parametrize(
    ("window", "holds"),
    [
        (freeze(), True),
        (freeze(0, 1), True),
        (freeze(-10, 0), False),
        (freeze(1, 10), False),
        (freeze(services=("cart",)), True),
        (freeze(services=("lake",)), False),
        (freeze(teams=("shop",)), True),
        (freeze(teams=("data",)), False),
        (freeze(services=("lake",), teams=("shop",)), True),
    ],
)
def test_in_a_freeze_what_acts_is_a_persons(window, holds) -> None:
    story = guarded(freezes=(window,))
    assert story.state("mend") == (("running", "frozen") if holds else ("running", ""))
    assert bool(story.sent()) is not holds
    if holds:
        assert "year end" in story.run_of("mend").detail


@pytest.mark.parametrize(
    ("step", "mode", "sent"),
    [
        (mend(action="k.describe"), Mode.AUTO, True),
        (mend(dry_run=True), Mode.AUTO, True),
        (mend(), Mode.SHADOW, True),
        (mend(action="k.scale"), Mode.AUTO, False),
    ],
)
def test_what_a_freeze_holds_back(step, mode, sent) -> None:
    story = guarded(step, mode=mode, freezes=(freeze(),))
    assert bool(story.sent()) is sent


def test_a_freeze_that_begins_while_people_decide_holds_too() -> None:
    story = Story(library(page(mend()), guards=Guards(freezes=(freeze(5, 1000),)), mode=Mode.APPROVE))
    story.alert()
    story.at(10).approves("alice")
    assert story.state("mend") == ("running", "frozen")
    assert story.sent() == []
    assert story.control.permits == {}
    story.asks("bob", "report", step="mend")
    assert story.execution.status == "succeeded"


def test_a_freeze_holds_back_taking_back_too_and_a_person_does_it() -> None:
    back = mend(id="mend.rollback", action="k.redo")
    story = Story(library(page(mend(rollback=back), quiet()), guards=Guards(freezes=(freeze(100, 9000),))))
    story.alert()
    story.answer("mend")
    story.at(130)
    assert story.state("mend.rollback") == ("running", "frozen")
    story.at(130 + 1200)
    assert story.execution.status == "running", "a person has more time than automation"
    story.asks("bob", "report", step="mend.rollback")
    assert story.state("mend") == ("rolled_back", "rolled_back")
    assert story.execution.status == "failed"


@pytest.mark.parametrize(
    ("after", "excepted", "begins"),
    [(180, (), 180), (180, ("k.undo",), 0), (0, (), 0)],
)
def test_after_a_deploy_what_acts_waits(after, excepted, begins) -> None:
    story = Story(
        library(page(mend()), guards=Guards(quiet_after_deploy=seconds(after), quiet_except=excepted))
    )
    story.deploys()
    story.alert()
    if begins:
        assert story.state("mend") == ("pending", "quiet_after_deploy")
        story.at(begins - 0.1)
        assert story.sent() == []
    story.at(begins)
    assert story.sent() == [("run", "mend", 1)]


def test_another_deploy_meanwhile_makes_it_wait_on() -> None:
    story = Story(library(page(mend()), guards=Guards(quiet_after_deploy=seconds(100))))
    story.deploys()
    story.alert()
    story.at(60).deploys()
    story.at(110)
    assert story.sent() == []
    story.at(160)
    assert story.sent() == [("run", "mend", 1)]
    assert story.told("StepHeld") == ["quiet_after_deploy", "quiet_after_deploy"]


def test_a_deploy_of_another_service_holds_nothing() -> None:
    story = Story(library(page(mend()), guards=Guards(quiet_after_deploy=seconds(100))))
    story.deploys("stock")
    story.alert()
    assert story.sent() == [("run", "mend", 1)]


def test_a_step_that_waits_for_quiet_begins_anew_when_a_paused_execution_is_resumed() -> None:
    story = Story(library(page(mend()), guards=Guards(quiet_after_deploy=seconds(100))))
    story.deploys()
    story.alert()
    story.at(50).asks("bob", "pause")
    story.at(200)
    assert story.sent() == []
    story.asks("bob", "resume")
    assert story.sent() == [("run", "mend", 1)]


def test_a_step_that_waits_for_quiet_ends_with_its_incident() -> None:
    story = Story(library(page(mend()), guards=Guards(quiet_after_deploy=seconds(100))))
    story.deploys()
    story.alert()
    story.resolves()
    assert story.state("mend")[0] == "cancelled"
    story.at(300)
    assert story.sent() == []


@pytest.mark.parametrize(
    ("most", "pods", "wide"), [(2, 2, False), (2, 3, True), (1, 1, False), (0, 9, False)]
)
def test_one_command_touches_no_more_targets_than_it_may(most, pods, wide) -> None:
    acts = mend(action="k.cordon", params={"nodes": NODES})
    story = Story(library(page(look(), acts), guards=Guards(blast={"k.cordon": Blast(per_command=most)})))
    for pod in range(pods):
        story.alert(pod=f"p{pod}")
    story.answer("look")
    assert story.state("mend") == (("running", "too_many_targets") if wide else ("running", ""))
    assert bool(story.sent("mend")) is not wide
    if wide:
        assert "3 targets" in story.run_of("mend").detail


def test_an_action_that_lists_no_targets_touches_one_thing() -> None:
    acts = mend(action="k.cordon", params={"nodes": label("pod")})
    story = guarded(acts, blast={"k.cordon": Blast(per_command=1)})
    assert story.sent() == [("run", "mend", 1)]


def test_a_permit_that_comes_in_a_quiet_window_is_not_kept_for_later() -> None:
    guards = Guards(quiet_after_deploy=seconds(1500), commands={"k.undo": Limit(overall=1)})
    story = Story(library(page(mend(), budget=seconds(9000)), guards=guards))
    other = story.beside("stock")
    story.alert()
    other.alert()
    other.deploys("stock")
    story.answer("mend")
    assert other.state("mend") == ("pending", "quiet_after_deploy")
    assert story.control.permits == {}, "others may have it meanwhile"
    other.at(1500)
    assert other.sent() == [("run", "mend", 1)]
    assert len(story.control.permits) == 1
