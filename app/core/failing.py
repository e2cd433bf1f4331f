"""An execution that has failed, before it ends: what was changed is taken back, and the steps for that case are run."""

from __future__ import annotations

from datetime import timedelta

from app.core.attempts import end_step
from app.core.beginning import begin_step
from app.core.context import base_of
from app.core.draft import Draft
from app.core.ending import stop_all
from app.core.executions import ACTING, At, page_steps
from app.core.gates import go
from app.model.execution import StepRun
from app.model.timers import Timer
from app.model.words import Phase, StepStatus, TimerKind

CLEANUP = timedelta(minutes=5)
"""How long compensations and the steps for failures may take together."""
TAKEN_BACK = (Phase.MITIGATION, Phase.VERIFICATION)
"""The phases whose failure takes mitigation back."""


def begin(draft: Draft, at: At, failed: str, reason: str) -> None:
    """Stop going forward: what is under way is cancelled, but for looks at what became of a change."""
    stop_all(draft, at, reason, frozenset(run.step for run in _cleanup(draft, at)))
    at.update(draft, failing=reason, failed_step=failed, budget_left=None)
    draft.set_timer(
        Timer(
            id=f"{at.execution_id}/budget",
            due=draft.at + CLEANUP,
            kind=TimerKind.EXECUTION_BUDGET,
            incident_id=at.incident_id,
            execution_id=at.execution_id,
        )
    )


def go_on(draft: Draft, at: At) -> bool:
    """Begin what is next of compensations and the steps for failures, once nothing of it is under way; say whether anything moved."""
    if is_under_way(draft, at):
        return False
    _note_rolled_back(draft, at)
    if at.execution(draft).phase in TAKEN_BACK and (newest := _next_compensation(draft, at)) is not None:
        name = f"{newest.step}.rollback"
        at.add_steps(draft, newest.step, StepRun(step=name, phase=newest.phase))
        go(draft, at, name)
        return True
    waiting = next((run for run in _cleanup(draft, at) if run.status is StepStatus.PENDING), None)
    if waiting is None:
        return False
    begin_step(draft, at, at.step(draft, waiting.step))
    return True


def is_under_way(draft: Draft, at: At) -> bool:
    """Whether a look, a compensation or a step for failures is under way."""
    return any(
        not run.status.is_final and (run.status is not StepStatus.PENDING or bool(run.gate))
        for run in _cleanup(draft, at)
    )


def skip_for_failure(draft: Draft, at: At) -> None:
    """Skip the steps for failures of an execution that went well."""
    for run in page_steps(at.execution(draft)):
        if run.status is StepStatus.PENDING and _is_for_failure(draft, at, run):
            end_step(draft, at, run.step, StepStatus.SKIPPED, "nothing_failed")


def _next_compensation(draft: Draft, at: At) -> StepRun | None:
    """Give the newest step that acted, can be taken back and was not; None when one could not be, for then a person must look."""
    runs = at.execution(draft).steps
    tried = {run.step: run for run in runs if run.step.endswith(".rollback")}
    if any(run.status is not StepStatus.SUCCEEDED for run in tried.values()):
        return None
    acted = [
        (run.ended_at or draft.at, place, run)
        for place, run in enumerate(runs)
        if run.status is StepStatus.SUCCEEDED
        and run.effect in ACTING
        and "." not in run.step
        and at.step(draft, run.step).rollback is not None
        and f"{run.step}.rollback" not in tried
    ]
    return max(acted, default=(None, 0, None), key=lambda each: each[:2])[2]


def _note_rolled_back(draft: Draft, at: At) -> None:
    """Say of each step that was taken back that it was."""
    for run in at.execution(draft).steps:
        if not run.step.endswith(".rollback") or run.status is not StepStatus.SUCCEEDED:
            continue
        original = run.step.removesuffix(".rollback")
        if at.step_run(draft, original).status is StepStatus.SUCCEEDED:
            at.update_step(draft, original, status=StepStatus.ROLLED_BACK, reason="rolled_back")
            draft.record(
                at.incident_id,
                "StepRolledBack",
                at.execution(draft).failing,
                f"{original}: taken back by {at.step(draft, run.step).action}",
                data={"step": original},
            )


def _cleanup(draft: Draft, at: At) -> list[StepRun]:
    return [
        run
        for run in at.execution(draft).steps
        if run.step.endswith((".rollback", ".probe")) or _is_for_failure(draft, at, run)
    ]


def _is_for_failure(draft: Draft, at: At, run: StepRun) -> bool:
    return at.step(draft, base_of(run.step)).on_failure
