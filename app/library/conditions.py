"""Conditions that say the same whatever happens, and statuses that no step can have."""

from __future__ import annotations

from app.library.expressions import constant_of
from app.library.page import ReadPage
from app.library.params import Said
from app.library.problems import suggest
from app.library.reads import Comparison
from app.model.runbook import Step
from app.model.words import StepStatus

FAILED = ("failed", "timed_out")
AT_THE_END = ("unknown", "cancelled", "rolled_back")
"""Statuses that end an execution, or come after its end has begun."""


def check_conditions(page: ReadPage) -> None:
    """Check the conditions of a page."""
    for read in page.steps.values():
        step, fields = read.step, read.fields
        if step.condition is None:
            continue
        value = constant_of(step.condition)
        if value is True:
            words = f"the if: of step {step.id} is always true"
            fields.findings.advise(fields.place_of("if"), words, "take it out")
        elif value is not None and value is not False:
            words = f"the if: of step {step.id} gives {value!r}, neither true nor false"
            fields.findings.error(fields.place_of("if"), words, "compare it with something")
    for said in page.said:
        for comparison in said.cel.reads.comparisons:
            _check_status(page, said, comparison)


def _check_status(page: ReadPage, said: Said, comparison: Comparison) -> None:
    match comparison.path:
        case ("steps", name, "status"):
            pass
        case _:
            return
    known = [status.value for status in StepStatus]
    for text in comparison.texts:
        if text not in known:
            words = f"steps.{name}.status is never {text!r}"
            page.findings.error(said.place, words, suggest(text, known))
        elif (why := _why_never_seen(page, said, name, text)) and comparison.operator != "!=":
            page.findings.advise(said.place, f"steps.{name}.status is never {text!r} here: {why[0]}", why[1])


def _why_never_seen(page: ReadPage, said: Said, name: str, status: str) -> tuple[str, str] | None:
    """Say why a step cannot be seen with a status, and the mend; None where it can."""
    read, reader = page.steps.get(name), page.steps.get(said.step)
    if read is None or reader is None or reader.step.on_failure or _is_foreach(read.step):
        return None
    if status in FAILED and not read.step.continue_on_error:
        return (
            "that would end the execution",
            f"give {name} continue-on-error: true, or mark this step on-failure: true",
        )
    if status in AT_THE_END:
        return "that ends the execution", "mark this step on-failure: true"
    return None


def _is_foreach(step: Step) -> bool:
    return step.foreach is not None
