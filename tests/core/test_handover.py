"""Steps that are a person's to do: manual ones, suggestions, and reports that come twice, late, or unasked."""

from __future__ import annotations

import pytest

from app.model.commands import ChatCommand, EscalationCommand, StepCommand
from app.model.expressions import Template
from app.model.notices import Notice
from app.model.runbook import DEFAULT_MANUAL_TIMEOUT, Probe
from app.model.words import Mode, Phase
from tests.core.estate import Says, label, library, look, mend, page, quiet, seconds
from tests.core.story import Story

TEXT = Template("Look at ${{ trigger.labels.pod }}", ("Look at ", *label("pod").parts))


def by_hand(**fields):
    return mend(id="hand", action="", **{"manual": TEXT, "timeout": DEFAULT_MANUAL_TIMEOUT, **fields})


def handed(**fields) -> Story:
    story = Story(library(page(by_hand(**fields))))
    story.alert()
    return story


def test_a_manual_step_is_put_before_people_and_goes_on_by_their_report() -> None:
    story = handed()
    assert story.state("hand") == ("running", "manual")
    (asked,) = [chat for chat in story.put_out(ChatCommand) if chat.buttons and chat.buttons[0].step]
    assert "Look at cart-1" in asked.text
    assert [(b.response, b.step, b.execution_id) for b in asked.buttons] == [
        ("report", "hand", story.execution.id),
        ("skip", "hand", story.execution.id),
    ]
    assert story.put_out(EscalationCommand, op="notify")[0].reason == "step_needs_person"
    story.asks("bob", "report", step="hand", text="restarted it", output={"pods": 3})
    assert story.state("hand") == ("succeeded", "done_by_person")
    run = story.run_of("hand")
    assert (run.output, run.detail) == ({"pods": 3}, "bob: restarted it")
    assert story.execution.status == "succeeded"
    assert story.told("IncidentMitigated") == ["mitigation_applied"], "what a person did counts"


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("succeeded", ("succeeded", "done_by_person")),
        ("failed", ("failed", "failed_by_person")),
        ("refused", ("failed", "failed_by_person")),
        ("expired", ("failed", "failed_by_person")),
        ("unknown", ("unknown", "person_does_not_know")),
        ("accepted", ("running", "manual")),
        ("running", ("running", "manual")),
    ],
)
def test_what_a_person_may_report(status, state) -> None:
    story = handed()
    story.asks("bob", "report", step="hand", status=status)
    assert story.state("hand") == state
    assert story.told("StepReported") == [status]


def test_a_second_report_changes_nothing() -> None:
    story = handed()
    story.asks("bob", "report", step="hand")
    story.asks("alice", "report", step="hand", status="failed")
    assert story.state("hand") == ("succeeded", "done_by_person")
    assert story.told("ResponseIgnored") == ["no_effect_now"]


def test_a_report_on_what_nobody_was_asked_to_do_changes_nothing() -> None:
    story = Story(library(page(look(), mend())))
    story.alert()
    for step in ("look", "mend"):
        story.asks("bob", "report", step=step)
    story.asks("bob", "report", step="nowhere")
    assert story.told("ResponseIgnored") == ["no_effect_now", "no_effect_now"]
    assert story.told("ResponseRefused") == ["no_such_step"]
    assert story.state("look")[0] == "running"
    assert story.state("mend")[0] == "pending"


@pytest.mark.parametrize(
    ("fields", "due"), [({}, 3600), ({"timeout": seconds(60)}, 60), ({"timeout": seconds(7200)}, 7200)]
)
def test_a_report_that_comes_too_late(fields, due) -> None:
    story = handed(**fields)
    story.at(due - 0.1)
    assert story.state("hand")[0] == "running"
    story.at(due)
    assert story.state("hand") == ("timed_out", "nobody_reported")
    story.asks("bob", "report", step="hand")
    assert story.state("hand") == ("timed_out", "nobody_reported")
    assert story.told("ResponseIgnored") == ["no_effect_now"]


def test_a_report_after_the_incident_was_resolved_is_refused_by_name() -> None:
    story = handed()
    story.resolves()
    story.asks("bob", "report", step="hand")
    assert story.told("ResponseRefused") == ["not_in_this_state"]


def test_in_suggest_mode_every_action_is_a_persons_and_no_command_goes_out() -> None:
    probe = Probe(look(id="mend.probe", phase=Phase.MITIGATION), Says("true", lambda _: True))
    back = mend(id="mend.rollback", action="k.redo")
    story = Story(library(page(look(), mend(probe=probe, rollback=back), quiet()), mode=Mode.SUGGEST))
    story.alert()
    assert story.state("look") == ("running", "suggested")
    assert "k.describe(pod='cart-1')" in story.put_out(ChatCommand)[-1].text
    story.asks("bob", "report", step="look")
    story.asks("bob", "report", step="mend", status="unknown")
    assert story.state("mend.probe") == ("running", "suggested"), "looking is a suggestion as well"
    story.asks("bob", "report", step="mend.probe")
    assert story.state("mend") == ("succeeded", "probed")
    story.at(500)
    assert story.state("quiet")[0] == "timed_out"
    assert story.state("mend.rollback") == ("running", "suggested")
    story.asks("bob", "report", step="mend.rollback")
    assert story.state("mend") == ("rolled_back", "rolled_back")
    assert story.execution.status == "failed"
    assert story.put_out(StepCommand) == []
    assert story.put_out(Notice) == []


def test_a_suggestion_pages_nobody() -> None:
    story = Story(library(page(look()), mode=Mode.SUGGEST))
    story.alert()
    assert story.put_out(EscalationCommand) == []


def test_a_manual_step_counts_as_done_in_shadow() -> None:
    story = Story(library(page(by_hand(), look(id="after", phase=Phase.VERIFICATION)), mode=Mode.SHADOW))
    story.alert()
    assert story.state("hand") == ("succeeded", "assumed_in_shadow")
    assert story.sent() == [("run", "after", 1)]


def test_prose_that_cannot_be_worked_out_still_reaches_a_person() -> None:
    story = handed(manual=Template("Look at ${{ trigger.labels.node }}", ("Look at ", *label("node").parts)))
    assert story.run_of("hand").detail == "Look at ${{ trigger.labels.node }}"
