"""Runbooks that use another: the step runs as long as the other's execution does, and fails when that fails."""

from __future__ import annotations

from app.core.attempts import end_step, evaluate_outputs
from app.core.bounds import is_too_much
from app.core.context import context_of
from app.core.draft import Draft
from app.core.executions import ACTING, At
from app.core.render import render_params
from app.model.base import Values
from app.model.catalog import TYPES
from app.model.execution import Execution, StepRun
from app.model.expressions import ExpressionError
from app.model.runbook import Runbook
from app.model.words import Effect, ExecutionStatus, StepStatus


class InputError(Exception):
    """A runbook was not given what it needs; the message names the input."""


def inputs_of(runbook: Runbook, given: Values, names: dict[str, object]) -> Values:
    """Give the inputs of a run: what was given, else the defaults, worked out over `incident` and `trigger`.

    Raises:
        InputError: one is missing, unknown, of another type, or cannot be worked out; or all are too long together.

    """
    unknown = sorted(set(given) - set(runbook.inputs))
    if unknown:
        raise InputError(f"runbook {runbook.id} takes no input {unknown[0]!r}")
    found: Values = {}
    for name, wanted in runbook.inputs.items():
        try:
            value = (
                given[name] if name in given else render_params({name: wanted.default}, names, "inputs")[name]
            )
        except ExpressionError as error:
            raise InputError(str(error)) from error
        if value is None and wanted.required:
            raise InputError(f"input {name} of runbook {runbook.id} is missing")
        if value is not None and not _is_a(value, wanted.type):
            raise InputError(f"input {name} of runbook {runbook.id} is no {wanted.type}")
        found[name] = value
    if is_too_much(found):
        raise InputError(f"the inputs of runbook {runbook.id} are too long")
    return found


def _is_a(value: object, kind: str) -> bool:
    """Whether a value is of a type; to Python, but to nobody else, booleans are integers."""
    return isinstance(value, TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))


def child_inputs(draft: Draft, at: At, step_id: str) -> Values:
    """Work out what a step gives to the runbook that it uses.

    Raises:
        ExpressionError: a value cannot be worked out.

    """
    names = context_of(at.incident(draft), at.execution(draft), at.step_run(draft, step_id))
    return render_params(at.step(draft, step_id).params, names)


def look(draft: Draft, at: At) -> bool:
    """End the steps whose other runbook has ended; say whether anything moved."""
    by_id = {run.id: run for run in at.incident(draft).executions}
    for run in at.execution(draft).steps:
        child = by_id.get(run.child_id)
        if (
            run.status is StepStatus.RUNNING
            and child is not None
            and child.status is not ExecutionStatus.RUNNING
        ):
            _end(draft, at, run, child)
            return True
    return False


def outputs_of(draft: Draft, at: At) -> Values:
    """Work out what an execution gives to the one that uses it.

    Raises:
        ExpressionError: a value cannot be worked out.

    """
    names = context_of(at.incident(draft), at.execution(draft))
    return evaluate_outputs(at.page(draft).outputs, names)


def depth_of(draft: Draft, at: At) -> int:
    """Count how many executions use one another down to this one."""
    execution, depth = at.execution(draft), 1
    while execution.parent_id:
        execution = At(at.incident_id, execution.parent_id).execution(draft)
        depth += 1
    return depth


def _end(draft: Draft, at: At, run: StepRun, child: Execution) -> None:
    if child.status is ExecutionStatus.SUCCEEDED:
        acted = any(step.status is StepStatus.SUCCEEDED and step.effect in ACTING for step in child.steps)
        effect = (Effect.CHANGE if acted else Effect.READ).value
        at.update_step(draft, run.step, outputs=child.outputs, effect=effect)
        end_step(draft, at, run.step, StepStatus.SUCCEEDED, "succeeded", f"runbook {child.runbook_id}")
    else:
        words = f"runbook {child.runbook_id} {child.status}: {child.reason}"
        status = StepStatus.UNKNOWN if child.reason == "step_unknown" else StepStatus.FAILED
        end_step(draft, at, run.step, status, child.reason or "runbook_failed", words)
