"""Whether the time budget of a page holds what its steps may take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from app.core.attempts import backoff
from app.core.bounds import DEPTH
from app.core.failing import CLEANUP
from app.library.page import ReadPage
from app.model.durations import in_units
from app.model.runbook import Runbook, Step
from app.model.words import Phase

LONGEST = timedelta(days=30)
"""More is not added up."""


def check_budget(page: ReadPage, runbooks: Mapping[str, Runbook]) -> None:
    """Report steps that take longer than the budget alone, and advise where all of them together might."""
    runbook = page.runbook
    too_long = False
    for read in page.steps.values():
        once = _once(read.step)
        if once > runbook.budget and not read.step.on_failure:
            too_long = True
            name = "wait" if read.step.wait else "timeout"
            words = (
                f"step {read.step.id} may take {in_units(once)}, and the budget is {in_units(runbook.budget)}"
            )
            page.findings.error(read.fields.place_of(name), words, "shorten it, or raise budget:")
    worst = _Reckoning(runbooks).worst(runbook)
    if not too_long and worst > runbook.budget:
        words = f"where everything takes as long as it may, that is {in_units(worst)}, and the budget is {in_units(runbook.budget)}"
        page.findings.advise(page.fields.place_of("budget"), words, "raise budget:, or shorten steps")
    _check_cleanup(page, runbooks)


def _check_cleanup(page: ReadPage, runbooks: Mapping[str, Runbook]) -> None:
    reckoning = _Reckoning(runbooks)
    times = [
        _whole(step, reckoning) if step.on_failure else _all(step.rollback or step)
        for step in page.runbook.steps
        if step.on_failure or step.rollback
    ]
    together = sum(times, timedelta())
    if together > CLEANUP:
        words = f"taking back and the steps for failures may take {in_units(together)}, and they have {in_units(CLEANUP)}"
        page.findings.advise(page.fields.place, words, "shorten them")


@dataclass(frozen=True)
class _Reckoning:
    """What is known of runbooks on the way down through those that are used."""

    runbooks: Mapping[str, Runbook]
    known: dict[str, timedelta] = field(default_factory=dict)
    depth: int = 1

    def worst(self, runbook: Runbook) -> timedelta:
        """Give how long a page may take, phase after phase."""
        if self.depth > DEPTH:
            return timedelta()
        if runbook.id not in self.known:
            self.known[runbook.id] = timedelta()  # for those that use themselves
            below = replace(self, depth=self.depth + 1)
            self.known[runbook.id] = sum((_phase(phase, runbook, below) for phase in Phase), timedelta())
        return self.known[runbook.id]


def _phase(phase: Phase, runbook: Runbook, below: _Reckoning) -> timedelta:
    """Give the longest way through a phase."""
    left = {step.id: step for step in runbook.steps if step.phase is phase and not step.on_failure}
    ends: dict[str, timedelta] = {}
    while ready := [step for step in left.values() if not any(need in left for need in step.needs)]:
        for step in ready:
            begins = max((ends[need] for need in step.needs if need in ends), default=timedelta())
            ends[step.id] = min(LONGEST, begins + _whole(step, below))
            del left[step.id]
    return max(ends.values(), default=timedelta())


def _whole(step: Step, below: _Reckoning) -> timedelta:
    """Give how long a step may take; the clock stands still while people are asked."""
    if step.manual is not None:
        return timedelta()
    if step.uses:
        used = below.runbooks.get(step.uses)
        return min(used.budget, below.worst(used)) if used else timedelta()
    if step.wait is not None:
        return step.wait.timeout
    return _all(step) + (_all(step.probe.step) if step.probe else timedelta())


def _all(step: Step) -> timedelta:
    pauses = sum((backoff(step.retry, attempt) for attempt in range(1, step.retry.attempts)), timedelta())
    return min(LONGEST, step.timeout * step.retry.attempts + pauses)


def _once(step: Step) -> timedelta:
    if step.manual is not None or step.uses:
        return timedelta()
    return step.wait.timeout if step.wait is not None else step.timeout
