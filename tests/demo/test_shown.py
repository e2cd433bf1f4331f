"""Each feature is seen by what it alone leaves behind: told, and not told where one thing of it lacks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.demo.scenario.careful import TAKEN_BACK
from app.demo.shown import FEATURES, Desk, find_shown, step_paths
from app.demo.story import Feature
from app.demo.verdict import judge
from app.model.commands import DocumentCommand, TicketCommand
from app.model.escalation import Escalation
from app.model.execution import Execution, StepRun
from app.model.incident import IncidentSnapshot
from app.model.inputs import Actor
from app.model.ladder import Ladder
from app.model.outputs import IncidentEvent
from app.model.words import Mode
from tests.support.incidents import NOW, a_page, ago, an_execution, an_id, an_incident


def a_step(name: str = "undo", phase: str = "mitigation", **fields: Any) -> StepRun:
    return StepRun.model_validate({"step": name, "phase": phase, **fields})


def an_event(kind: str, reason: str, step: str = "undo") -> IncidentEvent:
    return IncidentEvent(
        id=an_id(f"{kind}/{reason}/{step}"),
        seq=1,
        incident_id=an_id("one"),
        domain="production/cart",
        type=kind,
        reason=reason,
        at=NOW,
        cause="a test",
        data={"step": step},
        mode=Mode.AUTO,
    )


def look(name: str, start: float, end: float, phase: str = "diagnosis") -> StepRun:
    times = {"started_at": NOW + timedelta(seconds=start), "ended_at": NOW + timedelta(seconds=end)}
    return a_step(name, phase, status="succeeded", **times)


def run(*steps: StepRun, **fields: Any) -> Execution:
    return an_execution(steps=list(steps), **fields)


USES = a_step("again", status="succeeded", child_id=an_id("child"))


def used(**fields: Any) -> Execution:
    whose = {"id": an_id("child"), "parent_id": an_id("execution"), "parent_step": "again"}
    return run(a_step("restart", status="succeeded"), **whose, **fields)


Case = tuple[list[Execution], list[IncidentEvent]]
ASKED = an_event("ApprovalAsked", "needs_approval")
UNKNOWN = an_event("StepBecameUnknown", "timed_out")
LEFT = an_event("StepHandedOver", "breaker_open")
UNEARNED = an_event("ApprovalNeeded", "not_earned")

SEEN: dict[Feature, tuple[Case, str]] = {
    "parallel_diagnosis": (([run(look("a", 0, 2), look("b", 1, 3))], []), "a, b"),
    "approval_given": (([run(a_step(status="succeeded", approved_by=["ada"]))], [ASKED]), "undo"),
    "approval_timed_out": (([run(a_step(status="failed", reason="approval_timeout"))], []), "undo"),
    "unknown_probed": (([run(a_step(status="succeeded", reason="probed"))], [UNKNOWN]), "undo"),
    "rolled_back": (
        ([run(a_step(status="rolled_back"), a_step("undo.rollback", status="succeeded"))], []),
        "undo",
    ),
    "sub_runbook": (([run(USES), used(status="succeeded")], []), "again"),
    "breaker_tripped": (([run(a_step(status="succeeded"))], [LEFT]), "undo"),
    "promotion_refused": (
        ([run(a_step(status="succeeded", must_ask=True, approved_by=["ada"]))], [UNEARNED]),
        "undo",
    ),
}

NOT_SEEN: dict[str, tuple[Feature, Case]] = {
    "one after the other": ("parallel_diagnosis", ([run(look("a", 0, 2), look("b", 2, 3))], [])),
    "of another phase": ("parallel_diagnosis", ([run(look("a", 0, 2), look("b", 1, 3, "mitigation"))], [])),
    "one look": ("parallel_diagnosis", ([run(look("a", 0, 2))], [])),
    "nobody agreed": ("approval_given", ([run(a_step(status="succeeded"))], [ASKED])),
    "agreed and failed": ("approval_given", ([run(a_step(status="failed", approved_by=["ada"]))], [ASKED])),
    "asked for another reason": (
        "approval_given",
        ([run(a_step(status="succeeded", approved_by=["ada"]))], [UNEARNED]),
    ),
    "sent before": (
        "approval_timed_out",
        ([run(a_step(status="failed", reason="approval_timeout", attempt=1))], []),
    ),
    "never unknown": ("unknown_probed", ([run(a_step(status="succeeded", reason="probed"))], [])),
    "settled late": ("unknown_probed", ([run(a_step(status="succeeded", reason="settled_late"))], [UNKNOWN])),
    "no compensation": ("rolled_back", ([run(a_step(status="rolled_back"))], [])),
    "what is used failed": ("sub_runbook", ([run(USES), used(status="failed")], [])),
    "sent all the same": ("breaker_tripped", ([run(a_step(status="succeeded", attempt=1))], [LEFT])),
    "left for another reason": (
        "breaker_tripped",
        ([run(a_step(status="succeeded"))], [an_event("StepHandedOver", "frozen")]),
    ),
    "nobody had to agree": ("promotion_refused", ([run(a_step(status="succeeded"))], [UNEARNED])),
}


def found(case: Case) -> dict[Feature, str]:
    executions, events = case
    incident = an_incident("one", executions=executions)
    return {feature: shown.step for feature, shown in find_shown(incident, events).items()}


@pytest.mark.parametrize("feature", SEEN)
def test_it_is_seen_and_nothing_else(feature: Feature) -> None:
    case, step = SEEN[feature]
    assert found(case) == {feature: step}


def further(*pages: Escalation, events: tuple[tuple[str, str], ...]) -> dict[Feature, str]:
    incident = an_incident("one", executions=[], escalations=list(pages), alert_count=0, ladders=[LADDER])
    told = [an_event(kind, reason, "") for kind, reason in events]
    return {feature: shown.how for feature, shown in find_shown(incident, told).items()}


LADDER = Ladder(policy="last", library="l")
FURTHER, EXHAUSTED = ("EscalatedFurther", "not_acknowledged"), ("EscalationExhausted", "exhausted")
BY_ALAN = a_page(level=2, person_id="alan", acknowledged_by=Actor(provider="pager", id="alan"))
BY_ADA = a_page(level=2, person_id="alan", acknowledged_by=Actor(provider="pager", id="ada"))
BY_PUSH = a_page(channel="push", delivery="unconfirmed")
BY_CALL = a_page(channel="call", delivery="accepted", notified_at=ago(minutes=4))
BY_CALL_LATE = a_page(channel="call", delivery="accepted", notified_at=ago(minutes=3))
PAGES: list[tuple[Feature | None, tuple[Escalation, ...], tuple[tuple[str, str], ...]]] = [
    ("level_two", (BY_ALAN,), (FURTHER,)),
    (None, (BY_ADA,), (FURTHER,)),
    (None, (BY_ALAN,), ()),
    ("exhausted", (), (EXHAUSTED,)),
    ("ack_stale", (), (("AcknowledgementStale", "ack_stale"),)),
    ("event_escalates", (), (("Escalated", "system_event"),)),
    ("other_channel", (BY_PUSH, BY_CALL), (("ContactTried", "undelivered"),)),
    (None, (BY_PUSH,), (("ContactTried", "undelivered"),)),
    (None, (BY_PUSH, BY_CALL_LATE), (("ContactTried", "undelivered"),)),
    (None, (BY_CALL,), (("ContactTried", "not_acknowledged"),)),
    (None, (), (("Escalated", "critical"),)),
]


@pytest.mark.parametrize(("feature", "pages", "events"), PAGES)
def test_what_is_about_pages_is_seen_by_what_it_leaves_behind(
    feature: Feature | None, pages: tuple[Escalation, ...], events: tuple[tuple[str, str], ...]
) -> None:
    assert list(further(*pages, events=events)) == ([feature] if feature else [])


def a_task(op: str, text: str = "", name: str = "task") -> TicketCommand:
    bears = {"op": op, "text": text, "object_id": an_id(name), "is_follow_up": True, "owner": "shop"}
    return TicketCommand.model_validate({**COMMAND, **bears})


COMMAND: dict[str, Any] = {
    "id": an_id("command"),
    "revision": 3,
    "domain": "production/cart",
    "incident_id": an_id("one"),
    "severity": "error",
    "urgency": "high",
    "title": "Find the leak",
    "mode": "auto",
    "issued_at": NOW,
}
OPENED, DONE = a_task("open", "Follow-up of ..."), a_task("transition", "Done, says ada.")
FIRST, SECOND = a_task("comment", "Reminder 1: ..."), a_task("comment", "Reminder 2: ...")
DRAFT = DocumentCommand.model_validate(
    {
        **COMMAND,
        "object_id": an_id("review"),
        "op": "draft",
        "path": "a.md",
        "body": "# A",
        "base_revision": 2,
    }
)
DESKS: dict[str, tuple[Feature | None, Desk]] = {
    "reminded until done": ("follow_up_reminded", Desk((OPENED, FIRST, SECOND, DONE))),
    "done at once": (None, Desk((OPENED, FIRST, DONE))),
    "never done": (None, Desk((OPENED, FIRST, SECOND))),
    "reminded after it was done": (None, Desk((OPENED, FIRST, DONE, SECOND))),
    "it happened again": (None, Desk((OPENED, FIRST, a_task("comment", "It happened again."), DONE))),
    "two tasks": (None, Desk((OPENED, FIRST, a_task("comment", SECOND.text, "other"), DONE))),
    "written again": ("review_written", Desk(review=DRAFT)),
    "written once": (None, Desk(review=DRAFT.model_copy(update={"base_revision": 0}))),
    "nothing": (None, Desk()),
}


@pytest.mark.parametrize(("feature", "desk"), DESKS.values(), ids=DESKS)
def test_what_is_on_desks_is_seen(feature: Feature | None, desk: Desk) -> None:
    incident = an_incident("one", executions=[], escalations=[])
    assert list(find_shown(incident, [], desk)) == ([feature] if feature else [])


def test_every_feature_has_its_case() -> None:
    about = [feature for feature, *_ in (*PAGES, *DESKS.values()) if feature]
    assert {*SEEN, *about} == set(FEATURES)


@pytest.mark.parametrize(("feature", "case"), NOT_SEEN.values(), ids=NOT_SEEN)
def test_it_is_not_seen(feature: Feature, case: Case) -> None:
    assert feature not in found(case)


def test_steps_of_a_runbook_that_is_used_bear_the_step_that_uses_it() -> None:
    incident: IncidentSnapshot = an_incident("one", executions=[run(USES), used()])
    assert list(step_paths(incident)) == ["again", "again/restart"]


def test_a_story_that_does_not_show_what_it_is_to_show_is_named() -> None:
    incident = an_incident("one", domain=TAKEN_BACK.domain)
    (verdict,) = judge([TAKEN_BACK], [incident], {}, {})
    assert "shows: () instead of ('rolled_back',)" in verdict.differences
