"""Permits as an incident's domain sees them: asked for, answered, given back. `control` decides them (app.core.control)."""

from __future__ import annotations

from datetime import timedelta

from app.core.draft import Draft
from app.core.executions import ACTING, At
from app.model.execution import Execution, StepRun
from app.model.notices import CONTROL, Notice
from app.model.words import ExecutionStatus, Gate, Mode, NoticeKind, Phase, StepStatus

GRACE = timedelta(minutes=10)
"""How much longer than its attempt a permit lasts before it ends by itself."""


def ask(draft: Draft, at: At, step_id: str, targets: int, *, approved: bool) -> None:
    """Ask `control` for leave to send the next attempt; the step waits for the answer."""
    run, step = at.step_run(draft, step_id), at.step(draft, step_id)
    permit_id = draft.new_id(f"{at.execution_id}/permit/{step_id}/{run.attempt + 1}")
    at.update_step(
        draft,
        step_id,
        status=StepStatus.PENDING,
        gate=Gate.PERMIT,
        permit_id=permit_id,
        is_permitted=False,
        reason="waiting_for_permit",
    )
    expires = draft.at + step.timeout + GRACE
    _notify(
        draft,
        at,
        NoticeKind.PERMIT_ASKED,
        at.step_run(draft, step_id),
        targets=targets if run.attempt == 0 else 0,  # a further attempt touches what the first one did
        approved=approved or "." in step_id,  # whoever agreed to a step agreed to its being taken back
        expires_at=expires,
    )
    words = f"{step_id}: asked for a permit"
    draft.record(at.incident_id, "PermitAsked", "acts", words, data={"step": step_id, "permit_id": permit_id})


def give_back(draft: Draft, at: At, run: StepRun) -> None:
    """Give the permit of a step back, if it has or awaits one."""
    if run.permit_id:
        _notify(draft, at, NoticeKind.PERMIT_RETURNED, run)
        at.update_step(draft, run.step, permit_id="", is_permitted=False)


def find(draft: Draft, notice: Notice) -> tuple[At, StepRun] | None:
    """Find the step that waits for this answer; None where it waits no more."""
    for incident in draft.incidents.values():  # the one that asked may have been merged into another
        for execution in incident.executions:
            for run in execution.steps:
                if run.permit_id == notice.permit_id and run.gate is Gate.PERMIT:
                    return At(incident.id, execution.id), run
    return None


def refuse_late(draft: Draft, notice: Notice) -> None:
    """Give back a permit that comes for a step that is over."""
    draft.outputs.append(
        notice.model_copy(
            update={
                "id": draft.new_id(f"late/{notice.permit_id}"),
                "kind": NoticeKind.PERMIT_RETURNED,
                "domain": CONTROL,
                "sender": draft.domain,
            }
        )
    )


def tell_end(draft: Draft, at: At) -> None:
    """Tell `control` how an execution ended, if it could have acted; of one that another uses only its page's record learns."""
    execution = at.execution(draft)
    if execution.mode in (Mode.SHADOW, Mode.SUGGEST):
        return
    failed = execution.status in (ExecutionStatus.FAILED, ExecutionStatus.TIMED_OUT)
    acted = [run for run in execution.steps if run.effect in ACTING and run.attempt]
    _notify(
        draft,
        at,
        NoticeKind.RUN_ENDED,
        None,
        execution_id=execution.id,
        status=execution.status,
        acted=bool(acted),
        approved=bool(acted) and all(run.approved_by for run in acted if "." not in run.step),
        verification_failed=failed and execution.phase is Phase.VERIFICATION,
        reason=execution.reason,
    )


def tell_judgement(draft: Draft, at: At, *, right: bool) -> None:
    """Tell `control` what a person says of a run in shadow."""
    _notify(draft, at, NoticeKind.RUN_JUDGED, None, right=right)


def top_of(draft: Draft, at: At) -> Execution:
    """Give the execution that in the end uses this one."""
    execution = at.execution(draft)
    while execution.parent_id:
        execution = At(at.incident_id, execution.parent_id).execution(draft)
    return execution


def _notify(draft: Draft, at: At, kind: NoticeKind, run: StepRun | None, **fields: object) -> None:
    incident, execution = at.incident(draft), at.execution(draft)
    given = {
        "id": draft.new_id(f"{execution.id}/{kind}/{run.permit_id if run else ''}"),
        "kind": kind,
        "domain": CONTROL,
        "sender": draft.domain,
        "permit_id": run.permit_id if run else "",
        "incident_id": incident.id,
        "execution_id": top_of(draft, at).id,
        "step": run.step if run else "",
        "runbook_id": execution.runbook_id,
        "action": at.step(draft, run.step).action if run else "",
        "service": incident.service,
        "team": incident.team,
        "mode": execution.mode,
        "status": ExecutionStatus.RUNNING,
    }
    draft.outputs.append(Notice.model_validate({**given, **fields}))
