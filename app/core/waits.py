"""Steps that wait until a condition holds without a break."""

from __future__ import annotations

from app.core.attempts import end_step
from app.core.context import context_of
from app.core.draft import Draft
from app.core.executions import At
from app.model.durations import in_units
from app.model.expressions import ExpressionError
from app.model.runbook import Wait
from app.model.timers import Timer
from app.model.words import StepStatus, TimerKind


def start_wait(draft: Draft, at: At, step_id: str, wait: Wait) -> None:
    """Begin to wait."""
    at.update_step(draft, step_id, status=StepStatus.RUNNING, attempt=1, started_at=draft.at)
    _set_timer(draft, at, step_id, TimerKind.WAIT_TIMEOUT, wait)
    draft.record(
        at.incident_id,
        "StepStarted",
        "ready",
        f"{step_id}: wait until {wait.until.source}",
        data={"step": step_id},
    )


def look(draft: Draft, at: At, step_id: str, wait: Wait) -> None:
    """Look whether the condition holds, and since when; end the step when it held long enough."""
    run = at.step_run(draft, step_id)
    try:
        holds = wait.until.evaluate(context_of(at.incident(draft), at.execution(draft)))
    except ExpressionError as error:
        end_step(draft, at, step_id, StepStatus.FAILED, "expression_error", f"wait.until: {error}")
        return
    if holds is not True:
        if run.holds_since is not None:
            at.update_step(draft, step_id, holds_since=None)
            draft.drop_timers(
                TimerKind.WAIT_HELD, incident_id=at.incident_id, execution_id=at.execution_id, step=step_id
            )
        return
    since = run.holds_since or draft.at
    if draft.at - since >= wait.hold:
        words = f"{wait.until.source} held{_how_long(wait)}"
        end_step(draft, at, step_id, StepStatus.SUCCEEDED, "held", words)
    elif run.holds_since is None:
        at.update_step(draft, step_id, holds_since=since)
        _set_timer(draft, at, step_id, TimerKind.WAIT_HELD, wait)


def give_up(draft: Draft, at: At, step_id: str) -> None:
    """End the step because its time is over; a condition that holds, though not long enough yet, does not save it.

    In a paused execution it begins anew when that is resumed.
    """
    wait = at.step(draft, step_id).wait
    if wait is None:
        return
    if at.execution(draft).is_paused:
        draft.drop_timers(
            TimerKind.WAIT_HELD, incident_id=at.incident_id, execution_id=at.execution_id, step=step_id
        )
        at.update_step(draft, step_id, status=StepStatus.PENDING, holds_since=None)
        return
    words = f"{wait.until.source} did not hold{_how_long(wait)} within {in_units(wait.timeout)}"
    end_step(draft, at, step_id, StepStatus.TIMED_OUT, "wait_timeout", words)


def _how_long(wait: Wait) -> str:
    return f" for {in_units(wait.hold)}" if wait.hold else ""


def _set_timer(draft: Draft, at: At, step_id: str, kind: TimerKind, wait: Wait) -> None:
    due = draft.at + (wait.hold if kind is TimerKind.WAIT_HELD else wait.timeout)
    draft.set_timer(
        Timer(
            id=f"{at.execution_id}/{step_id}/{kind}",
            due=due,
            kind=kind,
            incident_id=at.incident_id,
            execution_id=at.execution_id,
            step=step_id,
            attempt=1,
        )
    )
