"""Reading and replacing executions and their steps in a draft."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.context import base_of
from app.core.draft import Draft
from app.model.catalog import Action
from app.model.execution import Execution, StepRun
from app.model.incident import Incident
from app.model.runbook import Runbook, Step
from app.model.words import Effect, ExecutionStatus, Gate, StepStatus

ACTING = (Effect.CHANGE, Effect.IDEMPOTENT)


@dataclass(frozen=True)
class At:
    """Where in a draft something happens: an execution of an incident, and its page."""

    incident_id: str
    execution_id: str

    def incident(self, draft: Draft) -> Incident:
        """Give the incident as it stands."""
        return draft.incidents[self.incident_id]

    def execution(self, draft: Draft) -> Execution:
        """Give the execution as it stands."""
        return next(run for run in self.incident(draft).executions if run.id == self.execution_id)

    def page(self, draft: Draft) -> Runbook:
        """Give the page that the execution is pinned to."""
        run = self.execution(draft)
        return draft.libraries[run.library].runbooks[run.runbook_id]

    def step(self, draft: Draft, step_id: str) -> Step:
        """Give the step as the page has it."""
        return self.page(draft).step(step_id)

    def action(self, draft: Draft, step_id: str) -> Action:
        """Give the action of a step as the catalogue has it."""
        return draft.libraries[self.execution(draft).library].actions[self.step(draft, step_id).action]

    def step_run(self, draft: Draft, step_id: str) -> StepRun:
        """Give the step as it stands."""
        return next(run for run in self.execution(draft).steps if run.step == step_id)

    def update(self, draft: Draft, **fields: object) -> Execution:
        """Change fields of the execution."""
        changed = self.execution(draft).model_copy(update=fields)
        runs = [changed if run.id == self.execution_id else run for run in self.incident(draft).executions]
        draft.update(self.incident_id, executions=runs)
        return changed

    def update_step(self, draft: Draft, step_id: str, **fields: object) -> StepRun:
        """Change fields of a step."""
        changed = self.step_run(draft, step_id).model_copy(update=fields)
        self.update(
            draft, steps=[changed if run.step == step_id else run for run in self.execution(draft).steps]
        )
        return changed

    def add_steps(self, draft: Draft, after: str, *added: StepRun) -> None:
        """Add runs right after a step's and all that were added to that."""
        steps = self.execution(draft).steps
        place = max(
            place for place, run in enumerate(steps) if run.step == after or _is_part(run.step, after)
        )
        self.update(draft, steps=[*steps[: place + 1], *added, *steps[place + 1 :]])


def running(incident: Incident) -> list[Execution]:
    """Give the executions that are under way."""
    return [run for run in incident.executions if run.status is ExecutionStatus.RUNNING]


def main_run(incident: Incident) -> Execution | None:
    """Give the newest execution under way that no other uses, if any."""
    return next((run for run in reversed(running(incident)) if not run.parent_id), None)


def page_steps(execution: Execution) -> list[StepRun]:
    """Give the runs of the page's own steps: without items, probes and compensations."""
    return [run for run in execution.steps if run.step == base_of(run.step)]


def parts_of(execution: Execution, step_id: str) -> list[StepRun]:
    """Give what belongs to a run: its items, probes and compensations."""
    return [run for run in execution.steps if _is_part(run.step, step_id)]


def is_with_people(run: StepRun) -> bool:
    """Whether the step waits for people: to agree, or to do it themselves."""
    return not run.status.is_final and run.gate in (Gate.APPROVAL, Gate.PERSON)


def is_at_executor(run: StepRun) -> bool:
    """Whether an attempt of the step is under way."""
    return run.status is StepStatus.RUNNING and bool(run.command_id) and run.gate is Gate.NONE


def _is_part(step_id: str, of: str) -> bool:
    return step_id.startswith((f"{of}[", f"{of}."))
