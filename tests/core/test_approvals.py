"""Approvals: who may give one, to what it is bound, and what comes of one that nobody gives."""

from __future__ import annotations

import pytest

from app.model.commands import ChatCommand, EscalationCommand, StepCommand
from app.model.inputs import Actor
from app.model.notices import Notice
from app.model.outputs import DeadLetter
from app.model.runbook import Approval, ForEach
from app.model.words import Mode, NoticeKind, Otherwise
from tests.core.estate import Says, library, look, mend, page, retrying, seconds, used, words
from tests.core.story import Story, vouched

ANYBODY = Approval()
ASKED = ("waiting_approval", "waiting_for_approval")


def asking(approval: Approval = ANYBODY, **fields) -> Story:
    """A story whose step `mend` waits for an approval."""
    story = Story(library(page(mend(approval=approval, **fields), owner="shop")))
    story.alert()
    return story


def test_a_step_acts_once_somebody_agreed() -> None:
    story = asking()
    assert story.state("mend") == ASKED
    assert story.sent() == []
    story.approves("alice")
    (command,) = story.put_out(StepCommand)
    assert command.approved_by == ["alice"]
    assert story.told("StepApproved") == ["by_person"]


@pytest.mark.parametrize(
    ("actor", "reason"),
    [
        (Actor(provider="slack", id="alice"), "not_vouched_for"),
        (Actor(provider="slack", id="alice", verified_by="hearsay"), "not_vouched_for"),
        (Actor(provider="pager", id="alice", verified_by="slack"), "unknown_person"),
        (vouched("mallory"), "unknown_person"),
        (vouched("dave"), "no_right"),
    ],
)
def test_who_has_no_right_to_agree(actor, reason) -> None:
    story = asking()
    for kind in ("approve", "reject"):
        story.approves("", kind=kind, actor=actor)
    assert story.told("ApprovalRefused") == [reason, reason]
    assert story.state("mend") == ASKED


@pytest.mark.parametrize(
    ("sources", "person", "may"),
    [
        (("data",), "dave", True),
        (("data",), "alice", False),
        (("user:dave",), "dave", True),
        (("user:nobody", "nowhere"), "dave", False),
        (("data", "user:alice"), "alice", True),
        ((), "alice", True),
    ],
)
def test_of_whom_an_approval_is_asked(sources, person, may) -> None:
    story = asking(Approval(sources))
    story.approves(person)
    assert bool(story.sent()) is may


def test_several_must_agree_and_other_accounts_of_a_person_are_no_other_person() -> None:
    story = asking(Approval(count=2))
    story.approves("alice")
    story.approves("alice-too")
    assert story.told("ApprovalRefused") == ["approved_already"]
    assert story.sent() == []
    story.approves("bob")
    assert story.put_out(StepCommand)[0].approved_by == ["alice", "bob"]


def test_who_agreed_may_still_say_no() -> None:
    story = asking(Approval(count=2))
    story.approves("alice")
    story.approves("alice", kind="reject")
    assert story.state("mend") == ("failed", "rejected")


@pytest.mark.parametrize("account", ["bob", "bob-too"])
def test_whoever_asked_for_the_run_cannot_approve_it_from_any_account(account) -> None:
    story = Story(library(page(look()), used(mend(approval=Approval()))))
    story.alert()
    story.asks("bob", "run", runbook_id="inner")
    story.approves(account)
    assert story.told("ApprovalRefused") == ["requester"]
    story.approves("alice")
    assert [each.requested_by for each in story.put_out(StepCommand, step="mend")] == ["bob"]


@pytest.mark.parametrize(
    "actor", [Actor(provider="slack", id="alice"), vouched("mallory"), Actor(provider="cli", id="root")]
)
def test_where_nobody_knows_who_asked_for_the_run_the_step_is_a_persons(actor) -> None:
    story = Story(library(page(look()), used(mend(approval=Approval()))))
    story.alert()
    story.responds("run", runbook_id="inner", actor=actor)
    assert story.state("mend") == ("running", "unknown_requester")


def test_without_any_trusted_source_the_step_is_a_persons() -> None:
    story = Story(library(page(mend(approval=Approval())), trusted=()))
    story.alert()
    assert story.state("mend") == ("running", "no_trusted_source")
    assert story.told("StepHandedOver") == ["no_trusted_source"]


def test_a_no_fails_the_step() -> None:
    story = asking()
    story.approves("alice", kind="reject", text="not tonight")
    assert story.state("mend") == ("failed", "rejected")
    assert "not tonight" in story.run_of("mend").detail
    assert story.execution.reason == "rejected"


@pytest.mark.parametrize("first", ["approve", "reject"])
def test_of_two_people_who_answer_at_once_the_first_counts(first) -> None:
    story = asking()
    story.approves("alice", kind=first)
    after = story.state("mend")
    story.approves("bob", kind="reject" if first == "approve" else "approve")
    assert story.state("mend") == after
    assert story.told("ApprovalRefused") == ["not_waiting"]


def test_an_approval_is_void_for_the_next_attempt() -> None:
    story = Story(library(page(retrying(mend(approval=Approval()), 2))))
    story.alert()
    story.approves("alice")
    (asked,) = [chat for chat in story.put_out(ChatCommand) if chat.buttons and chat.buttons[0].step]
    story.answer("mend", "failed", retryable=True)
    story.at(5)
    assert story.state("mend") == ASKED
    assert story.told("ApprovalVoided") == ["next_attempt"]
    story.approves("bob", object_id=asked.buttons[0].object_id)
    assert story.put_out(DeadLetter)[0].reason == "unknown_approval"
    assert story.sent() == [("run", "mend", 1)]
    story.approves("bob")
    assert story.put_out(StepCommand)[-1].approved_by == ["bob"]


def test_an_approval_is_void_once_the_parameters_change() -> None:
    count = words("incident.firing", lambda names: names["incident"]["firing"])
    story = asking(params={"replicas": count})
    story.alert(pod="another")
    story.approves("alice")
    assert story.told("ApprovalVoided") == ["parameters_changed"]
    assert story.state("mend") == ASKED
    story.approves("bob")
    (command,) = story.put_out(StepCommand)
    assert (command.params, command.approved_by) == ({"replicas": 2}, ["bob"])


def test_an_approval_is_void_once_the_preconditions_change() -> None:
    count = words("incident.firing", lambda names: names["incident"]["firing"])
    story = asking(precondition={"replicas": count})
    story.alert(pod="another")
    story.approves("alice")
    assert story.told("ApprovalVoided") == ["parameters_changed"]


def test_a_permit_that_came_for_other_parameters_is_given_back() -> None:
    count = words("incident.firing", lambda names: names["incident"]["firing"])
    story = asking(params={"replicas": count})
    story.approves("alice")
    story.answer("mend")
    asked = story.put_out(Notice, kind=NoticeKind.PERMIT_ASKED)
    returned = story.put_out(Notice, kind=NoticeKind.PERMIT_RETURNED)
    assert [each.permit_id for each in asked] == [each.permit_id for each in returned]
    assert story.control.permits == {}


@pytest.mark.parametrize(
    ("otherwise", "at_due", "later"),
    [
        (Otherwise.FAIL, ("failed", "approval_timeout"), ("failed", "approval_timeout")),
        (Otherwise.SKIP, ("skipped", "approval_timeout"), ("skipped", "approval_timeout")),
        (Otherwise.ESCALATE, ASKED, ("failed", "approval_timeout")),
    ],
)
def test_an_approval_that_nobody_gives(otherwise, at_due, later) -> None:
    story = asking(Approval(timeout=seconds(60), otherwise=otherwise))
    story.at(59.9)
    assert story.state("mend") == ASKED
    story.at(60)
    assert story.state("mend") == at_due
    assert bool(story.put_out(EscalationCommand, op="notify"))
    story.at(120)
    assert story.state("mend") == later
    assert story.sent() == []
    story.approves("alice")
    assert story.told("ApprovalRefused") == ["not_waiting"]


def test_an_approval_may_be_given_after_it_was_escalated() -> None:
    story = asking(Approval(timeout=seconds(60)))
    due = story.run_of("mend").approval_due
    story.at(60)
    assert story.run_of("mend").approval_due == due + seconds(60), "whoever is woken has as long again"
    story.at(90).approves("alice")
    assert story.sent() == [("run", "mend", 1)]


def test_the_time_for_an_approval_is_over_once_it_is_given() -> None:
    story = asking(Approval(timeout=seconds(20), otherwise=Otherwise.FAIL))
    story.at(10).approves("alice")
    story.at(50)
    assert story.state("mend")[0] == "running"
    story.answer("mend")
    assert story.state("mend") == ("succeeded", "succeeded")


@pytest.mark.parametrize(
    ("mode", "effect", "dry_run", "asked"),
    [
        (Mode.APPROVE, "k.undo", False, True),
        (Mode.APPROVE, "k.scale", False, True),
        (Mode.APPROVE, "k.describe", False, False),
        (Mode.APPROVE, "k.undo", True, False),
        (Mode.AUTO, "k.undo", False, False),
        (Mode.SHADOW, "k.undo", False, False),
    ],
)
def test_in_which_mode_people_are_asked(mode, effect, dry_run, asked) -> None:
    story = Story(library(page(mend(action=effect, dry_run=dry_run)), mode=mode))
    story.alert()
    assert bool(story.told("ApprovalAsked")) is asked
    assert bool(story.sent()) is not asked


def test_in_shadow_nobody_is_asked_and_nothing_is_done() -> None:
    story = Story(library(page(mend(approval=Approval())), mode=Mode.SHADOW))
    story.alert()
    (command,) = story.put_out(StepCommand)
    assert (command.dry_run, command.mode) == (True, Mode.SHADOW)
    assert story.put_out(Notice) == []


def test_each_item_of_a_foreach_is_asked_for_and_one_no_ends_the_waiting_of_the_others() -> None:
    three = ForEach(Says("[1, 2, 3]", lambda _: [1, 2, 3]), concurrency=2)
    story = asking(foreach=three, params={"n": words("item", lambda names: names["item"])})
    assert [story.state(f"mend[{index}]")[0] for index in range(3)] == [
        "waiting_approval",
        "waiting_approval",
        "pending",
    ]
    story.approves("alice", "mend[0]")
    assert story.sent() == [("run", "mend[0]", 1)]
    story.approves("alice", "mend[1]", kind="reject")
    assert story.state("mend[2]") == ("cancelled", "another_item_failed")
    story.answer("mend[0]")
    assert story.state("mend") == ("failed", "items_failed")


def test_an_approval_that_comes_after_the_incident_is_over_changes_nothing() -> None:
    story = asking()
    story.resolves()
    assert story.state("mend")[0] == "cancelled"
    story.approves("alice")
    assert story.told("ApprovalRefused") == ["not_waiting"]
    story.at(1000)
    assert story.record.incidents == {}
    story.approves("alice")
    assert story.put_out(DeadLetter)[-1].reason == "unknown_approval"
    assert story.sent() == []
