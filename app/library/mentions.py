"""What the expressions of a page read of it: steps, their outputs, inputs. All of it is said somewhere."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from app.library.page import ReadPage
from app.library.params import Said
from app.library.problems import suggest
from app.library.reads import Path
from app.model.runbook import Runbook, Step
from app.model.words import Phase

STEP_FIELDS = ("status", "reason", "output", "outputs", "items")


def check_mentions(page: ReadPage, runbooks: Mapping[str, Runbook]) -> None:
    """Check every name that an expression of the page reads under `steps` and `inputs`."""
    for said in page.said:
        for path in dict.fromkeys(said.cel.reads.paths):
            match path:
                case ("inputs", name, *_) if name != "*":
                    _check_input(page, said, name)
                case ("steps", name, *_) if name != "*":
                    _check_step(page, said, path, runbooks)
                case _:
                    pass


def _check_input(page: ReadPage, said: Said, name: str) -> None:
    known = page.runbook.inputs
    if name not in known:
        mend = suggest(name, sorted(known)) if known else "say it under inputs: in the front matter"
        _tell(page, said, f"reads inputs.{name}, which is no input of this page", mend)


def _check_step(page: ReadPage, said: Said, path: Path, runbooks: Mapping[str, Runbook]) -> None:
    name, read = path[1], page.steps.get(path[1])
    if read is None:
        if any(fence.id == name for fence in page.body.fences):
            return  # it is there, and wrong
        mend = suggest(name, sorted(page.steps)) if page.steps else "the page has no steps"
        _tell(page, said, f"reads steps.{name}, which is no step of this page", mend)
        return
    field = path[2] if len(path) > 2 else "*"  # noqa: PLR2004  # steps.ID.FIELD
    if field not in (*STEP_FIELDS, "*"):
        _tell(page, said, f"reads steps.{name}.{field}, which no step has", suggest(field, STEP_FIELDS))
    elif field == "items" and read.step.foreach is None:
        _tell(
            page, said, f"reads steps.{name}.items, and {name} has no foreach:", "read its output or outputs"
        )
    elif _may_come_too_early(page, said, read.step):
        words = f"reads steps.{name}, which may not be over by then"
        page.findings.error(said.place, f"step {said.step} {words}", f"add it: needs: [{name}]")
    elif field == "outputs" and len(path) > 3 and path[3] != "*":  # noqa: PLR2004  # steps.ID.outputs.NAME
        _check_output(page, said, path, runbooks)


def _may_come_too_early(page: ReadPage, said: Said, read: Step) -> bool:
    """Whether a step reads another that neither its phase nor its needs put before it."""
    reader = page.steps.get(said.step)
    if reader is None or said.comes_later or reader.step.on_failure or read.on_failure:
        return False
    phases = list(Phase)
    if reader.step.phase is not read.phase:
        return phases.index(read.phase) > phases.index(reader.step.phase)
    before, queue = set(), list(reader.step.needs)
    for need in queue:  # grows while it is gone through
        if need not in before and need in page.steps:
            before.add(need)
            queue += page.steps[need].step.needs
    return read.id not in before


def _check_output(page: ReadPage, said: Said, path: Path, runbooks: Mapping[str, Runbook]) -> None:
    step, wanted = page.steps[path[1]].step, path[3]
    if step.foreach is not None:
        words = f"reads steps.{step.id}.outputs.{wanted}, and {step.id} has foreach:"
        _tell(page, said, words, f"read steps.{step.id}.items, each with its item and outputs")
        return
    known: Collection[str] = step.outputs
    where = f"give step {step.id} outputs:"
    if step.uses:
        if step.uses not in runbooks:
            return
        known, where = runbooks[step.uses].outputs, f"runbook {step.uses} gives no outputs"
    if wanted not in known:
        mend = suggest(wanted, sorted(known)) if known else where
        _tell(page, said, f"reads steps.{step.id}.outputs.{wanted}, which is none of its outputs", mend)


def _tell(page: ReadPage, said: Said, words: str, mend: str) -> None:
    who = f"step {said.step}" if said.step else "the page"
    note = page.findings.error if page.is_ours else page.findings.advise
    note(said.place, f"{who} {words}", mend)
