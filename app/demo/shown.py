"""Where an incident shows what the step language, the guards, escalation and the desk can do: each feature by what only it leaves behind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import get_args

from app.demo.story import Feature
from app.model.commands import DocumentCommand, TicketCommand
from app.model.execution import Execution, StepRun
from app.model.incident import IncidentSnapshot
from app.model.outputs import IncidentEvent
from app.model.words import Delivery, ExecutionStatus, Phase, StepStatus

FEATURES: tuple[Feature, ...] = get_args(Feature)
IN_TIME = timedelta(minutes=2)
"""How soon a person is to be reached in another way when the first leads nowhere."""
REMINDERS = 2
"""How many of them show that nobody is let off after the first."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Where a feature is to be seen."""

    feature: Feature
    incident_id: str
    execution_id: str
    """Empty, as runbook and step, where it is about the incident as a whole."""
    runbook: str
    step: str
    """The step, or several, with commas."""
    how: str
    """What is seen there, in words."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What an incident brought to people's desks."""

    tasks: tuple[TicketCommand, ...] = ()
    """All about the tickets of its follow-ups, in order."""
    review: DocumentCommand | None = None
    """The newest revision of its review."""


EMPTY = Desk()


def find_shown(
    incident: IncidentSnapshot, events: Iterable[IncidentEvent], desk: Desk = EMPTY
) -> dict[Feature, Shown]:
    """Find what an incident shows; of each feature the first place."""
    told = {(event.type, event.reason, event.data.get("step", "")) for event in events}
    found: dict[Feature, Shown] = {}
    for feature, look in _LOOKS.items():
        for execution in incident.executions:
            for step, how in look(incident, execution, told):
                where = (incident.id, execution.id, execution.runbook_id)
                found.setdefault(feature, Shown(feature, *where, step, how))
    for feature, look_at in _LOOKS_AT_PAGES.items():
        if how := look_at(incident, told):
            found[feature] = Shown(feature, incident.id, "", "", "", how)
    for feature, look_on in _LOOKS_AT_DESKS.items():
        if how := look_on(desk):
            found[feature] = Shown(feature, incident.id, "", "", "", how)
    return found


def step_paths(incident: IncidentSnapshot) -> dict[str, StepRun]:
    """Give all steps; one of a runbook that step `a` uses is `a/step`. Of a page that ran twice, the later run's."""
    prefixes: dict[str, str] = {}
    steps: dict[str, StepRun] = {}
    for execution in incident.executions:
        above = prefixes.get(execution.parent_id, "")
        prefixes[execution.id] = f"{above}{execution.parent_step}/" if execution.parent_id else ""
        steps |= {prefixes[execution.id] + step.step: step for step in execution.steps}
    return steps


Told = set[tuple[str, str, str]]
"""Type, reason and step of the events."""
Place = tuple[str, str]
"""The step, and what is seen there in words."""
Look = Callable[[IncidentSnapshot, Execution, Told], Iterator[Place]]


def _parallel_diagnosis(_: IncidentSnapshot, run: Execution, __: Told) -> Iterator[Place]:
    times = [
        (step.step, step.started_at, step.ended_at)
        for step in run.steps
        if step.phase is Phase.DIAGNOSIS and step.started_at and step.ended_at
    ]
    if len(times) > 1 and max(start for _, start, _ in times) < min(end for *_, end in times):
        yield ", ".join(step for step, *_ in times), "each had begun before the first of them ended"


def _approval_given(_: IncidentSnapshot, run: Execution, told: Told) -> Iterator[Place]:
    for step in run.steps:
        asked = ("ApprovalAsked", "needs_approval", step.step) in told
        if asked and step.approved_by and step.status is StepStatus.SUCCEEDED:
            yield step.step, f"approved by {', '.join(step.approved_by)}, then carried out"


def _approval_timed_out(_: IncidentSnapshot, run: Execution, __: Told) -> Iterator[Place]:
    for step in run.steps:
        if step.reason == "approval_timeout" and not step.approved_by and not step.attempt:
            yield step.step, f"{step.status.value}, never sent: {step.detail}"


def _unknown_probed(_: IncidentSnapshot, run: Execution, told: Told) -> Iterator[Place]:
    for step in run.steps:
        was_unknown = ("StepBecameUnknown", "timed_out", step.step) in told
        if was_unknown and step.reason in ("probed", "probed_not_done"):
            yield step.step, f"unknown until {step.step}.probe answered; now {step.status.value}"


def _rolled_back(_: IncidentSnapshot, run: Execution, __: Told) -> Iterator[Place]:
    done = {step.step for step in run.steps if step.status is StepStatus.SUCCEEDED}
    for step in run.steps:
        if step.status is StepStatus.ROLLED_BACK and f"{step.step}.rollback" in done:
            yield step.step, f"taken back by {step.step}.rollback, after {run.reason}"


def _sub_runbook(incident: IncidentSnapshot, run: Execution, _: Told) -> Iterator[Place]:
    ended_well = {each.id: each for each in incident.executions if each.status is ExecutionStatus.SUCCEEDED}
    for step in run.steps:
        if (child := ended_well.get(step.child_id)) is not None and child.parent_id == run.id:
            yield step.step, f"used runbook {child.runbook_id}, which gave {child.outputs}"


def _breaker_tripped(_: IncidentSnapshot, run: Execution, told: Told) -> Iterator[Place]:
    for step in run.steps:
        if ("StepHandedOver", "breaker_open", step.step) in told and not step.attempt:
            yield (
                step.step,
                f"the breaker of {run.runbook_id} was open; a person did it, and says: {step.detail}",
            )


def _promotion_refused(_: IncidentSnapshot, run: Execution, told: Told) -> Iterator[Place]:
    for step in run.steps:
        if ("ApprovalNeeded", "not_earned", step.step) in told and step.must_ask and step.approved_by:
            yield step.step, f"the page has not earned auto, so {', '.join(step.approved_by)} had to agree"


def _level_two(incident: IncidentSnapshot, told: Told) -> str:
    by = {each.acknowledged_by.id for each in incident.escalations if each.acknowledged_by is not None}
    second = [each.person_id for each in incident.escalations if each.level > 1 and each.person_id in by]
    if ("EscalatedFurther", "not_acknowledged", "") in told and second:
        return f"level 1 was silent, and {second[0]} of the next one acknowledged"
    return ""


def _exhausted(incident: IncidentSnapshot, told: Told) -> str:
    if ("EscalationExhausted", "exhausted", "") not in told:
        return ""
    return f"nobody answered, and policy {incident.ladders[0].policy} took over" if incident.ladders else ""


def _ack_stale(_: IncidentSnapshot, told: Told) -> str:
    was_stale = ("AcknowledgementStale", "ack_stale", "") in told
    return "acknowledged, nothing followed, and it paged again" if was_stale else ""


def _other_channel(incident: IncidentSnapshot, told: Told) -> str:
    rung = [(each, each.notified_at) for each in incident.escalations if each.notified_at is not None]
    lost = [(each, at) for each, at in rung if each.delivery is Delivery.UNCONFIRMED]
    if not lost or ("ContactTried", "undelivered", "") not in told:
        return ""
    first, rang_at = lost[0]
    for each, at in rung:
        is_same = each.person_id == first.person_id
        if is_same and each.delivery is Delivery.ACCEPTED and at - rang_at < IN_TIME:
            seconds = f"{(at - rang_at).total_seconds():.0f} s"
            return f"nothing answered for {first.channel}; {seconds} later {each.person_id} was reached by {each.channel}"
    return ""


def _event_escalates(incident: IncidentSnapshot, told: Told) -> str:
    by_event = ("Escalated", "system_event", "") in told and not incident.alert_count
    return f"no alert fired; paged for {incident.title}" if by_event else ""


def _follow_up_reminded(desk: Desk) -> str:
    for opened in desk.tasks:
        own = [each for each in desk.tasks if each.object_id == opened.object_id]
        reminders = [each for each in own if each.op == "comment" and each.text.startswith("Reminder ")]
        if opened.op == "open" and len(reminders) >= REMINDERS and own[-1].op == "transition":
            return f"{opened.owner} was reminded {len(reminders)} times, until the ticket was moved: {own[-1].text}"
    return ""


def _review_written(desk: Desk) -> str:
    review = desk.review
    if review is None or not review.base_revision:
        return ""
    return f"revision {review.revision} of {review.path}, written again as facts came ({review.op})"


_LOOKS_AT_DESKS: Mapping[Feature, Callable[[Desk], str]] = {
    "follow_up_reminded": _follow_up_reminded,
    "review_written": _review_written,
}
_LOOKS_AT_PAGES: Mapping[Feature, Callable[[IncidentSnapshot, Told], str]] = {
    "level_two": _level_two,
    "exhausted": _exhausted,
    "ack_stale": _ack_stale,
    "event_escalates": _event_escalates,
    "other_channel": _other_channel,
}
_LOOKS: Mapping[Feature, Look] = {
    "parallel_diagnosis": _parallel_diagnosis,
    "approval_given": _approval_given,
    "approval_timed_out": _approval_timed_out,
    "unknown_probed": _unknown_probed,
    "rolled_back": _rolled_back,
    "sub_runbook": _sub_runbook,
    "breaker_tripped": _breaker_tripped,
    "promotion_refused": _promotion_refused,
}
