"""The way of an execution through its page: phases are barriers, steps go in the order of their needs.

`advance` looks at what stands and does what can be done now, again and again until nothing moves.
"""

from __future__ import annotations

from app.core import failing, foreach, probes, subruns, waits
from app.core.announce import say_mitigated
from app.core.attempts import end_step
from app.core.beginning import begin_step
from app.core.budget import keep_clock, start_clock
from app.core.context import context_of
from app.core.draft import Draft
from app.core.ending import end_execution
from app.core.executions import ACTING, At, page_steps, running
from app.core.paging import page
from app.core.sources import why_not_over
from app.core.starting import Start, new_execution
from app.core.subruns import InputError
from app.model.base import Values
from app.model.evidence import AlertView
from app.model.execution import Execution, StepRun
from app.model.expressions import ExpressionError
from app.model.runbook import Runbook
from app.model.words import ExecutionStatus, IncidentStatus, Phase, StepStatus

FAILURES = (StepStatus.FAILED, StepStatus.TIMED_OUT, StepStatus.UNKNOWN)
PASSED_OVER = (StepStatus.FAILED, StepStatus.TIMED_OUT)
"""Failures that `continue-on-error` passes over; a change of which nobody knows is never one of them."""
PHASES = list(Phase)


def start_execution(
    draft: Draft,
    incident_id: str,
    runbook: Runbook,
    trigger: AlertView,
    *,
    requested_by: str = "engine",
    given: Values | None = None,
    reason: str = "",
) -> None:
    """Start a run of the page, pinned to its text and to the mode that holds now; without what it needs a person is paged."""
    names = context_of(draft.incidents[incident_id], None) | {
        "trigger": context_of_trigger(draft, incident_id, trigger)
    }
    try:
        inputs = subruns.inputs_of(runbook, given or {}, names)
    except InputError as error:
        draft.record(incident_id, "ExecutionNotStarted", "input_missing", str(error))
        page(draft, incident_id, "input_missing", str(error))
        return
    start = Start(runbook, draft.library.hash, trigger, inputs, requested_by)
    at = new_execution(draft, incident_id, start)
    start_clock(draft, at, runbook.budget)
    run = at.execution(draft)
    facts = {
        "execution_id": run.id,
        "runbook": runbook.id,
        "runbook_hash": runbook.hash,
        "mode": run.mode.value,
    }
    why = reason or draft.incidents[incident_id].runbook_reason
    draft.record(incident_id, "ExecutionStarted", why, f"runbook {runbook.id}", data=facts)


def context_of_trigger(draft: Draft, incident_id: str, trigger: AlertView) -> object:
    """Give the trigger as expressions see it before there is an execution."""
    incident = draft.incidents[incident_id].model_copy(update={"alerts": [trigger]})
    return context_of(incident, None)["trigger"]


def advance(draft: Draft, incident_id: str) -> None:
    """Take the incident's executions as far as they can go now."""
    moved = True
    while moved:
        moved = False
        for run in running(draft.incidents[incident_id]):
            at = At(incident_id, run.id)
            while at.execution(draft).status is ExecutionStatus.RUNNING and _move(draft, at):
                moved = True
    for run in running(draft.incidents[incident_id]):
        keep_clock(draft, At(incident_id, run.id))


def run_out_of_budget(draft: Draft, at: At) -> None:
    """End an execution that took longer than its page allows, and bring a person in."""
    execution = at.execution(draft)
    if execution.failing:
        draft.record(at.incident_id, "CleanupTimedOut", "budget_exceeded", f"runbook {execution.runbook_id}")
        _end_failed(draft, at, ExecutionStatus.FAILED)
        return
    failing.begin(draft, at, "", "budget_exceeded")


def applied_mitigations(run: Execution) -> list[str]:
    """Name the mitigation steps that were carried out."""
    return [
        step.step
        for step in run.steps
        if step.phase is Phase.MITIGATION
        and step.status is StepStatus.SUCCEEDED
        and step.effect in ACTING
        and "." not in step.step
    ]


def _move(draft: Draft, at: At) -> bool:
    """Do the next thing that can be done; say whether there was one. While it is paused nothing begins, and nothing is given up."""
    if probes.look(draft, at) or subruns.look(draft, at) or _look_at_steps(draft, at):
        return True
    if at.execution(draft).failing:
        return _go_on_failing(draft, at)
    if at.execution(draft).is_paused:
        return False
    if (failed := _failure(draft, at)) is not None:
        failing.begin(draft, at, failed.step, _reason_of(failed))
        return True
    return _start_ready(draft, at) or _next_phase(draft, at)


def _look_at_steps(draft: Draft, at: At) -> bool:
    for run in page_steps(at.execution(draft)):
        step = at.step(draft, run.step)
        if run.status is not StepStatus.RUNNING:
            continue
        if step.wait is not None:
            waits.look(draft, at, run.step, step.wait)
            if at.step_run(draft, run.step).status.is_final:
                return True
        elif step.foreach is not None and foreach.look(draft, at, run.step, step.foreach):
            return True
    return False


def _start_ready(draft: Draft, at: At) -> bool:
    """Start each step of the phase whose needs are over; say whether any was."""
    phase = at.execution(draft).phase
    started = False
    for step in at.page(draft).steps:
        runs = {run.step: run for run in at.execution(draft).steps}
        run = runs[step.id]
        if step.phase is not phase or step.on_failure or run.status is not StepStatus.PENDING or run.gate:
            continue
        needs = [runs[need] for need in step.needs]
        if not all(probes.is_over(draft, at, need) for need in needs):
            continue
        lacking = {need.step for need in needs if not _is_satisfied(draft, at, need)}
        if lacking <= step.decides_on:
            begin_step(draft, at, step)
        else:
            end_step(draft, at, step.id, StepStatus.SKIPPED, "need_skipped")
        started = True
    return started


def _is_satisfied(draft: Draft, at: At, need: StepRun) -> bool:
    passed = need.status in PASSED_OVER and at.step(draft, need.step).continue_on_error
    return need.status is StepStatus.SUCCEEDED or passed


def _next_phase(draft: Draft, at: At) -> bool:
    """Enter the next phase if this one is over; say whether anything moved."""
    run = at.execution(draft)
    steps = [
        step
        for step in page_steps(run)
        if step.phase is run.phase and not at.step(draft, step.step).on_failure
    ]
    if not all(probes.is_over(draft, at, step) for step in steps):
        return False
    if run.phase is Phase.MITIGATION and not run.parent_id:
        _end_mitigation(draft, at)
    if run.phase is PHASES[-1]:
        _end_well(draft, at)
    else:
        at.update(draft, phase=PHASES[PHASES.index(run.phase) + 1])
    return True


def _end_well(draft: Draft, at: At) -> None:
    try:
        outputs = subruns.outputs_of(draft, at)
    except ExpressionError as error:
        failing.begin(draft, at, "", "outputs_failed")
        draft.record(at.incident_id, "OutputsFailed", "expression_error", str(error))
        return
    failing.skip_for_failure(draft, at)
    at.update(draft, outputs=outputs)
    end_execution(draft, at, ExecutionStatus.SUCCEEDED, "all_steps_done")
    if not at.execution(draft).parent_id and (reason := why_not_over(at.incident(draft))):
        page(draft, at.incident_id, reason, f"runbook {at.execution(draft).runbook_id}")


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


def _failure(draft: Draft, at: At) -> StepRun | None:
    for run in page_steps(at.execution(draft)):
        step = at.step(draft, run.step)
        if run.status not in FAILURES or not probes.is_over(draft, at, run):
            continue
        if not (step.continue_on_error and run.status in PASSED_OVER):
            return run
    return None


def _go_on_failing(draft: Draft, at: At) -> bool:
    if failing.go_on(draft, at):
        return True
    if failing.is_under_way(draft, at):
        return False
    failed = at.execution(draft).failing == "budget_exceeded"
    _end_failed(draft, at, ExecutionStatus.TIMED_OUT if failed else ExecutionStatus.FAILED)
    return True


def _end_failed(draft: Draft, at: At, status: ExecutionStatus) -> None:
    execution = at.execution(draft)
    end_execution(draft, at, status, execution.failing)
    _note_taken_back(draft, at)
    if execution.parent_id:
        return  # the page that uses this one fails in its turn, and says so to people
    failed = next((run for run in execution.steps if run.step == execution.failed_step), None)
    words = (
        f"step {failed.step}: {failed.detail or failed.reason}"
        if failed
        else f"runbook {execution.runbook_id}"
    )
    lost = [run.step.removesuffix(".rollback") for run in execution.steps
            if run.step.endswith(".rollback") and run.status is not StepStatus.SUCCEEDED]  # fmt: skip
    if lost:
        words += f"; {', '.join(lost)} could not be taken back"
    page(draft, at.incident_id, execution.failing, words)


def _note_taken_back(draft: Draft, at: At) -> None:
    """Let an incident be mitigated no more where all that was done has been taken back."""
    incident = at.incident(draft)
    taken_back = any(run.status is StepStatus.ROLLED_BACK for run in at.execution(draft).steps)
    still_done = any(applied_mitigations(run) for run in incident.executions)
    if incident.status is not IncidentStatus.MITIGATED or not taken_back or still_done:
        return
    before = IncidentStatus.ACKNOWLEDGED if incident.acknowledged_at else IncidentStatus.TRIGGERED
    draft.update(incident.id, status=before, reason="mitigation_taken_back", mitigated_at=None)
    draft.record(incident.id, "MitigationTakenBack", at.execution(draft).failing, f"now {before} again")


def _reason_of(failed: StepRun) -> str:
    if failed.reason in ("expression_error", "condition_not_boolean", "probe_undecided"):
        return "step_needs_person"
    if failed.reason in ("rejected", "approval_timeout", "nobody_reported"):
        return failed.reason
    if failed.status is StepStatus.UNKNOWN:
        return "step_unknown"
    if failed.status is StepStatus.TIMED_OUT:
        return "verification_timeout" if failed.reason == "wait_timeout" else "step_timed_out"
    return "step_failed"
