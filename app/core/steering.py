"""What people may do with an execution: pause, resume, cancel, retry or skip a step, run a runbook, take over. Always with who and why."""

from __future__ import annotations

from app.core.attempts import cancel_step, end_step
from app.core.budget import start_clock
from app.core.draft import Draft
from app.core.ending import end_execution
from app.core.executions import At, main_run, page_steps, running
from app.core.handover import report
from app.core.people import person_of
from app.core.workflow import start_execution
from app.model.incident import Execution, Incident, StepRun
from app.model.inputs import Response
from app.model.words import ExecutionStatus, ResponseKind, StepStatus

FAILED = (StepStatus.FAILED, StepStatus.TIMED_OUT, StepStatus.UNKNOWN, StepStatus.CANCELLED)


def steer(draft: Draft, incident: Incident, response: Response) -> str:
    """Do what a person asks of an execution; give why not, by name, where it cannot be done (empty: done)."""
    match response.response:
        case ResponseKind.RUN:
            return _run(draft, incident, response)
        case ResponseKind.TAKE_OVER:
            return _take_over(draft, incident, response)
        case _:
            pass
    execution = _execution(incident, response)
    if execution is None:
        return "no_execution"
    at = At(incident.id, execution.id)
    match response.response:
        case ResponseKind.PAUSE:
            return _pause(draft, at, response, paused=True)
        case ResponseKind.RESUME:
            return _pause(draft, at, response, paused=False)
        case ResponseKind.CANCEL:
            return _cancel(draft, at, response)
        case _:
            return _step(draft, at, response)


def _run(draft: Draft, incident: Incident, response: Response) -> str:
    runbook = draft.library.runbooks.get(response.runbook_id)
    if runbook is None:
        return "no_such_runbook"
    if runbook.is_checklist:
        return "checklist_only"
    if any(run.runbook_id == runbook.id and not run.parent_id for run in running(incident)):
        return "runs_already"
    if not incident.alerts:
        return "no_alert"
    who = person_of(response.actor, draft.library) or response.actor.id or "somebody"
    _say(draft, incident.id, response, "RunAsked", f"runbook {runbook.id}")
    draft.update(incident.id, automation_off=False)
    start_execution(
        draft, incident.id, runbook, incident.alerts[0],
        requested_by=who, given=response.output, reason="by_person",
    )  # fmt: skip
    return ""


def _take_over(draft: Draft, incident: Incident, response: Response) -> str:
    draft.update(incident.id, automation_off=True)
    _say(draft, incident.id, response, "TakenOver", "automation stops; the page stays as a checklist")
    for run in running(draft.incidents[incident.id]):
        if not run.parent_id:
            end_execution(draft, At(incident.id, run.id), ExecutionStatus.CANCELLED, "taken_over")
    return ""


def _pause(draft: Draft, at: At, response: Response, *, paused: bool) -> str:
    execution = at.execution(draft)
    if execution.status is not ExecutionStatus.RUNNING:
        return "execution_is_over"
    if execution.is_paused is paused:
        return "paused_already" if paused else "not_paused"
    at.update(draft, is_paused=paused)
    kind = "ExecutionPaused" if paused else "ExecutionResumed"
    _say(draft, at.incident_id, response, kind, f"runbook {execution.runbook_id}")
    return ""


def _cancel(draft: Draft, at: At, response: Response) -> str:
    execution = at.execution(draft)
    if execution.status is not ExecutionStatus.RUNNING:
        return "execution_is_over"
    _say(draft, at.incident_id, response, "CancelAsked", f"runbook {execution.runbook_id}")
    end_execution(draft, at, ExecutionStatus.CANCELLED, "by_person")
    return ""


def _step(draft: Draft, at: At, response: Response) -> str:
    if at.execution(draft).status is ExecutionStatus.RUNNING and at.execution(draft).failing:
        return "cleanup_under_way"
    run = next((each for each in at.execution(draft).steps if each.step == response.step), None)
    if run is None:
        return "no_such_step"
    match response.response:
        case ResponseKind.REPORT:
            report(draft, at, run.step, response)
            return ""
        case ResponseKind.RETRY:
            return _retry(draft, at, run, response)
        case ResponseKind.SKIP:
            return _skip(draft, at, run, response)
        case _:
            return "unknown_wish"


def _retry(draft: Draft, at: At, run: StepRun, response: Response) -> str:
    if run.status not in FAILED or run.step not in {each.step for each in page_steps(at.execution(draft))}:
        return "step_has_not_failed"
    if at.execution(draft).status is ExecutionStatus.SUCCEEDED or at.execution(draft).parent_id:
        return "execution_is_over"
    _say(draft, at.incident_id, response, "RetryAsked", f"step {run.step}")
    _take_up(draft, at)
    _renew(draft, at, run)
    return ""


def _skip(draft: Draft, at: At, run: StepRun, response: Response) -> str:
    if run.status.is_final and run.status not in FAILED:
        return "step_is_over"
    if at.execution(draft).status is ExecutionStatus.SUCCEEDED or at.execution(draft).parent_id:
        return "execution_is_over"
    _say(draft, at.incident_id, response, "SkipAsked", f"step {run.step}")
    _take_up(draft, at)
    if not run.status.is_final:
        cancel_step(draft, at, run.step, "skipped_by_person")
    end_step(draft, at, run.step, StepStatus.SKIPPED, "skipped_by_person", response.text)
    return ""


def _take_up(draft: Draft, at: At) -> None:
    """Let an execution that has failed go on: what its failure cancelled is to come again."""
    execution = at.execution(draft)
    if execution.status is ExecutionStatus.RUNNING and not execution.failing:
        return
    for run in page_steps(execution):
        if run.status is StepStatus.CANCELLED:
            _renew(draft, at, run)
    at.update(draft, status=ExecutionStatus.RUNNING, reason="", failing="", failed_step="", ended_at=None)
    draft.update(at.incident_id, automation_off=False)
    start_clock(draft, at, at.page(draft).budget)


def _renew(draft: Draft, at: At, run: StepRun) -> None:
    """Let a step be to come again; items, probes and compensations of before are gone."""
    kept = [
        each
        for each in at.execution(draft).steps
        if not each.step.startswith((f"{run.step}[", f"{run.step}."))
    ]
    at.update(draft, steps=kept)
    at.update_step(
        draft, run.step, status=StepStatus.PENDING, reason="", detail="", ended_at=None, approval_id="",
        approved_by=[], must_ask=False, holds_since=None, child_id="",
    )  # fmt: skip


def _execution(incident: Incident, response: Response) -> Execution | None:
    if response.execution_id:
        return next((run for run in incident.executions if run.id == response.execution_id), None)
    newest = next((run for run in reversed(incident.executions) if not run.parent_id), None)
    return main_run(incident) or newest


def _say(draft: Draft, incident_id: str, response: Response, kind: str, words: str) -> None:
    who = response.actor.id or "somebody"
    text = f"{words}, by {who}" + (f": {response.text}" if response.text else "")
    draft.record(incident_id, kind, "by_person", text, actor=response.actor)
