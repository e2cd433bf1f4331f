"""How far automation is trusted: the breaker, pauses, and what a page has earned."""

from __future__ import annotations

import pytest

from app.core.bounds import FAILURES, TEXT_CHARS
from app.model.catalog import Blast, Guards, Limit
from app.model.commands import EscalationCommand, StepCommand
from app.model.inputs import Actor
from app.model.notices import Notice
from app.model.outputs import DeadLetter
from app.model.runbook import Approval
from app.model.standings import Standing
from app.model.words import Mode, NoticeKind, Phase
from tests.core.estate import library, look, mend, page, quiet, retrying, seconds, used
from tests.core.story import Story


def estate(*pages, limits: dict[str, Limit] | None = None, **fields) -> Story:
    guards = Guards(commands=limits or {}, **fields)
    return Story(library(*(pages or [page(mend())]), guards=guards))


def notices(story: Story, kind: NoticeKind) -> list[Notice]:
    return [each for each in story.put_out(Notice) if each.kind is kind]


def standing(story: Story, of: str) -> Standing:
    return story.put_out(Standing, id=of)[-1]


# The breaker


def test_a_page_that_failed_too_often_goes_to_people_until_the_window_is_over_or_somebody_trusts_it() -> None:
    story = estate(breaker_failures=2, breaker_window=seconds(3600), executions=Limit())
    services = iter(["stock", "lake", "a", "b", "c"])
    story.alert()
    story.answer("mend", "failed")
    assert standing(story, "page:crash").recent_failures == 1
    second = story.beside(next(services))
    second.at(10).alert()
    second.answer("mend", "failed")
    assert standing(story, "page:crash").breaker_open
    third = story.beside(next(services))
    third.at(20).alert()
    assert third.state("mend") == ("running", "breaker_open")
    assert third.put_out(EscalationCommand, op="notify")[0].reason == "step_needs_person"
    story.operator("resume", runbook_id="crash")
    assert not standing(story, "page:crash").breaker_open
    assert standing(story, "page:crash").reason == "trusted_again"
    fourth = story.beside(next(services))
    fourth.at(30).alert()
    assert fourth.sent() == [("run", "mend", 1)]


def test_failures_are_forgotten_after_the_window() -> None:
    story = estate(breaker_failures=1, breaker_window=seconds(600))
    story.alert()
    story.answer("mend", "failed")
    assert standing(story, "page:crash").breaker_open_until == story.now + seconds(600)
    early, late = story.beside("stock"), story.beside("lake")
    early.at(599).alert()
    assert early.state("mend") == ("running", "breaker_open")
    late.at(600).alert()
    assert late.sent() == [("run", "mend", 1)]


def test_what_a_page_remembers_of_its_failures_is_bounded() -> None:
    story = estate()
    for count in range(FAILURES + 5):
        one = story.beside(f"s{count}")
        one.alert()
        one.answer("mend", "failed")
    assert len(story.control.pages["crash"].failures) == FAILURES


def test_a_run_that_was_cancelled_is_no_failure() -> None:
    story = estate()
    story.alert()
    story.asks("bob", "cancel")
    assert story.control.pages == {}


# Pauses


def test_a_pause_denies_and_cancels_what_waits_and_reads_go_on() -> None:
    first = estate(page(look(), mend()), limits={"k.undo": Limit(overall=1)})
    second, third = first.beside("stock"), first.beside("lake")
    for story in (first, second, third):
        story.alert()
    first.answer("look")
    second.answer("look")
    assert second.run_of("mend").gate == "permit"
    first.operator("pause", text="a vendor is down")
    assert second.execution.status == "cancelled"
    assert second.execution.reason == "automation_paused"
    assert second.put_out(EscalationCommand, op="notify")[0].reason == "automation_paused"
    third.answer("look")
    assert third.execution.reason == "automation_paused"
    assert [story.sent("mend") for story in (second, third)] == [[], []]
    assert first.execution.status == "running", "what was sent before is not torn off"
    told = standing(first, "automation")
    assert (told.is_paused, told.by, told.text) == (True, "carol", "a vendor is down")
    first.operator("resume")
    assert not standing(first, "automation").is_paused
    fourth = first.beside("other")
    fourth.alert()
    fourth.answer("look")
    first.answer("mend")
    assert fourth.sent("mend") == [("run", "mend", 1)]


def test_a_pause_while_something_is_taken_back_leaves_that_to_a_person() -> None:
    back = mend(id="mend.rollback", action="k.redo")
    story = estate(page(mend(rollback=back), quiet()))
    story.alert()
    story.answer("mend")
    story.operator("pause")
    story.at(130)
    assert story.state("mend.rollback") == ("failed", "automation_paused")
    assert story.execution.status == "failed"
    assert "could not be taken back" in story.put_out(EscalationCommand, op="notify")[0].text


def test_a_standing_says_since_when_automation_is_paused_and_keeps_a_bounded_reason() -> None:
    story = estate()
    since = story.now
    story.operator("pause")
    story.at(60)
    story.operator("pause", text="x" * 5000)
    paused = standing(story, "automation")
    assert (paused.is_paused, paused.paused_at, len(paused.text)) == (True, since, TEXT_CHARS)
    story.operator("resume")
    assert standing(story, "automation").paused_at is None


def test_control_refuses_what_it_does_not_take() -> None:
    story = estate()
    story.operator("acknowledge")
    story.operator("resume", runbook_id="typo")
    assert [each.reason for each in story.put_out(DeadLetter)] == ["not_supported"] * 2
    assert story.put_out(Standing) == []


# What a page has earned


def approve(story: Story) -> None:
    story.alert()
    assert story.state("mend") == ("waiting_approval", "waiting_for_approval")
    story.approves("alice")


def test_a_page_acts_alone_once_enough_runs_were_approved_and_falls_back_after_a_failed_verification() -> (
    None
):
    story = estate(page(mend(), quiet()), runs_to_auto=2)
    stories = [story.beside(f"s{count}") for count in range(5)]
    for second, each in enumerate(stories[:2]):
        each.at(second * 100)
        approve(each)
        assert each.told("ApprovalNeeded") == ["not_earned"]
        each.answer("mend")
        each.resolves()
        each.at(second * 100 + 50)
        assert each.execution.status == "succeeded"
    assert standing(story, "page:crash").good_runs == 2
    stories[2].at(300).alert()
    assert stories[2].sent() == [("run", "mend", 1)]
    stories[2].answer("mend")
    stories[2].at(500)
    assert stories[2].execution.reason == "verification_timeout"
    told = standing(story, "page:crash")
    assert (told.good_runs, told.reason, told.failed_verification_at is not None) == (
        0,
        "verification_failed",
        True,
    )
    stories[3].alert()
    assert stories[3].state("mend")[0] == "waiting_approval"


@pytest.mark.parametrize(
    ("phase", "answer", "lost"),
    [
        (Phase.VERIFICATION, "failed", True),
        (Phase.VERIFICATION, "succeeded", False),
        (Phase.FOLLOW_UP, "failed", False),
        (Phase.DIAGNOSIS, "failed", False),
    ],
)
def test_which_failures_cost_a_page_what_it_has_earned(phase, answer, lost) -> None:
    story = estate(
        page(mend(phase=min(phase, Phase.MITIGATION, key=list(Phase).index)), look(id="check", phase=phase))
    )
    story.alert()
    if phase is not Phase.DIAGNOSIS:
        story.answer("mend")
    story.answer("check", answer)
    record = story.control.pages.get("crash")
    assert (record is not None and record.failed_verification_at is not None) is lost


def test_what_waits_for_a_slot_is_asked_of_people_if_its_page_fell_back_meanwhile() -> None:
    slow = page(mend(timeout=seconds(300)), quiet())
    story = estate(slow, runs_to_auto=1, limits={"k.undo": Limit(overall=1)})
    approve(story)
    story.answer("mend")
    story.resolves()
    story.at(50)
    bad, busy, waiting = story.beside("a"), story.beside("b"), story.beside("c")
    bad.alert()
    bad.answer("mend")
    busy.at(51).alert()
    waiting.at(52).alert()
    assert waiting.run_of("mend").gate == "permit"
    bad.at(171)
    assert bad.execution.reason == "verification_timeout"
    busy.answer("mend")
    assert waiting.state("mend")[0] == "waiting_approval"


def test_a_run_that_nobody_approved_earns_nothing() -> None:
    story = estate(page(look()), runs_to_auto=1)
    story.alert()
    story.answer("look")
    assert story.control.pages == {}


def test_runs_in_shadow_earn_trust_when_somebody_who_is_vouched_for_says_that_they_were_right() -> None:
    story = Story(library(page(mend(), mode=Mode.SHADOW), guards=Guards(runs_to_auto=1)))
    story.alert()
    story.answer("mend")
    story.responds("feedback", text="right", actor=Actor(provider="slack", id="alice"))
    assert story.control.pages == {}, "anybody can say that they are alice"
    story.asks("alice", "feedback", text="wrong")
    assert standing(story, "page:crash").reason == "judged_wrong"
    for _ in range(3):
        story.asks("alice", "feedback", text="right")
    assert standing(story, "page:crash").good_runs == 1, "saying it again earns nothing more"


def test_taking_back_asks_nobody_even_if_the_page_has_not_earned_to_act_alone() -> None:
    back = mend(id="mend.rollback", action="k.redo")
    story = estate(page(mend(rollback=back, approval=Approval()), quiet()), runs_to_auto=1)
    story.alert()
    story.approves("alice")
    story.answer("mend")
    story.at(130)
    assert story.sent("mend.rollback") == [("run", "mend.rollback", 1)]


def test_a_page_that_others_use_has_its_own_record() -> None:
    user = page(mend(id="call", action="", uses="inner"))
    story = estate(user, used(mend()), runs_to_auto=1)
    story.alert()
    story.approves("alice")
    assert story.put_out(StepCommand)[0].approved_by == ["alice"]
    story.answer("mend")
    assert story.control.pages["inner"].good == 1
    assert "crash" not in story.control.pages
    assert story.control.runs == {}


def test_further_attempts_touch_what_the_first_one_did() -> None:
    step = retrying(mend(action="k.scale"), 3)
    story = estate(page(step), blast={"k.scale": Blast(per_hour=1)})
    story.alert()
    for second in (10, 20, 30):
        story.answer("mend", "failed")
        story.at(second)
    assert story.sent() == [("run", "mend", 1), ("run", "mend", 2), ("run", "mend", 3)]
    assert story.execution.reason == "step_failed"
