"""The way of an execution through its page: phases are barriers, steps go in the order of their needs."""

from __future__ import annotations

from app.core.announce import say_mitigated
from app.core.attempts import cancel_step, end_step, send_attempt
from app.core.bounds import EXECUTIONS
from app.core.context import context_of
from app.core.draft import Draft
from app.core.executions import At, running
from app.core.paging import page
from app.core.waits import look, start_wait
from app.model.expressions import ExpressionError
from app.model.incident import AlertView, Execution, StepRun
from app.model.runbook import Runbook, Step
from app.model.timers import Timer
from app.model.words import Effect, ExecutionStatus, IncidentStatus, Phase, StepStatus, TimerKind, strictest

FAILURES = (StepStatus.FAILED, StepStatus.TIMED_OUT, StepStatus.UNKNOWN)
PHASES = list(Phase)


def start_execution(draft: Draft, incident_id: str, runbook: Runbook, trigger: AlertView) -> None:
    """Start a run of the page, pinned to its text and to the mode that holds now."""
    incident = draft.incidents[incident_id]
    run = Execution(
        id=draft.new_id(f"{incident_id}/execution/{runbook.id}"),
        runbook_id=runbook.id,
        runbook_hash=runbook.hash,
        library=draft.library.hash,
        trigger=trigger,
        mode=strictest(incident.mode, runbook.mode or incident.mode, draft.mode or incident.mode),
        steps=[StepRun(step=step.id, phase=step.phase) for step in runbook.steps],
        started_at=draft.at,
    )
    draft.update(incident_id, executions=[*incident.executions, run][-EXECUTIONS:])
    draft.set_timer(
        Timer(
            id=f"{run.id}/budget",
            due=draft.at + runbook.budget,
            kind=TimerKind.EXECUTION_BUDGET,
            incident_id=incident_id,
            execution_id=run.id,
        )
    )
    facts = {
        "execution_id": run.id,
        "runbook": runbook.id,
        "runbook_hash": runbook.hash,
        "mode": run.mode.value,
    }
    draft.record(
        incident_id, "ExecutionStarted", incident.runbook_reason, f"runbook {runbook.id}", data=facts
    )


def advance(draft: Draft, incident_id: str) -> None:
    """Take the incident's execution as far as it can go now."""
    while (run := running(draft.incidents[incident_id])) is not None:
        at = At(incident_id, run.id)
        _look_at_waits(draft, at)
        if (failed := _failure(at.execution(draft))) is not None:
            _fail(draft, at, failed)
        elif not (_start_ready(draft, at) or _next_phase(draft, at)):
            return


def end_execution(draft: Draft, at: At, status: ExecutionStatus, reason: str) -> None:
    """End an execution: what runs is cancelled, what was not begun is not begun any more."""
    for run in at.execution(draft).steps:
        if run.status is StepStatus.RUNNING:
            cancel_step(draft, at, run.step, reason)
        elif not run.status.is_final:
            at.update_step(draft, run.step, status=StepStatus.CANCELLED, reason=reason, ended_at=draft.at)
    draft.drop_timers(incident_id=at.incident_id, execution_id=at.execution_id)
    at.update(draft, status=status, reason=reason, ended_at=draft.at)
    words = f"runbook {at.execution(draft).runbook_id}"
    draft.record(
        at.incident_id, f"Execution{_PAST[status]}", reason, words, data={"execution_id": at.execution_id}
    )


def run_out_of_budget(draft: Draft, at: At) -> None:
    """End an execution that took longer than its page allows, and bring a person in."""
    end_execution(draft, at, ExecutionStatus.TIMED_OUT, "budget_exceeded")
    page(draft, at.incident_id, "budget_exceeded", f"runbook {at.execution(draft).runbook_id}")


def applied_mitigations(run: Execution) -> list[str]:
    """Name the mitigation steps that were carried out."""
    return [
        step.step
        for step in run.steps
        if step.phase is Phase.MITIGATION
        and step.status is StepStatus.SUCCEEDED
        and step.effect in (Effect.CHANGE, Effect.IDEMPOTENT)
    ]


_PAST = {
    ExecutionStatus.SUCCEEDED: "Succeeded",
    ExecutionStatus.FAILED: "Failed",
    ExecutionStatus.TIMED_OUT: "TimedOut",
    ExecutionStatus.CANCELLED: "Cancelled",
}


def _look_at_waits(draft: Draft, at: At) -> None:
    for run in at.execution(draft).steps:
        if run.status is StepStatus.RUNNING and (wait := at.step(draft, run.step).wait) is not None:
            look(draft, at, run.step, wait)


def _start_ready(draft: Draft, at: At) -> bool:
    """Start each step of the phase whose needs are over; say whether any was."""
    phase = at.execution(draft).phase
    started = False
    for step in at.page(draft).steps:
        states = {run.step: run.status for run in at.execution(draft).steps}
        if step.phase is not phase or states[step.id] is not StepStatus.PENDING:
            continue
        if not all(states[need].is_final for need in step.needs):
            continue
        if all(states[need] is StepStatus.SUCCEEDED for need in step.needs):
            _start(draft, at, step)
        else:
            end_step(draft, at, step.id, StepStatus.SKIPPED, "need_skipped")
        started = True
    return started


def _start(draft: Draft, at: At, step: Step) -> None:
    if step.condition is not None:
        try:
            holds = step.condition.evaluate(context_of(at.incident(draft), at.execution(draft)))
        except ExpressionError as error:
            end_step(draft, at, step.id, StepStatus.FAILED, "expression_error", f"if: {error}")
            return
        if holds is not True:
            words = f"{step.condition.source} is {holds!r}"
            reason = "condition_false" if holds is False else "condition_not_boolean"
            end_step(
                draft, at, step.id, StepStatus.SKIPPED if holds is False else StepStatus.FAILED, reason, words
            )
            return
    if step.needs_approval:
        words = "the step asks for an approval, which this release cannot collect; a person must decide"
        end_step(draft, at, step.id, StepStatus.FAILED, "needs_approval", words)
    elif step.wait is not None:
        start_wait(draft, at, step.id, step.wait)
    else:
        send_attempt(draft, at, step.id)


def _next_phase(draft: Draft, at: At) -> bool:
    """Enter the next phase if this one is over; say whether anything moved."""
    run = at.execution(draft)
    if not all(step.status.is_final for step in run.steps if step.phase is run.phase):
        return False
    if run.phase is Phase.MITIGATION:
        _end_mitigation(draft, at)
    if run.phase is PHASES[-1]:
        end_execution(draft, at, ExecutionStatus.SUCCEEDED, "all_steps_done")
        if at.incident(draft).firing:
            page(draft, at.incident_id, "still_firing", f"runbook {run.runbook_id}")
    else:
        at.update(draft, phase=PHASES[PHASES.index(run.phase) + 1])
    return True


def _end_mitigation(draft: Draft, at: At) -> None:
    applied = applied_mitigations(at.execution(draft))
    if not applied:
        page(draft, at.incident_id, "no_mitigation_applied")
        return
    fields = {"mitigated_at": at.incident(draft).mitigated_at or draft.at}
    if at.incident(draft).status in (IncidentStatus.TRIGGERED, IncidentStatus.ACKNOWLEDGED):
        draft.update(at.incident_id, status=IncidentStatus.MITIGATED, reason="mitigation_applied", **fields)
    draft.record(at.incident_id, "IncidentMitigated", "mitigation_applied", ", ".join(applied))
    say_mitigated(draft, at.incident_id, ", ".join(applied))


def _failure(run: Execution) -> StepRun | None:
    return next((step for step in run.steps if step.status in FAILURES), None)


def _fail(draft: Draft, at: At, failed: StepRun) -> None:
    reason = {
        StepStatus.UNKNOWN: "step_unknown",
        StepStatus.TIMED_OUT: "verification_timeout" if failed.reason == "wait_timeout" else "step_timed_out",
    }.get(failed.status, "step_failed")
    if failed.reason in ("expression_error", "needs_approval", "condition_not_boolean"):
        reason = "step_needs_person"
    end_execution(draft, at, ExecutionStatus.FAILED, reason)
    page(draft, at.incident_id, reason, f"step {failed.step}: {failed.detail or failed.reason}")
