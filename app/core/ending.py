"""The end of what is under way: of a step with all that belongs to it, and of an execution."""

from __future__ import annotations

from app.core.attempts import cancel_step
from app.core.draft import Draft
from app.core.executions import At, parts_of, running
from app.core.permits import tell_end
from app.model.words import ExecutionStatus, StepStatus

_PAST = {
    ExecutionStatus.SUCCEEDED: "Succeeded",
    ExecutionStatus.FAILED: "Failed",
    ExecutionStatus.TIMED_OUT: "TimedOut",
    ExecutionStatus.CANCELLED: "Cancelled",
}


def stop_step(draft: Draft, at: At, step_id: str, reason: str, sparing: frozenset[str] = frozenset()) -> None:
    """Cancel a step that is not over, with its items, its probe and the runbook that it uses; not the runs that are spared."""
    child_id = at.step_run(draft, step_id).child_id
    for child in running(at.incident(draft)):
        if child.id == child_id:
            end_execution(draft, At(at.incident_id, child.id), ExecutionStatus.CANCELLED, reason)
    for part in parts_of(at.execution(draft), step_id):
        if not part.status.is_final and part.step not in sparing:
            _stop(draft, at, part.step, reason)
    if not at.step_run(draft, step_id).status.is_final:
        _stop(draft, at, step_id, reason)


def stop_all(draft: Draft, at: At, reason: str, sparing: frozenset[str] = frozenset()) -> None:
    """Cancel every step that is not over, but for the runs that are spared."""
    for run in at.execution(draft).steps:
        if not at.step_run(draft, run.step).status.is_final and run.step not in sparing:
            stop_step(draft, at, run.step, reason, sparing)


def end_execution(draft: Draft, at: At, status: ExecutionStatus, reason: str) -> None:
    """End an execution: what runs is cancelled, what was not begun is not begun any more, and what it uses ends with it."""
    stop_all(draft, at, reason)
    draft.drop_timers(incident_id=at.incident_id, execution_id=at.execution_id)
    at.update(draft, status=status, reason=reason, ended_at=draft.at, budget_left=None, is_paused=False)
    words = f"runbook {at.execution(draft).runbook_id}"
    draft.record(
        at.incident_id, f"Execution{_PAST[status]}", reason, words, data={"execution_id": at.execution_id}
    )
    tell_end(draft, at)


def _stop(draft: Draft, at: At, step_id: str, reason: str) -> None:
    """Cancel one run; of what was not begun nobody need be told."""
    run = at.step_run(draft, step_id)
    if run.status is StepStatus.PENDING and not run.gate:
        at.update_step(draft, step_id, status=StepStatus.CANCELLED, reason=reason, ended_at=draft.at)
    else:
        cancel_step(draft, at, step_id, reason)
