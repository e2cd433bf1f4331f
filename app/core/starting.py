"""New executions: pinned to their page's text and to the mode that holds when they begin."""

from __future__ import annotations

from app.core.bounds import EXECUTIONS
from app.core.draft import Draft
from app.core.executions import At
from app.model.base import Values
from app.model.incident import AlertView, Execution, Incident, StepRun
from app.model.runbook import Runbook
from app.model.words import ExecutionStatus, strictest


def new_execution(
    draft: Draft,
    incident_id: str,
    runbook: Runbook,
    trigger: AlertView,
    library: str,
    inputs: Values,
    *,
    requested_by: str,
    parent: Execution | None = None,
    parent_step: str = "",
) -> At:
    """Put a new execution into its incident; give where it is."""
    incident = draft.incidents[incident_id]
    name = f"{parent.id}/uses/{parent_step}" if parent else f"{incident_id}/execution/{runbook.id}"
    run = Execution(
        id=draft.new_id(name),
        runbook_id=runbook.id,
        runbook_hash=runbook.hash,
        library=library,
        trigger=trigger,
        mode=strictest(
            incident.mode,
            runbook.mode or incident.mode,
            draft.mode or incident.mode,
            parent.mode if parent else incident.mode,
        ),
        steps=[StepRun(step=step.id, phase=step.phase) for step in runbook.steps],
        started_at=draft.at,
        requested_by=requested_by,
        inputs=inputs,
        parent_id=parent.id if parent else "",
        parent_step=parent_step,
    )
    draft.update(incident_id, executions=_bounded(incident, run))
    return At(incident_id, run.id)


def _bounded(incident: Incident, run: Execution) -> list[Execution]:
    """Give the executions with one more; of too many the oldest that are over go."""
    over = [each.id for each in incident.executions if each.status is not ExecutionStatus.RUNNING]
    gone = set(over[: max(0, len(incident.executions) + 1 - EXECUTIONS)])
    return [*(each for each in incident.executions if each.id not in gone), run]
