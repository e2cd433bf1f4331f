"""Steps that are carried out for each item of a list, so many at once."""

from __future__ import annotations

from typing import Any

from app.core.attempts import cancel_step, end_step
from app.core.bounds import ITEMS, OUTPUT_BYTES, is_too_much
from app.core.context import context_of, index_of
from app.core.draft import Draft
from app.core.executions import At
from app.core.gates import go
from app.core.probes import is_over
from app.model.execution import StepRun
from app.model.expressions import ExpressionError
from app.model.runbook import ForEach
from app.model.words import StepStatus


def start_foreach(draft: Draft, at: At, step_id: str, foreach: ForEach) -> None:
    """Work the items out and make a run for each; a list that is none, or too long, fails the step."""
    names = context_of(at.incident(draft), at.execution(draft), at.step_run(draft, step_id))
    try:
        items = foreach.items.evaluate(names)
        runs = _runs(at.step_run(draft, step_id), items)
    except ExpressionError as error:
        end_step(draft, at, step_id, StepStatus.FAILED, "expression_error", f"foreach: {error}")
        return
    if not runs:
        end_step(draft, at, step_id, StepStatus.SKIPPED, "no_items", "there is nothing to do it for")
        return
    at.update_step(draft, step_id, status=StepStatus.RUNNING, started_at=draft.at)
    at.add_steps(draft, step_id, *runs)
    words = f"{step_id}: for each of {len(runs)}"
    draft.record(at.incident_id, "StepStarted", "ready", words, data={"step": step_id})


def look(draft: Draft, at: At, step_id: str, foreach: ForEach) -> bool:
    """Start the next items, or end the step when all are over; say whether anything moved."""
    step, runs = at.step(draft, step_id), items_of(draft, at, step_id)
    failed = [run for run in runs if _has_failed(draft, at, run)]
    if failed and not step.continue_on_error:
        for run in runs:
            if run.status in (StepStatus.PENDING, StepStatus.WAITING_APPROVAL):
                cancel_step(draft, at, run.step, "another_item_failed")
        runs = items_of(draft, at, step_id)
    waiting = [run for run in runs if _is_to_begin(run)]
    busy = [run for run in runs if not is_over(draft, at, run) and not _is_to_begin(run)]
    if waiting and len(busy) < foreach.concurrency and not at.execution(draft).is_paused:
        go(draft, at, waiting[0].step)
        return True
    if waiting or busy:
        return False
    if failed:
        status = (
            StepStatus.UNKNOWN
            if all(run.status is StepStatus.UNKNOWN for run in failed)
            else StepStatus.FAILED
        )
        words = ", ".join(f"{run.step} ({run.detail or run.reason})" for run in failed)
        end_step(draft, at, step_id, status, "items_failed", words)
    else:
        end_step(draft, at, step_id, StepStatus.SUCCEEDED, "succeeded", f"{len(runs)} items")
    return True


def items_of(draft: Draft, at: At, step_id: str) -> list[StepRun]:
    """Give the runs of a step's items, in order."""
    return [
        run
        for run in at.execution(draft).steps
        if run.step.startswith(f"{step_id}[") and "." not in run.step and index_of(run.step) is not None
    ]


def _runs(parent: StepRun, items: Any) -> list[StepRun]:
    if not isinstance(items, list):
        msg = f"it gives {type(items).__name__}, and a list is needed"
        raise ExpressionError(msg)
    if len(items) > ITEMS:
        msg = f"it gives {len(items)} items, and at most {ITEMS} are taken"
        raise ExpressionError(msg)
    if is_too_much(items):
        msg = f"the items are longer than {OUTPUT_BYTES} characters"
        raise ExpressionError(msg)
    try:
        return [
            StepRun(step=f"{parent.step}[{index}]", phase=parent.phase, item=item)
            for index, item in enumerate(items)
        ]
    except ValueError as error:
        msg = "an item is nested too deep; give scalars, or lists or maps of scalars"
        raise ExpressionError(msg) from error


def _is_to_begin(run: StepRun) -> bool:
    return run.status is StepStatus.PENDING and not run.gate


def _has_failed(draft: Draft, at: At, run: StepRun) -> bool:
    bad = (StepStatus.FAILED, StepStatus.TIMED_OUT, StepStatus.UNKNOWN)
    return run.status in bad and is_over(draft, at, run)
