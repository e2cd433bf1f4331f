"""The time budget of an execution. Its clock stands still while the execution waits for people."""

from __future__ import annotations

from datetime import timedelta

from app.core.draft import Draft
from app.core.executions import At, is_with_people, running
from app.model.execution import Execution, StepRun
from app.model.incident import Incident
from app.model.timers import Timer
from app.model.words import StepStatus, TimerKind


def start_clock(draft: Draft, at: At, left: timedelta) -> None:
    """Let the clock run: so much is left."""
    at.update(draft, budget_left=None)
    draft.set_timer(
        Timer(
            id=_name(at),
            due=draft.at + left,
            kind=TimerKind.EXECUTION_BUDGET,
            incident_id=at.incident_id,
            execution_id=at.execution_id,
        )
    )


def keep_clock(draft: Draft, at: At) -> None:
    """Stop the clock while only people can take the execution further, and let it run on after that."""
    execution = at.execution(draft)
    waits = waits_for_people(at.incident(draft), execution)
    timer = draft.timers.get(_name(at))
    if waits and timer is not None:
        at.update(draft, budget_left=max(0.0, (timer.due - draft.at).total_seconds()))
        draft.timers = {id_: each for id_, each in draft.timers.items() if id_ != timer.id}
    elif not waits and execution.budget_left is not None:
        start_clock(draft, at, timedelta(seconds=execution.budget_left))


def waits_for_people(incident: Incident, execution: Execution) -> bool:
    """Whether a person paused it, or nothing of it is under way but what people are to agree to or do."""
    if execution.is_paused:
        return True
    children = {run.parent_step: run for run in running(incident) if run.parent_id == execution.id}
    with_people = False
    for run in execution.steps:
        if is_with_people(run) or (run.step in children and waits_for_people(incident, children[run.step])):
            with_people = True
        elif _is_at_work(execution, run):
            return False
    return with_people


def _is_at_work(execution: Execution, run: StepRun) -> bool:
    if run.status.is_final:
        return False
    has_items = any(each.step.startswith(f"{run.step}[") for each in execution.steps)
    return not has_items and (run.status is StepStatus.RUNNING or bool(run.gate))


def _name(at: At) -> str:
    return f"{at.execution_id}/budget"
