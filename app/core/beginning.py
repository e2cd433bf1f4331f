"""The beginning of a step: its condition, then the way of its kind."""

from __future__ import annotations

from app.core import foreach, subruns, waits
from app.core.attempts import end_step
from app.core.bounds import DEPTH, RUNS
from app.core.budget import start_clock
from app.core.context import context_of
from app.core.draft import Draft
from app.core.executions import At
from app.core.gates import go
from app.core.handover import do_by_hand
from app.core.starting import Start, at_work, new_execution
from app.core.subruns import InputError
from app.model.expressions import Expression, ExpressionError
from app.model.runbook import Step
from app.model.words import StepStatus


def begin_step(draft: Draft, at: At, step: Step) -> None:
    """Begin a step of the page, or end it at once where its condition says so or something of it cannot be worked out."""
    if step.condition is not None and not _holds(draft, at, step.id, step.condition):
        return
    if step.foreach is not None:
        foreach.start_foreach(draft, at, step.id, step.foreach)
    elif step.wait is not None:
        waits.start_wait(draft, at, step.id, step.wait)
    elif step.manual is not None:
        do_by_hand(draft, at, step.id)
    elif step.uses:
        _begin_other(draft, at, step)
    else:
        go(draft, at, step.id)


def _holds(draft: Draft, at: At, step_id: str, condition: Expression) -> bool:
    """Evaluate `if`; where it does not hold, or is none, the step ends."""
    names = context_of(at.incident(draft), at.execution(draft), at.step_run(draft, step_id))
    try:
        holds = condition.evaluate(names)
    except ExpressionError as error:
        end_step(draft, at, step_id, StepStatus.FAILED, "expression_error", f"if: {error}")
        return False
    if holds is True:
        return True
    words = f"{condition.source} is {holds!r}"
    if holds is False:
        end_step(draft, at, step_id, StepStatus.SKIPPED, "condition_false", words)
    else:
        end_step(draft, at, step_id, StepStatus.FAILED, "condition_not_boolean", words)
    return False


def _begin_other(draft: Draft, at: At, step: Step) -> None:
    """Start the runbook that a step uses, of the same library."""
    try:
        start = _other(draft, at, step)
    except (ExpressionError, InputError) as error:
        end_step(draft, at, step.id, StepStatus.FAILED, "expression_error", str(error))
        return
    child = new_execution(draft, at.incident_id, start)
    start_clock(draft, child, start.runbook.budget)
    at.update_step(
        draft, step.id, status=StepStatus.RUNNING, started_at=draft.at, child_id=child.execution_id
    )
    words = f"{step.id}: runbook {start.runbook.id}"
    facts = {"step": step.id, "execution_id": child.execution_id, "runbook": start.runbook.id}
    draft.record(at.incident_id, "StepStarted", "ready", words, data=facts)


def _other(draft: Draft, at: At, step: Step) -> Start:
    """Work out what a step is to run.

    Raises:
        ExpressionError: an input cannot be worked out.
        InputError: an input is missing or wrong, or runbooks use one another too deep or too often.

    """
    execution = at.execution(draft)
    runbook = draft.libraries[execution.library].runbooks[step.uses]
    if subruns.depth_of(draft, at) >= DEPTH:
        msg = f"runbooks use one another more than {DEPTH} deep"
        raise InputError(msg)
    if len(at_work(at.incident(draft))) >= RUNS:
        msg = f"more than {RUNS} runbooks would be under way at once"
        raise InputError(msg)
    names = context_of(at.incident(draft), execution)
    return Start(
        runbook=runbook,
        library=execution.library,
        trigger=execution.trigger,
        inputs=subruns.inputs_of(runbook, subruns.child_inputs(draft, at, step.id), names),
        requested_by=execution.requested_by,
        parent=execution,
        parent_step=step.id,
    )
