"""What a page can do, and what of it no case reaches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from app.core.context import base_of
from app.model.execution import StepRun
from app.model.runbook import Runbook, Step
from app.model.words import Gate, Otherwise, StepStatus
from app.rehearse.facts import Facts

OTHER_FAILURES = (
    "rejected", "approval_timeout", "expression_error", "condition_not_boolean", "probed_not_done", "probe_undecided"
)  # fmt: skip
"""Why a step may have failed that is not its own failing."""


@dataclass(frozen=True, order=True)
class Goal:
    """Something that a step can come to."""

    line: int
    """Of the step in its page."""
    step: str
    what: str


RUNS, TRUE, FALSE, NEED_SKIPPED = "runs", "if: true", "if: false", "a step it needs is skipped"
FAILS, TIMES_OUT = "fails", "times out"
GIVEN, REFUSED, LATE = "approval: given", "approval: refused", "approval: not given in time"
DONE, NOT_DONE = "probe: carried out", "probe: not carried out"
TAKEN_BACK, FEW, NONE = "rollback: taken back", "foreach: several items", "foreach: no items"


def goals_of(page: Runbook) -> list[Goal]:
    """Give all that the page's steps can come to, as far as it can be seen from the page."""
    by_id = {step.id: step for step in page.steps}
    return [Goal(step.line, step.id, what) for step in page.steps for what in _whats(step, by_id)]


def reached(page: Runbook, facts: Facts) -> set[Goal]:
    """Give what a case came to, in any run of the page."""
    found: set[tuple[str, str]] = set()
    for snapshot in facts.snapshots:
        for run in snapshot.executions:
            if run.runbook_id == page.id:
                found |= {(base_of(step.step), what) for step in run.steps for what in _seen(step, run.steps)}
    for event in facts.events:
        if event.type == "StepAttemptFailed" and "." not in event.data["step"]:
            what = TIMES_OUT if event.reason == "timed_out" else FAILS
            found.add((base_of(event.data["step"]), what))
    return {goal for goal in goals_of(page) if (goal.step, goal.what) in found}


def missed(page: Runbook, cases: Iterable[Facts]) -> list[Goal]:
    """Give what no case reaches, in the order of the page."""
    seen = set().union(*(reached(page, facts) for facts in cases))
    return [goal for goal in goals_of(page) if goal not in seen]


def _whats(step: Step, by_id: dict[str, Step]) -> Iterator[str]:
    yield RUNS
    if step.condition is not None:
        yield from (TRUE, FALSE)
    if any(need not in step.decides_on and _may_be_skipped(by_id[need], by_id) for need in step.needs):
        yield NEED_SKIPPED
    if step.wait is None:
        yield FAILS
    if not step.uses:
        yield TIMES_OUT
    if step.approval is not None:
        yield from (GIVEN, REFUSED, LATE)
    if step.probe is not None:
        yield from (DONE, NOT_DONE)
    if step.rollback is not None:
        yield TAKEN_BACK
    if step.foreach is not None:
        yield from (FEW, NONE)


def _may_be_skipped(step: Step, by_id: dict[str, Step]) -> bool:
    own = step.condition is not None or step.foreach is not None
    asks = step.approval is not None and step.approval.otherwise is Otherwise.SKIP
    return own or asks or any(_may_be_skipped(by_id[need], by_id) for need in step.needs)


def _seen(run: StepRun, runs: list[StepRun]) -> Iterator[str]:
    if "." in run.step:
        return
    begun = run.started_at is not None or run.gate is not Gate.NONE
    facts = (
        (RUNS, run.started_at is not None),
        (TRUE, begun or run.reason == "no_items"),
        (FALSE, run.reason == "condition_false"),
        (NEED_SKIPPED, run.reason == "need_skipped"),
        (FAILS, run.status is StepStatus.FAILED and run.reason not in OTHER_FAILURES),
        (FAILS, run.status is StepStatus.UNKNOWN and run.reason == "executor_does_not_know"),
        (TIMES_OUT, run.status is StepStatus.TIMED_OUT),
        (TIMES_OUT, run.status is StepStatus.UNKNOWN and run.reason == "timed_out"),
        (GIVEN, bool(run.approved_by)),
        (REFUSED, run.reason == "rejected"),
        (LATE, run.reason == "approval_timeout"),
        (DONE, run.reason == "probed"),
        (NOT_DONE, run.reason == "probed_not_done"),
        (TAKEN_BACK, run.status is StepStatus.ROLLED_BACK),
        (FEW, any(each.step == f"{run.step}[1]" for each in runs)),
        (NONE, run.reason == "no_items"),
    )
    yield from (what for what, holds in facts if holds)
