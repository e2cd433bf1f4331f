"""Reading and replacing executions and their steps in a draft."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.draft import Draft
from app.model.incident import Execution, Incident, StepRun
from app.model.runbook import Runbook, Step
from app.model.words import ExecutionStatus


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
        return next(step for step in self.page(draft).steps if step.id == step_id)

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


def running(incident: Incident) -> Execution | None:
    """Give the execution that is under way, if any."""
    return next((run for run in incident.executions if run.status is ExecutionStatus.RUNNING), None)
