"""The end of an execution."""

from __future__ import annotations

from app.core.draft import Draft
from app.core.executions import At, running
from app.core.failing import stop_all
from app.core.permits import tell_end
from app.model.words import ExecutionStatus, StepStatus

_PAST = {
    ExecutionStatus.SUCCEEDED: "Succeeded",
    ExecutionStatus.FAILED: "Failed",
    ExecutionStatus.TIMED_OUT: "TimedOut",
    ExecutionStatus.CANCELLED: "Cancelled",
}


def end_execution(draft: Draft, at: At, status: ExecutionStatus, reason: str) -> None:
    """End an execution: what runs is cancelled, what was not begun is not begun any more, and what it uses ends with it."""
    for child in running(at.incident(draft)):
        if child.parent_id == at.execution_id:
            end_execution(draft, At(at.incident_id, child.id), ExecutionStatus.CANCELLED, reason)
    stop_all(draft, at, reason)
    for run in at.execution(draft).steps:
        if not run.status.is_final:
            at.update_step(draft, run.step, status=StepStatus.CANCELLED, reason=reason, ended_at=draft.at)
    draft.drop_timers(incident_id=at.incident_id, execution_id=at.execution_id)
    at.update(draft, status=status, reason=reason, ended_at=draft.at, budget_left=None, is_paused=False)
    words = f"runbook {at.execution(draft).runbook_id}"
    draft.record(
        at.incident_id, f"Execution{_PAST[status]}", reason, words, data={"execution_id": at.execution_id}
    )
    failed = next(
        (run for run in at.execution(draft).steps if run.step == at.execution(draft).failed_step), None
    )
    tell_end(draft, at, verification_failed=failed is not None and failed.reason == "wait_timeout")
