"""The advice on an incident's page: what needs a person comes first."""

import pytest

from app.model.execution import StepRun
from app.web.story import advise
from tests.support.incidents import NOW, a_page, ago, an_execution, an_incident, resolved


def a_step(status, **fields):
    return StepRun(step="undo_deploy", phase="mitigation", status=status, **fields)


def ran(status, *steps, **fields):
    return an_execution(status=status, steps=list(steps), **fields)


ADVICE = {
    "paged, nobody came yet": (
        an_incident(escalations=[a_page(ack_by=NOW)], executions=[ran("running")]),
        [
            (
                "act",
                "Acknowledge: we paged user:alice because the incident is critical; an answer is due by 03:12:00 UTC.",
            )
        ],
    ),
    "paged, time is over": (
        an_incident(escalations=[a_page(ack_by=ago(seconds=1))], executions=[ran("running")]),
        [("act", "That time is over.")],
    ),
    "somebody is on it": (
        an_incident(status="acknowledged", responders=["alice"], executions=[ran("running")]),
        [("note", "alice is on it.")],
    ),
    "all alerts are over, and it settles": (
        an_incident(executions=[ran("running")], settles_at=NOW),
        [
            ("wait", "All alerts are over: it is resolved at 03:12:00 UTC unless one fires again."),
            ("note", "Nobody has been paged."),
        ],
    ),
    "it was merged": (
        an_incident(status="merged", merged_into="other"),
        [("note", "It was merged: what happens goes on in incident other.")],
    ),
    "nobody paged": (an_incident(executions=[ran("running")]), [("note", "Nobody has been paged.")]),
    "a step runs": (
        an_incident(executions=[ran("running", a_step("running"))]),
        [("wait", "Step undo_deploy is running."), ("note", "Nobody has been paged.")],
    ),
    "people are asked": (
        an_incident(
            executions=[
                ran(
                    "running",
                    a_step("waiting_approval", gate="approval", approval_due=NOW, approved_by=["alice"]),
                )
            ]
        ),
        [
            ("act", "Step undo_deploy waits until 03:12:00 UTC for people to agree; alice agreed."),
            ("note", "Nobody has been paged."),
        ],
    ),
    "a step is a person's": (
        an_incident(
            executions=[
                ran(
                    "running",
                    a_step("running", gate="person", reason="breaker_open", detail="k.undo(pod='a')"),
                )
            ]
        ),
        [
            (
                "act",
                "Do step undo_deploy: k.undo(pod='a') (runs of this page failed too often of late). Then report",
            ),
            ("note", "Nobody has been paged."),
        ],
    ),
    "a step waits for its permit": (
        an_incident(executions=[ran("running", a_step("pending", gate="permit"))]),
        [("wait", "Step undo_deploy waits for leave to act."), ("note", "Nobody has been paged.")],
    ),
    "a step waits after a deploy": (
        an_incident(executions=[ran("running", a_step("pending", gate="quiet"))]),
        [("wait", "was deployed just now"), ("note", "Nobody has been paged.")],
    ),
    "a page that is used waits for people": (
        an_incident(
            executions=[
                ran("running", a_step("running", child_id="child"), id="main"),
                ran("running", a_step("waiting_approval"), id="child", parent_id="main"),
            ]
        ),
        [
            ("act", "Step undo_deploy waits for people to agree."),
            ("wait", "Step undo_deploy is running."),
            ("note", "Nobody has been paged."),
        ],
    ),
    "paused by a person": (
        an_incident(executions=[ran("running", is_paused=True)]),
        [("act", "it goes on when it is resumed"), ("note", "Nobody has been paged.")],
    ),
    "taken over": (
        an_incident(automation_off=True, executions=[ran("cancelled")]),
        [("act", "Somebody took over"), ("note", "Nobody has been paged.")],
    ),
    "a change nobody knows of": (
        an_incident(
            executions=[ran("failed", a_step("unknown", detail="no answer in 30s"), reason="step_unknown")]
        ),
        [
            ("act", "may or may not have been carried out: no answer in 30s. Look before you repeat it."),
            ("act", "Automation has stopped (it is unknown whether a change was carried out"),
            ("note", "Nobody has been paged."),
        ],
    ),
    "ran to its end in vain": (
        an_incident(executions=[ran("succeeded")], firing=2),
        [("act", "alerts still fire: take over from here."), ("note", "Nobody has been paged.")],
    ),
    "no runbook": (
        an_incident(runbook_id="", runbook_reason="no_runbook"),
        [("act", "There is no runbook"), ("note", "Nobody has been paged.")],
    ),
    "shadow": (
        an_incident(mode="shadow", executions=[ran("running")]),
        [("note", "Nobody has been paged."), ("note", "Mode shadow")],
    ),
    "resolved": (resolved("a"), [("note", "Resolved. See the follow-ups at the end of the runbook.")]),
    "an alert flaps": (
        an_incident(status="acknowledged", responders=["alice"], executions=[ran("running")], flapping=1),
        [
            ("wait", "Alerts that flap: 1; until they are calm they count as firing"),
            ("note", "alice is on it."),
        ],
    ),
    "closed": (resolved("a", status="closed"), [("note", "This incident is closed.")]),
}


@pytest.mark.parametrize(("incident", "expected"), ADVICE.values(), ids=ADVICE)
def test_advice(incident, expected):
    found = advise(incident, NOW)
    assert [line.weight for line in found] == [weight for weight, _ in expected]
    for line, (_, words) in zip(found, expected, strict=True):
        assert words in line.text


def test_what_was_resolved_without_a_runbook_has_no_follow_ups_to_look_at():
    (advice,) = advise(resolved("a", runbook_id=""), NOW)
    assert advice.text == "Resolved."
