"""Attempts of a step: sending them, their results and timeouts, trying again, giving up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal

from app.core.bounds import OUTPUT_BYTES, TEXT_CHARS, bounded_output, cut, is_too_much
from app.core.context import context_of
from app.core.draft import Draft
from app.core.executions import At, is_at_executor
from app.core.identity import output_id
from app.core.permits import give_back
from app.core.render import render_params
from app.model.base import Values
from app.model.commands import StepCommand
from app.model.durations import in_units
from app.model.execution import StepRun
from app.model.expressions import Context, Expression, ExpressionError
from app.model.inputs import StepResult
from app.model.runbook import Retry
from app.model.timers import Timer
from app.model.words import AnswerStatus, Effect, Gate, Mode, StepStatus, TimerKind

CANCEL_VALID = timedelta(minutes=5)
"""How long telling an executor to stop is worth it."""
STEP_TIMERS = (
    TimerKind.STEP_TIMEOUT,
    TimerKind.STEP_RETRY,
    TimerKind.WAIT_HELD,
    TimerKind.WAIT_TIMEOUT,
)


def send_attempt(draft: Draft, at: At, step_id: str, params: Values, precondition: Values) -> None:
    """Send the next attempt of an action step."""
    step, run, action = at.step(draft, step_id), at.step_run(draft, step_id), at.action(draft, step_id)
    attempt = run.attempt + 1
    due = draft.at + step.timeout
    at.update_step(
        draft,
        step_id,
        status=StepStatus.RUNNING,
        gate=Gate.NONE,
        reason="",
        detail="",
        attempt=attempt,
        object_id=run.object_id or output_id(draft.domain, at.execution_id, f"step/{step_id}"),
        effect=(Effect.READ if step.dry_run else action.effect).value,
        started_at=run.started_at or draft.at,
    )
    command = _command(draft, at, step_id, "run", params, due)
    command = command.model_copy(update={"precondition": precondition})
    draft.outputs.append(command)
    at.update_step(draft, step_id, command_id=command.id)
    _set_timer(draft, at, step_id, TimerKind.STEP_TIMEOUT, due, attempt)
    facts = {"step": step_id, "attempt": str(attempt), "action": step.action, "command_id": command.id}
    draft.record(
        at.incident_id,
        "StepStarted",
        "ready" if attempt == 1 else "retry",
        f"{step_id}: {step.action}",
        data=facts,
    )


def take_result(draft: Draft, at: At, step_id: str, result: StepResult) -> None:
    """Take an executor's answer to a step of the execution."""
    run = at.step_run(draft, step_id)
    if result.command_id and result.command_id != run.command_id:
        _note_late(draft, at, run, result, "older_attempt")
        return
    if run.status is StepStatus.UNKNOWN and result.status in (AnswerStatus.SUCCEEDED, AnswerStatus.FAILED):
        _settle_unknown(draft, at, run, result)
        return
    if not is_at_executor(run) or _is_between_attempts(draft, at, run):
        _note_late(draft, at, run, result, "step_is_over")
        return
    _take(draft, at, run, result)


def time_out(draft: Draft, at: At, step_id: str) -> None:
    """Give the newest attempt up: a read is tried again; of a change nobody knows whether it was carried out."""
    run = at.step_run(draft, step_id)
    if run.effect == Effect.CHANGE:
        words = f"no answer to attempt {run.attempt} in {in_units(at.step(draft, step_id).timeout)}; it may have been carried out"
        end_step(draft, at, step_id, StepStatus.UNKNOWN, "timed_out", words)
        return
    words = f"no answer to attempt {run.attempt} in {in_units(at.step(draft, step_id).timeout)}"
    _try_again_or_end(draft, at, run, StepStatus.TIMED_OUT, "timed_out", words)


def end_step(draft: Draft, at: At, step_id: str, status: StepStatus, reason: str, detail: str = "") -> None:
    """End a step, with why; what it was waiting for is waited for no more."""
    draft.drop_timers(*STEP_TIMERS, incident_id=at.incident_id, execution_id=at.execution_id, step=step_id)
    give_back(draft, at, at.step_run(draft, step_id))
    detail = cut(detail, TEXT_CHARS)
    at.update_step(
        draft, step_id, status=status, gate=Gate.NONE, reason=reason, detail=detail, ended_at=draft.at
    )
    words = f"{step_id}: {detail}" if detail else step_id
    draft.record(at.incident_id, f"Step{_PAST[status]}", reason, words, data={"step": step_id})


def succeed(draft: Draft, at: At, step_id: str, output: Values, reason: str, detail: str = "") -> None:
    """End a step well, with its output and the values that its page names of it; one that cannot be worked out fails it."""
    step = at.step(draft, step_id)
    kept = bounded_output(output, len(at.execution(draft).steps))
    run = at.update_step(draft, step_id, output=kept)
    try:
        names = context_of(at.incident(draft), at.execution(draft), run, kept)
        outputs = evaluate_outputs(step.outputs, names)
        at.update_step(draft, step_id, outputs=outputs)
    except ExpressionError as error:
        end_step(draft, at, step_id, StepStatus.FAILED, "expression_error", f"outputs: {error}")
        return
    end_step(draft, at, step_id, StepStatus.SUCCEEDED, reason, detail)


def evaluate_outputs(outputs: Mapping[str, Expression], names: Context) -> Values:
    """Work the named values out.

    Raises:
        ExpressionError: one cannot be worked out, or is too deep or too much to be kept.

    """
    given = {name: expression.evaluate(names) for name, expression in outputs.items()}
    if is_too_much(given):
        msg = f"the values are longer than {OUTPUT_BYTES} characters"
        raise ExpressionError(msg)
    try:
        return StepRun.model_validate({"step": "x", "phase": "diagnosis", "outputs": given}).outputs
    except ValueError as error:
        msg = "a value is nested too deep; give a scalar, or a list or map of scalars"
        raise ExpressionError(msg) from error


def cancel_step(draft: Draft, at: At, step_id: str, reason: str) -> None:
    """Cancel a step; an attempt under way is told to stop."""
    run = at.step_run(draft, step_id)
    if is_at_executor(run) and not _is_between_attempts(draft, at, run):
        draft.outputs.append(_command(draft, at, step_id, "cancel", {}, draft.at + CANCEL_VALID))
    end_step(draft, at, step_id, StepStatus.CANCELLED, reason)


def render(draft: Draft, at: At, step_id: str) -> tuple[Values, Values]:
    """Work out the parameters and the preconditions of a step's next attempt.

    Raises:
        ExpressionError: one of them cannot be worked out; the message names it.

    """
    step, run = at.step(draft, step_id), at.step_run(draft, step_id)
    names = context_of(at.incident(draft), at.execution(draft), run)
    params = render_params(step.params, names)
    return params, render_params(step.precondition, names, "precondition")


def backoff(retry: Retry, attempt: int) -> timedelta:
    """Give the pause after the attempt (from 1): `initial`, doubled each time if exponential, at most `maximum`."""
    factor: int = 1 << min(attempt - 1, 32) if retry.exponential else 1
    return min(retry.initial * factor, retry.maximum)


_PAST = {
    StepStatus.SUCCEEDED: "Succeeded",
    StepStatus.FAILED: "Failed",
    StepStatus.TIMED_OUT: "TimedOut",
    StepStatus.UNKNOWN: "BecameUnknown",
    StepStatus.SKIPPED: "Skipped",
    StepStatus.CANCELLED: "Cancelled",
    StepStatus.ROLLED_BACK: "RolledBack",
}


def _take(draft: Draft, at: At, run: StepRun, result: StepResult) -> None:
    match result.status:
        case AnswerStatus.ACCEPTED | AnswerStatus.RUNNING:
            draft.record(at.incident_id, "StepProgressed", result.status.value, run.step, actor=result.actor)
        case AnswerStatus.SUCCEEDED:
            succeed(draft, at, run.step, result.output, "succeeded", result.reason)
        case AnswerStatus.FAILED | AnswerStatus.EXPIRED:
            may_retry = (
                result.status is AnswerStatus.EXPIRED or result.retryable or run.effect != Effect.CHANGE
            )
            at.update_step(
                draft, run.step, output=bounded_output(result.output, len(at.execution(draft).steps))
            )
            if may_retry:
                _try_again_or_end(draft, at, run, StepStatus.FAILED, result.status.value, result.reason)
            else:
                end_step(draft, at, run.step, StepStatus.FAILED, "failed", result.reason)
        case AnswerStatus.REFUSED:
            end_step(draft, at, run.step, StepStatus.FAILED, "refused", result.reason)
        case AnswerStatus.UNKNOWN:
            status = StepStatus.UNKNOWN if run.effect == Effect.CHANGE else StepStatus.FAILED
            end_step(draft, at, run.step, status, "executor_does_not_know", result.reason)


def _try_again_or_end(
    draft: Draft, at: At, run: StepRun, status: StepStatus, reason: str, words: str
) -> None:
    retry = at.step(draft, run.step).retry
    if run.attempt >= retry.attempts:
        end_step(draft, at, run.step, status, reason, words)
        return
    pause, words = backoff(retry, run.attempt), cut(words, TEXT_CHARS)
    draft.drop_timers(*STEP_TIMERS, incident_id=at.incident_id, execution_id=at.execution_id, step=run.step)
    give_back(draft, at, run)
    _set_timer(draft, at, run.step, TimerKind.STEP_RETRY, draft.at + pause, run.attempt)
    at.update_step(draft, run.step, reason="waiting_to_retry", detail=words)
    draft.record(
        at.incident_id,
        "StepAttemptFailed",
        reason,
        f"{run.step}: {words or reason}; trying again in {in_units(pause)}",
        data={"step": run.step, "attempt": str(run.attempt)},
    )


def _settle_unknown(draft: Draft, at: At, run: StepRun, result: StepResult) -> None:
    done = result.status is AnswerStatus.SUCCEEDED
    words = f"{run.step}: the executor says late that it {'was carried out' if done else 'failed'}"
    draft.record(
        at.incident_id, "StepSettled", "late_result", words, actor=result.actor, data={"step": run.step}
    )
    if done:
        succeed(draft, at, run.step, result.output, "settled_late", result.reason)
    else:
        end_step(draft, at, run.step, StepStatus.FAILED, "settled_late", result.reason)


def _note_late(draft: Draft, at: At, run: StepRun, result: StepResult, reason: str) -> None:
    words = f"{run.step}: an answer ({result.status}) came too late and changes nothing"
    draft.record(
        at.incident_id, "StepResultIgnored", reason, words, actor=result.actor, data={"step": run.step}
    )


def _is_between_attempts(draft: Draft, at: At, run: StepRun) -> bool:
    return f"{at.execution_id}/{run.step}/{TimerKind.STEP_RETRY}/{run.attempt}" in draft.timers


def _set_timer(draft: Draft, at: At, step_id: str, kind: TimerKind, due: datetime, attempt: int) -> None:
    draft.set_timer(
        Timer(
            id=f"{at.execution_id}/{step_id}/{kind}/{attempt}",
            due=due,
            kind=kind,
            incident_id=at.incident_id,
            execution_id=at.execution_id,
            step=step_id,
            attempt=attempt,
        )
    )


def _command(
    draft: Draft, at: At, step_id: str, op: Literal["run", "cancel"], params: Values, due: datetime
) -> StepCommand:
    execution, step, run = at.execution(draft), at.step(draft, step_id), at.step_run(draft, step_id)
    header = draft.header(
        at.incident_id, run.object_id, f"step/{at.execution_id}/{step_id}/{op}/{run.attempt}"
    )
    verb = "Run" if op == "run" else "Cancel"
    return StepCommand.model_validate(
        {
            **header,
            "mode": execution.mode,
            "op": op,
            "text": f"{verb} {step.action} for step {step_id} of runbook {execution.runbook_id}, attempt {run.attempt}",
            "not_after": due,
            "execution_id": execution.id,
            "step": step_id,
            "attempt": run.attempt,
            "idempotency_key": output_id(
                draft.run_home(at.incident_id, at.execution_id), at.execution_id, f"idempotency/{step_id}"
            ),
            "action": step.action,
            "params": params,
            "effect": at.action(draft, step_id).effect,
            "dry_run": execution.mode is Mode.SHADOW or step.dry_run,
            "result_by": due,
            "runbook_id": execution.runbook_id,
            "runbook_hash": execution.runbook_hash,
            "requested_by": execution.requested_by,
            "approved_by": run.approved_by,
            "secret_names": list(step.secrets),
        }
    )
