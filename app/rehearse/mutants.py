"""Spoilt pages: each with one thing turned round or left out. A case that is worth having notices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from app.core.executions import ACTING
from app.model.catalog import Blast
from app.model.expressions import Context, Expression
from app.model.library import Library
from app.model.runbook import Runbook, Step, Wait
from app.rehearse.cases import Case
from app.rehearse.play import play

ENDLESS = timedelta(days=30)
MANY = 1000


@dataclass(frozen=True)
class Negated:
    """An expression turned round; what is no boolean stays as it is."""

    of: Expression

    @property
    def source(self) -> str:
        """Its text."""
        return f"!({self.of.source})"

    def evaluate(self, context: Context) -> Any:
        """Give the opposite. Raises as the expression does."""
        value = self.of.evaluate(context)
        return not value if isinstance(value, bool) else value


@dataclass(frozen=True)
class Always:
    """An expression that always holds."""

    source: str = "true"

    def evaluate(self, context: Context) -> Any:  # noqa: ARG002  # the protocol's name
        """Give true."""
        return True


@dataclass(frozen=True)
class Mutant:
    """A library with one page spoilt."""

    line: int
    step: str
    words: str
    """What was done to the step."""
    library: Library


def mutants_of(page: Runbook, library: Library) -> Iterator[Mutant]:
    """Give every mutant of a page."""
    for place, step in enumerate(page.steps):
        for words, spoilt in _spoilt(step, library):
            steps = (*page.steps[:place], spoilt, *page.steps[place + 1 :])
            pages = {**library.runbooks, page.id: replace(page, steps=steps)}
            yield Mutant(step.line, step.id, words, replace(library, runbooks=pages))
        for words, freer in _without_guards(step, library):
            yield Mutant(step.line, step.id, words, freer)


def survivors(page: Runbook, library: Library, cases: Iterable[Case]) -> tuple[int, list[Mutant]]:
    """Give how many mutants there are, and those that no case notices."""
    order, alive, number = list(cases), [], 0
    for mutant in mutants_of(page, library):
        number += 1
        notices = next((case for case in order if not play(case, mutant.library).is_good), None)
        if notices is None:
            alive.append(mutant)
        else:  # what noticed one mutant of a step is likely to notice the next
            order = [notices, *(case for case in order if case is not notices)]
    return number, alive


def _spoilt(step: Step, library: Library) -> Iterator[tuple[str, Step]]:
    simple: tuple[tuple[str, object, dict[str, Any]], ...] = (
        ("its approval is dropped", step.approval, {"approval": None}),
        ("its rollback is dropped", step.rollback, {"rollback": None}),
        ("its probe is dropped", step.probe, {"probe": None}),
        ("its precondition is dropped", step.precondition, {"precondition": {}}),
        ("continue-on-error is dropped", step.continue_on_error, {"continue_on_error": False}),
        ("on-failure is dropped", step.on_failure, {"on_failure": False}),
        ("dry-run is dropped", step.dry_run, {"dry_run": False}),
        ("it is not carried out", _acts(step, library), _NOT_CARRIED_OUT),
    )
    if step.condition is not None:
        yield "its `if` is negated", replace(step, condition=Negated(step.condition))
    yield from ((words, replace(step, **change)) for words, there, change in simple if there)
    yield from _without_limits(step)


_NOT_CARRIED_OUT: dict[str, Any] = {
    "action": "",
    "uses": "",
    "manual": None,
    "params": {},
    "foreach": None,
    "probe": None,
    "rollback": None,
    "approval": None,
    "outputs": {},
    "wait": Wait(Always(), timedelta(), timedelta(minutes=1)),
}


def _without_limits(step: Step) -> Iterator[tuple[str, Step]]:
    if step.wait is not None:
        yield "its wait has no timeout", replace(step, wait=replace(step.wait, timeout=ENDLESS))
        if step.wait.hold:
            yield "its wait has no `for`", replace(step, wait=replace(step.wait, hold=timedelta()))
    elif not step.uses:
        yield "it has no timeout", replace(step, timeout=ENDLESS)
    if step.retry.attempts > 1:
        yield "it is tried only once", replace(step, retry=replace(step.retry, attempts=1))
        yield "it is tried without end", replace(step, retry=replace(step.retry, attempts=MANY))
    if step.approval is not None:
        yield "its approval has no timeout", replace(step, approval=replace(step.approval, timeout=ENDLESS))
        if step.approval.count > 1:
            yield "one approval is enough", replace(step, approval=replace(step.approval, count=1))
    if step.foreach is not None:
        yield "all items at once", replace(step, foreach=replace(step.foreach, concurrency=MANY))
    if step.probe is not None:
        probe = replace(step.probe, done=Negated(step.probe.done))
        yield "what its probe says is negated", replace(step, probe=probe)


def _without_guards(step: Step, library: Library) -> Iterator[tuple[str, Library]]:
    """Free the action of its blast radius, where the step could touch several things."""
    blast, action = library.guards.blast.get(step.action), library.actions.get(step.action)
    if blast is None or action is None:
        return
    if blast.per_command and action.targets:
        yield (
            "no limit of targets per command",
            _with_blast(step.action, replace(blast, per_command=0), library),
        )
    if blast.per_hour and (action.targets or step.foreach):
        yield "no limit of targets per hour", _with_blast(step.action, replace(blast, per_hour=0), library)


def _with_blast(action: str, blast: Blast, library: Library) -> Library:
    return replace(library, guards=replace(library.guards, blast={**library.guards.blast, action: blast}))


def _acts(step: Step, library: Library) -> bool:
    action = library.actions.get(step.action)
    return bool(step.uses or step.manual) or (action is not None and action.effect in ACTING)
