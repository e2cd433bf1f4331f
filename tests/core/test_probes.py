"""Looks at what became of a change that did not answer."""

from __future__ import annotations

import pytest

from app.model.commands import EscalationCommand, StepCommand
from app.model.runbook import Probe
from app.model.words import Phase
from tests.core.estate import Says, library, look, mend, page, quiet, retrying, seconds, used
from tests.core.story import Story

DONE = Says("output.done", lambda names: names["output"]["done"])


def probe(done=DONE, **fields) -> Probe:
    return Probe(look(id="mend.probe", phase=Phase.MITIGATION, **fields), done)


def unanswered(done=DONE, *, more=(), **fields) -> Story:
    """A story whose change did not answer in time."""
    story = Story(library(page(mend(probe=probe(done, **fields)), *more)))
    story.alert()
    return story.at(60)


def test_a_change_that_did_not_answer_is_looked_at_before_anything_else() -> None:
    story = unanswered()
    assert story.state("mend") == ("unknown", "timed_out")
    assert story.sent() == [("run", "mend", 1), ("run", "mend.probe", 1)]
    assert story.put_out(StepCommand)[-1].effect == "read"
    assert story.execution.status == "running"
    assert not story.put_out(EscalationCommand)
    assert story.control.permits == {}, "looking needs no permit"


@pytest.mark.parametrize(
    ("done", "output", "state", "reason"),
    [
        (DONE, {"done": True}, ("succeeded", "probed"), "all_steps_done"),
        (DONE, {"done": False}, ("failed", "probed_not_done"), "step_failed"),
        (DONE, {"done": "yes"}, ("unknown", "probe_undecided"), "step_needs_person"),
        (DONE, {}, ("unknown", "probe_undecided"), "step_needs_person"),
    ],
)
def test_what_the_probe_says(done, output, state, reason) -> None:
    story = unanswered(done)
    story.answer("mend.probe", output=output)
    assert story.state("mend") == state
    assert story.execution.reason == reason
    assert len(story.sent()) == 2, "never tried again by itself"


@pytest.mark.parametrize("status", ["failed", "refused", "unknown"])
def test_a_probe_that_fails_leaves_it_to_a_person(status) -> None:
    story = unanswered()
    story.answer("mend.probe", status)
    assert story.state("mend") == ("unknown", "timed_out")
    assert story.execution.reason == "step_unknown"


def test_a_probe_is_tried_again_as_it_says() -> None:
    story = Story(
        library(
            page(
                mend(
                    probe=Probe(
                        retrying(look(id="mend.probe", phase=Phase.MITIGATION, timeout=seconds(5)), 2), DONE
                    )
                )
            )
        )
    )
    story.alert()
    story.at(67)
    assert story.sent("mend.probe") == [("run", "mend.probe", 1), ("run", "mend.probe", 2)]
    story.answer("mend.probe", output={"done": True})
    assert story.state("mend") == ("succeeded", "probed")


def test_an_executor_that_does_not_know_is_probed_as_well() -> None:
    story = Story(library(page(mend(probe=probe()))))
    story.alert()
    story.answer("mend", "unknown")
    assert story.sent("mend.probe") == [("run", "mend.probe", 1)]


@pytest.mark.parametrize(
    ("late", "state"), [("succeeded", ("succeeded", "settled_late")), ("failed", ("failed", "settled_late"))]
)
def test_a_late_answer_settles_it_before_the_probe_does(late, state) -> None:
    story = unanswered()
    story.answer("mend", late)
    assert story.state("mend") == state
    story.answer("mend.probe", output={"done": late != "succeeded"})
    assert story.state("mend") == state


def test_a_late_answer_gives_the_outputs_too() -> None:
    step = mend(probe=probe(), outputs={"was": Says("output.was", lambda n: n["output"]["was"])})
    story = Story(library(page(step)))
    story.alert()
    story.at(60).answer("mend", output={"was": 3})
    assert story.run_of("mend").outputs == {"was": 3}


def test_another_failure_waits_for_the_probe_so_that_what_was_done_is_taken_back() -> None:
    back = mend(id="mend.rollback", action="k.redo")
    other = mend(id="other", timeout=seconds(70))
    story = Story(library(page(mend(probe=probe(timeout=seconds(40)), rollback=back), other)))
    story.alert()
    story.at(65).answer("other", "failed")
    assert story.execution.failing == "step_failed"
    story.answer("mend.probe", output={"done": True})
    assert story.sent("mend.rollback") == [("run", "mend.rollback", 1)]


def test_a_step_that_a_person_has_tried_again_is_looked_at_again() -> None:
    story = unanswered()
    story.answer("mend.probe", "failed")
    assert story.execution.status == "failed"
    story.asks("bob", "retry", step="mend")
    assert story.sent("mend") == [("run", "mend", 1), ("run", "mend", 2)]
    first, second = story.put_out(StepCommand, step="mend")
    assert first.idempotency_key == second.idempotency_key
    story.at(120)
    assert story.state("mend") == ("unknown", "timed_out")
    assert len(story.sent("mend.probe")) == 2
    story.answer("mend.probe", output={"done": True})
    assert story.execution.status == "succeeded"


def test_no_probe_begins_or_is_tried_again_while_the_execution_is_paused() -> None:
    twice = Probe(retrying(look(id="mend.probe", phase=Phase.MITIGATION, timeout=seconds(5)), 2), DONE)
    story = Story(library(page(mend(probe=twice))))
    story.alert()
    story.asks("bob", "pause")
    story.at(70)
    assert story.state("mend")[0] == "unknown"
    assert story.sent("mend.probe") == []
    story.asks("bob", "resume")
    story.at(75).asks("bob", "pause")
    story.at(100)
    assert story.sent("mend.probe") == [("run", "mend.probe", 1)]
    story.asks("bob", "resume")
    assert story.sent("mend.probe") == [("run", "mend.probe", 1), ("run", "mend.probe", 2)]
    story.answer("mend.probe", output={"done": True})
    assert story.execution.status == "succeeded"


def test_an_incident_whose_alerts_end_meanwhile_waits_for_what_the_probe_says() -> None:
    story = unanswered(more=(quiet(),))
    story.resolves()
    assert story.incident.status == "triggered"
    story.answer("mend.probe", output={"done": True})
    story.at(90)
    assert story.incident.status == "resolved"


def test_what_is_unknown_in_a_page_is_unknown_in_the_page_that_uses_it() -> None:
    call = mend(id="call", action="", uses="inner", continue_on_error=True)
    story = Story(library(page(call, quiet()), used(mend())))
    story.alert()
    story.at(60)
    assert story.state("call") == ("unknown", "step_unknown")
    assert story.execution.reason == "step_unknown", "and is not passed over"
    assert story.put_out(EscalationCommand, op="notify")[0].reason == "step_unknown"
