"""What `control` answers to a step that asked for a permit."""

from __future__ import annotations

from app.core import permits
from app.core.attempts import end_step
from app.core.draft import Draft
from app.core.ending import end_execution
from app.core.executions import At
from app.core.gates import go
from app.core.handover import hand_over
from app.core.paging import page
from app.model.incident import StepRun
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
            at.update_step(draft, run.step, gate=Gate.NONE, is_permitted=True)
            _go_on(draft, at, run)
        case NoticeKind.APPROVAL_NEEDED:
            at.update_step(draft, run.step, gate=Gate.NONE, permit_id="", must_ask=True)
            _go_on(draft, at, run)
        case _:
            at.update_step(draft, run.step, gate=Gate.NONE, permit_id="")
            _denied(draft, at, run, notice.reason)


_PAST = {
    NoticeKind.PERMIT_GRANTED: "PermitGranted",
    NoticeKind.APPROVAL_NEEDED: "ApprovalNeeded",
    NoticeKind.PERMIT_DENIED: "PermitDenied",
}


def _go_on(draft: Draft, at: At, run: StepRun) -> None:
    """Go on, unless a person paused the execution meanwhile: then the step begins anew when it is resumed."""
    if at.execution(draft).is_paused:
        permits.give_back(draft, at, at.step_run(draft, run.step))
        at.update_step(draft, run.step, status=StepStatus.PENDING, reason="")
    else:
        go(draft, at, run.step)


def _denied(draft: Draft, at: At, run: StepRun, reason: str) -> None:
    if reason == "automation_paused":
        top = permits.top_of(draft, at)
        end_execution(draft, At(at.incident_id, top.id), ExecutionStatus.CANCELLED, reason)
        page(draft, at.incident_id, reason, f"step {run.step}")
    elif ".rollback" in run.step or ".probe" in run.step:
        end_step(draft, at, run.step, StepStatus.FAILED, reason)
    else:
        hand_over(draft, at, run.step, reason, at.step(draft, run.step).action)
