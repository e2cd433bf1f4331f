"""What the person woken at 3 a.m. needs first: why they were woken, and what to do next. Pure, in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from app.core.handover import WHY as WHY_A_PERSON
from app.core.paging import WHY
from app.model.escalation import Escalation
from app.model.execution import Execution, StepRun
from app.model.incident import IncidentSnapshot
from app.model.ladder import Ladder
from app.model.words import (
    EscalationStatus,
    ExecutionStatus,
    Gate,
    IncidentStatus,
    LadderStatus,
    Mode,
    StepStatus,
)

Weight = Literal["act", "wait", "note"]
"""Whether a person must act, may wait for the engine, or should just know."""

RUNBOOK_REASONS = {
    "no_runbook": "No runbook fits this alert.",
    "ambiguous": "Several runbooks fit this alert equally well, so none was chosen.",
}


@dataclass(frozen=True)
class Advice:
    """One line of advice."""

    weight: Weight
    text: str


def advise(incident: IncidentSnapshot, now: datetime) -> list[Advice]:
    """Say what to do next, what needs a person first."""
    if incident.status is IncidentStatus.RESOLVED:
        left = " See the follow-ups at the end of the runbook." if incident.runbook_id else ""
        return [Advice("note", f"Resolved.{left}")]
    if incident.merged_into:
        return [Advice("note", f"It was merged: what happens goes on in incident {incident.merged_into}.")]
    if incident.status in (IncidentStatus.CLOSED, IncidentStatus.MERGED, IncidentStatus.SUPPRESSED):
        return [Advice("note", f"This incident is {incident.status}. There is nothing to do here.")]
    lines = [
        *_pages(incident, now),
        *_settling(incident),
        *_flapping(incident),
        *_execution(incident),
        *_mode(incident),
    ]
    order: tuple[Weight, ...] = ("act", "wait", "note")
    return sorted(lines, key=lambda line: order.index(line.weight))


def why(reason: str) -> str:
    """A named reason in words, as far as it is one of those that concern people."""
    known = WHY_A_PERSON | WHY | RUNBOOK_REASONS
    return known.get(reason) or reason.replace("_", " ")


def _pages(incident: IncidentSnapshot, now: datetime) -> Iterator[Advice]:
    waiting = [page for page in incident.escalations if page.status is EscalationStatus.NOTIFIED]
    if waiting:
        yield Advice("act", _acknowledge(waiting, now))
    elif incident.snoozed_until is not None:
        yield Advice("wait", f"Its pages are put off until {incident.snoozed_until:%Y-%m-%d %H:%M:%S} UTC.")
    elif (ladder := _waiting(incident)) is not None and ladder.due is not None:
        words = f"Level {ladder.next_level or ladder.level + 1} of {ladder.policy} is paged at {ladder.due:%Y-%m-%d %H:%M:%S} UTC."
        yield Advice("wait", words)
    elif incident.status is IncidentStatus.TRIGGERED and not incident.escalations:
        yield Advice("note", "Nobody has been paged.")
    elif incident.responders:
        yield Advice("note", f"{', '.join(incident.responders)} is on it.")


def _waiting(incident: IncidentSnapshot) -> Ladder | None:
    climbing = (each for each in incident.ladders if each.status is LadderStatus.CLIMBING)
    return next(climbing, None)


def _settling(incident: IncidentSnapshot) -> Iterator[Advice]:
    if incident.settles_at is not None:
        yield Advice(
            "wait",
            f"All alerts are over: it is resolved at {incident.settles_at:%H:%M:%S} UTC unless one fires again.",
        )


def _flapping(incident: IncidentSnapshot) -> Iterator[Advice]:
    if incident.flapping:
        words = "until they are calm they count as firing, whatever their sender says"
        yield Advice("wait", f"Alerts that flap: {incident.flapping}; {words}.")


def _acknowledge(waiting: list[Escalation], now: datetime) -> str:
    whom = ", ".join(page.target for page in waiting)
    due = waiting[0].ack_by
    late = " That time is over." if due is not None and due < now else ""
    by = f" by {due:%H:%M:%S} UTC" if due is not None else ""
    return f"Acknowledge: we paged {whom} because {why(waiting[0].reason)}; an answer is due{by}.{late}"


def _execution(incident: IncidentSnapshot) -> Iterator[Advice]:
    run = latest(incident)
    if run is None:
        text = (
            "Follow the checklist below."
            if incident.runbook_id
            else "There is no runbook: look at the alerts."
        )
        yield Advice("act", text)
        return
    if incident.automation_off:
        yield Advice(
            "act", "Somebody took over: automation has stopped, and the runbook below is a checklist."
        )
    for each in (run, *_used_by(run, incident)):
        if each.is_paused and each.status is ExecutionStatus.RUNNING:
            yield Advice("act", f"Somebody paused {each.runbook_id}: it goes on when it is resumed.")
        yield from (advice for step in each.steps for advice in _step(step))
    if run.status is ExecutionStatus.SUCCEEDED and incident.firing:
        yield Advice("act", "The runbook ran to its end and alerts still fire: take over from here.")
    elif run.status in (ExecutionStatus.FAILED, ExecutionStatus.TIMED_OUT):
        yield Advice(
            "act", f"Automation has stopped ({why(run.reason)}): go on by hand with the runbook below."
        )


def _step(step: StepRun) -> Iterator[Advice]:
    said = f": {step.detail}" if step.detail else ""
    match step.status:
        case StepStatus.UNKNOWN:
            text = f"Step {step.step} may or may not have been carried out{said}. Look before you repeat it."
            yield Advice("act", text)
        case StepStatus.FAILED | StepStatus.TIMED_OUT:
            yield Advice("act", f"Step {step.step} {step.status.value.replace('_', ' ')}{said}.")
        case StepStatus.WAITING_APPROVAL:
            yield Advice("act", _approval(step))
        case StepStatus.RUNNING if step.gate is Gate.PERSON:
            text = f"Do step {step.step}{said} ({why(step.reason)}). Then report what came of it."
            yield Advice("act", text)
        case StepStatus.PENDING if step.gate is Gate.PERMIT:
            yield Advice("wait", f"Step {step.step} waits for leave to act.")
        case StepStatus.PENDING if step.gate is Gate.QUIET:
            yield Advice("wait", f"Step {step.step} waits: the service was deployed just now.")
        case StepStatus.RUNNING:
            yield Advice("wait", f"Step {step.step} is running{said}.")
        case _:
            return


def _approval(step: StepRun) -> str:
    by = f" until {step.approval_due:%H:%M:%S} UTC" if step.approval_due else ""
    agreed = f"; {', '.join(step.approved_by)} agreed" if step.approved_by else ""
    return f"Step {step.step} waits{by} for people to agree{agreed}."


def _mode(incident: IncidentSnapshot) -> Iterator[Advice]:
    run = latest(incident)
    if incident.mode is Mode.SHADOW:
        text = (
            "Mode shadow: pages, tickets and steps go to the shadow topics only; nobody has really been told."
        )
        yield Advice("note", text)
    elif run is not None and run.mode is Mode.SHADOW:
        yield Advice("note", "The runbook is in mode shadow: its steps are not really carried out.")


def latest(incident: IncidentSnapshot) -> Execution | None:
    """The execution that the page shows: the newest that no other uses."""
    return next((run for run in reversed(incident.executions) if not run.parent_id), None)


def _used_by(run: Execution, incident: IncidentSnapshot) -> list[Execution]:
    """The executions that one uses, and those that they use."""
    found = [run]
    for each in found:  # grows while it is gone through
        found += [child for child in incident.executions if child.parent_id == each.id]
    return found[1:]
