"""The steps of a page together: what they need, cycles, and steps that never come to run."""

from __future__ import annotations

from collections.abc import Mapping

from app.library.expressions import constant_of
from app.library.fields import Fields
from app.library.page import ReadPage
from app.library.problems import Findings, suggest
from app.model.runbook import Step
from app.model.words import Phase


def check_graph(page: ReadPage) -> None:
    """Check what the steps need: known, of this or an earlier phase, without cycles, and able to run."""
    steps = {step.id: step for step in page.runbook.steps}
    for name, read in page.steps.items():
        for place, need in zip(read.fields.items("needs"), read.step.needs, strict=False):
            _check_need(steps[name], need, place.place, steps, page.findings)
    in_cycle = _check_cycles(steps, page.findings)
    _check_reach(page, steps, in_cycle)


def _check_need(
    step: Step, need: str, place: tuple[int, int], steps: Mapping[str, Step], findings: Findings
) -> None:
    phases = list(Phase)
    if need not in steps:
        mend = suggest(need, sorted(steps))
        findings.error(place, f"step {step.id} needs {need!r}, which is no step of this page", mend)
    elif phases.index(steps[need].phase) > phases.index(step.phase):
        findings.error(place, f"step {step.id} needs {need}, which is of a later phase", "move one of them")


def _check_cycles(steps: Mapping[str, Step], findings: Findings) -> set[str]:
    """Give the steps that need themselves in the end."""
    over: set[str] = set()
    left = dict(steps)
    while ready := [
        id_ for id_, step in left.items() if all(need in over or need not in steps for need in step.needs)
    ]:
        over.update(ready)
        for id_ in ready:
            del left[id_]
    for step in left.values():
        findings.error((step.line, 1), f"step {step.id} needs itself in the end", "break the cycle of needs:")
    return set(left)


def _check_reach(page: ReadPage, steps: Mapping[str, Step], in_cycle: set[str]) -> None:
    """Report steps that never run: by their own condition, or because a step never runs that they need."""
    never: dict[str, str] = {}
    for name, step in steps.items():
        if (why := _why_never(step)) and name not in in_cycle:
            never[name] = why
            _tell(page.steps[name].fields, step, why)
    left = [step for name, step in steps.items() if name not in never and name not in in_cycle]
    moved = True
    while moved:
        moved = False
        for step in list(left):
            if why := _why_unreached(step, steps, never):
                never[step.id] = why
                left.remove(step)
                moved = True
                _tell(page.steps[step.id].fields, step, why)


def _why_never(step: Step) -> str:
    if step.condition is not None and constant_of(step.condition) is False:
        return "its if: is always false"
    if step.wait is not None and constant_of(step.wait.until) is False:
        return "what it waits for can never hold"
    return ""


def _why_unreached(step: Step, steps: Mapping[str, Step], never: Mapping[str, str]) -> str:
    for need in step.needs:
        if need in step.decides_on or need not in steps:
            continue
        if steps[need].on_failure and not step.on_failure:
            return f"it needs {need}, which is only for failures"
        if need in never:
            return f"it needs {need}, which never succeeds"
    return ""


def _tell(fields: Fields, step: Step, why: str) -> None:
    field = "if" if "if:" in why else "wait" if "waits" in why else "needs"
    verb = "succeeds" if field == "wait" else "runs"
    fields.findings.error(
        fields.place_of(field), f"step {step.id} never {verb}: {why}", "mend it, or take the step out"
    )
