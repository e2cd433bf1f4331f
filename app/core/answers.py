"""What `control` answers to a step that asked for a permit."""

from __future__ import annotations

from app.core import permits
from app.core.attempts import end_step
from app.core.draft import Draft
from app.core.ending import end_execution
from app.core.executions import At
from app.core.gates import go_on
from app.core.handover import hand_over
from app.core.paging import page
from app.model.execution import StepRun
from app.model.notices import Notice
from app.model.words import ExecutionStatus, Gate, NoticeKind, StepStatus


def on_answer(draft: Draft, notice: Notice) -> None:
    """Let the step go on as it was told; a permit that comes too late is given back."""
    found = permits.find(draft, notice)
    if found is None:
        if notice.kind is NoticeKind.PERMIT_GRANTED:
            permits.refuse_late(draft, notice)
        return
    at, run = found
    words = f"{run.step}: {notice.reason}"
    draft.record(at.incident_id, _PAST[notice.kind], notice.reason, words, data={"step": run.step})
    match notice.kind:
        case NoticeKind.PERMIT_GRANTED:
            at.update_step(draft, run.step, is_permitted=True)
            go_on(draft, at, run.step)
        case NoticeKind.APPROVAL_NEEDED:
            at.update_step(draft, run.step, permit_id="", must_ask=True)
            go_on(draft, at, run.step)
        case _:
            at.update_step(draft, run.step, gate=Gate.NONE, permit_id="")
            _denied(draft, at, run, notice.reason)


_PAST = {
    NoticeKind.PERMIT_GRANTED: "PermitGranted",
    NoticeKind.APPROVAL_NEEDED: "ApprovalNeeded",
    NoticeKind.PERMIT_DENIED: "PermitDenied",
}


def _denied(draft: Draft, at: At, run: StepRun, reason: str) -> None:
    if at.execution(draft).failing:
        end_step(draft, at, run.step, StepStatus.FAILED, reason)
    elif reason == "automation_paused":
        top = permits.top_of(draft, at)
        end_execution(draft, At(at.incident_id, top.id), ExecutionStatus.CANCELLED, reason)
        page(draft, at.incident_id, reason, f"step {run.step}")
    else:
        hand_over(draft, at, run.step, reason, at.step(draft, run.step).action)
