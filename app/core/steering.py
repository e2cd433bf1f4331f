"""What people may do with an execution: pause, resume, cancel, retry or skip a step, run a runbook, take over. Always with who and why."""

from __future__ import annotations

from app.core.attempts import end_step
from app.core.budget import start_clock
from app.core.context import base_of
from app.core.draft import Draft
from app.core.ending import end_execution, stop_step
from app.core.executions import At, main_run, page_steps, parts_of, running
from app.core.handover import report
from app.core.people import is_vouched_for, named, person_of
from app.core.workflow import start_execution
from app.model.execution import Execution, StepRun
from app.model.incident import Incident
from app.model.inputs import Response
from app.model.words import ExecutionStatus, Phase, ResponseKind, StepStatus

FAILED = (StepStatus.FAILED, StepStatus.TIMED_OUT, StepStatus.UNKNOWN, StepStatus.CANCELLED)


def steer(draft: Draft, incident: Incident, response: Response) -> str:
    """Do what a person asks of an execution; give why not, by name, where it cannot be done (empty: done)."""
    if response.response is ResponseKind.RUN:
        return _run(draft, incident, response)
    if response.response is ResponseKind.TAKE_OVER:
        return _take_over(draft, incident, response)
    execution = _execution(incident, response)
    return "no_execution" if execution is None else _steer(draft, At(incident.id, execution.id), response)


def _steer(draft: Draft, at: At, response: Response) -> str:
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
    if _runs(incident, runbook.id):
        return "runs_already"
    if not incident.alerts:
        return "no_alert"
    who = person_of(response.actor, draft.library) if is_vouched_for(response.actor, draft.library) else ""
    who = who or f"{response.actor.provider}:{response.actor.id}"
    _say(draft, incident.id, response, "RunAsked", f"runbook {runbook.id}")
    draft.update(incident.id, automation_off=False)
    start_execution(
        draft, incident.id, runbook, incident.alerts[0],
        requested_by=who, given=response.output, reason="by_person",
    )  # fmt: skip
    return ""


def _take_over(draft: Draft, incident: Incident, response: Response) -> str:
    if incident.automation_off and not running(incident):
        return "taken_over_already"
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
    if execution.failing:
        return "cleanup_under_way"
    if execution.is_paused is paused:
        return "paused_already" if paused else "not_paused"
    set_paused(draft, at, paused=paused)
    kind = "ExecutionPaused" if paused else "ExecutionResumed"
    _say(draft, at.incident_id, response, kind, f"runbook {execution.runbook_id}")
    return ""


def set_paused(draft: Draft, at: At, *, paused: bool) -> None:
    """Pause an execution, or let it go on, with those that it uses; one that cleans up after its failure is left to that."""
    at.update(draft, is_paused=paused)
    for child in running(at.incident(draft)):
        if child.parent_id == at.execution_id and not child.failing:
            set_paused(draft, At(at.incident_id, child.id), paused=paused)


def _cancel(draft: Draft, at: At, response: Response) -> str:
    execution = at.execution(draft)
    if execution.status is not ExecutionStatus.RUNNING:
        return "execution_is_over"
    _say(draft, at.incident_id, response, "CancelAsked", f"runbook {execution.runbook_id}")
    end_execution(draft, at, ExecutionStatus.CANCELLED, "by_person")
    return ""


def _step(draft: Draft, at: At, response: Response) -> str:
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
    if run.status not in FAILED or run.step != base_of(run.step):
        return "step_has_not_failed"
    if why_not := _why_not_on(draft, at) or _why_not_first(at.execution(draft), run):
        return why_not
    _say(draft, at.incident_id, response, "RetryAsked", f"step {run.step}")
    _take_up(draft, at)
    _renew(draft, at, at.step_run(draft, run.step))
    _go_back(draft, at)
    return ""


def _skip(draft: Draft, at: At, run: StepRun, response: Response) -> str:
    has_failed = run.status in FAILED and run.step == base_of(run.step)
    if run.status.is_final and not has_failed:
        return "step_is_over"
    if at.execution(draft).status is ExecutionStatus.CANCELLED:
        return "execution_is_over"
    if has_failed and (why_not := _why_not_on(draft, at)):
        return why_not
    _say(draft, at.incident_id, response, "SkipAsked", f"step {run.step}")
    _take_up(draft, at)
    stop_step(draft, at, run.step, "skipped_by_person")
    end_step(draft, at, run.step, StepStatus.SKIPPED, "skipped_by_person", response.text)
    _go_back(draft, at)
    return ""


def _why_not_on(draft: Draft, at: At) -> str:
    """Give why an execution cannot go on after a failure, by name; empty: it can."""
    execution = at.execution(draft)
    if execution.status is ExecutionStatus.RUNNING:
        return "cleanup_under_way" if execution.failing else ""
    if execution.status is ExecutionStatus.SUCCEEDED or execution.parent_id:
        return "execution_is_over"
    if any(run.step.endswith(".rollback") for run in execution.steps):
        return "rolled_back"  # what was taken back is not done again under its old idempotency key
    if _runs(at.incident(draft), execution.runbook_id):
        return "runs_already"
    return ""


def _why_not_first(execution: Execution, run: StepRun) -> str:
    """Give why another step is to be retried first: a failed page would fail by it again at once."""
    is_over = execution.status in (ExecutionStatus.FAILED, ExecutionStatus.TIMED_OUT)
    failed = next((each for each in page_steps(execution) if each.step == execution.failed_step), None)
    in_the_way = is_over and failed is not None and failed is not run and failed.status in FAILED
    return (
        "retry_the_failed_step"
        if in_the_way and failed is not None and run.status is StepStatus.CANCELLED
        else ""
    )


def _take_up(draft: Draft, at: At) -> None:
    """Let an execution that is over go on: what its end cancelled is to come again, and so are the steps for failures."""
    execution = at.execution(draft)
    if execution.status is ExecutionStatus.RUNNING:
        return
    for run in page_steps(execution):
        if run.status is StepStatus.CANCELLED or at.step(draft, run.step).on_failure:
            _renew(draft, at, run)
    at.update(draft, status=ExecutionStatus.RUNNING, reason="", failing="", failed_step="", ended_at=None)
    draft.update(at.incident_id, automation_off=False)
    start_clock(draft, at, at.page(draft).budget)


def _renew(draft: Draft, at: At, run: StepRun) -> None:
    """Let a step come again. Of a `foreach` only the items that were not done; the looks at what became of them are gone."""
    items = [part for part in parts_of(at.execution(draft), run.step) if "." not in part.step]
    steps = [
        each for each in at.execution(draft).steps if each.step != f"{run.step}.probe"
        and not (each.step.startswith(f"{run.step}[") and "." in each.step)
    ]  # fmt: skip
    at.update(draft, steps=steps)
    for each in (run, *items):
        if each.status in FAILED or each is run:
            at.update_step(
                draft, each.step, status=StepStatus.PENDING, reason="", detail="", ended_at=None,
                approval_id="", approval_due=None, approved_by=[], must_ask=False, holds_since=None, child_id="",
            )  # fmt: skip
    if items:
        at.update_step(draft, run.step, status=StepStatus.RUNNING)


def _go_back(draft: Draft, at: At) -> None:
    """Let the execution be in the first phase that has a step to come."""
    phases = [
        run.phase
        for run in page_steps(at.execution(draft))
        if not run.status.is_final and not at.step(draft, run.step).on_failure
    ]
    at.update(draft, phase=min([at.execution(draft).phase, *phases], key=list(Phase).index))


def _runs(incident: Incident, runbook_id: str) -> bool:
    return any(run.runbook_id == runbook_id and not run.parent_id for run in running(incident))


def _execution(incident: Incident, response: Response) -> Execution | None:
    if response.execution_id:
        return next((run for run in incident.executions if run.id == response.execution_id), None)
    newest = next((run for run in reversed(incident.executions) if not run.parent_id), None)
    return main_run(incident) or newest


def _say(draft: Draft, incident_id: str, response: Response, kind: str, words: str) -> None:
    who = named(response.actor, draft.library)
    text = f"{words}, by {who}" + (f": {response.text}" if response.text else "")
    draft.record(incident_id, kind, "by_person", text, actor=response.actor)
