"""New executions: pinned to their page's text and to the mode that holds when they begin."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.bounds import EXECUTIONS
from app.core.draft import Draft
from app.core.executions import At
from app.model.base import Values
from app.model.evidence import AlertView
from app.model.execution import Execution, StepRun
from app.model.incident import Incident
from app.model.runbook import Runbook
from app.model.words import ExecutionStatus, StepStatus, strictest


@dataclass(frozen=True)
class Start:
    """What is to be run: a page of a library, for an alert, with what it is given."""

    runbook: Runbook
    library: str
    """The hash of the library that holds the page."""
    trigger: AlertView
    inputs: Values
    requested_by: str
    """Who asks for it: the engine, or a person."""
    parent: Execution | None = None
    """The execution whose step uses it."""
    parent_step: str = ""


def new_execution(draft: Draft, incident_id: str, start: Start) -> At:
    """Put a new execution into its incident; give where it is."""
    incident, runbook, parent = draft.incidents[incident_id], start.runbook, start.parent
    name = f"{parent.id}/uses/{start.parent_step}" if parent else f"{incident_id}/execution/{runbook.id}"
    run = Execution(
        id=draft.new_id(name),
        runbook_id=runbook.id,
        runbook_hash=runbook.hash,
        library=start.library,
        trigger=start.trigger,
        mode=strictest(incident.mode, runbook.mode, draft.mode, parent.mode if parent else None),
        steps=[StepRun(step=step.id, phase=step.phase) for step in runbook.steps],
        started_at=draft.at,
        requested_by=start.requested_by,
        inputs=start.inputs,
        parent_id=parent.id if parent else "",
        parent_step=start.parent_step,
    )
    kept = _bounded(incident, run)
    stay = {each.id for each in kept}
    gone = {step.object_id for each in incident.executions if each.id not in stay for step in each.steps}
    revisions = {id_: count for id_, count in incident.revisions.items() if id_ not in gone}
    draft.update(incident_id, executions=kept, revisions=revisions)
    return At(incident_id, run.id)


def at_work(incident: Incident) -> set[str]:
    """Name the executions that are under way, and those whose end the step that uses them has yet to learn."""
    awaited = {
        step.child_id
        for each in incident.executions
        for step in each.steps
        if step.status is StepStatus.RUNNING
    }
    return {
        each.id
        for each in incident.executions
        if each.status is ExecutionStatus.RUNNING or each.id in awaited
    }


def _bounded(incident: Incident, run: Execution) -> list[Execution]:
    """Give the executions with one more; of too many the oldest that are over go."""
    needed = at_work(incident)
    over = [each.id for each in incident.executions if each.id not in needed]
    gone = set(over[: max(0, len(incident.executions) + 1 - EXECUTIONS)])
    return [*(each for each in incident.executions if each.id not in gone), run]
