"""What came out of a case, by what the engine put out and by nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.model.commands import StepCommand
from app.model.execution import Execution, StepRun
from app.model.incident import IncidentSnapshot
from app.model.outputs import IncidentEvent, Output
from app.model.words import ExecutionStatus, Mode

CALLS = ("Escalated", "EscalationNoted", "EscalationImpossible")
"""The events that say that people are called, be they called already or nobody at all."""


@dataclass(frozen=True)
class Facts:
    """One incident of a case, until some moment."""

    page: str
    """The runbook's id."""
    start: datetime
    """When its alert fired."""
    outputs: Sequence[Output]
    """All that was put out since, of this incident and others."""
    incident_id: str
    calls_before: int = 0
    """How often people had been called before the page was run by hand."""

    @property
    def snapshots(self) -> list[IncidentSnapshot]:
        """The incident after each message that changed it."""
        return [o for o in self.outputs if isinstance(o, IncidentSnapshot) and o.id == self.incident_id]

    @property
    def incident(self) -> IncidentSnapshot | None:
        """The incident as it stands; None where the alert opened none."""
        return next(
            (
                o
                for o in reversed(self.outputs)
                if isinstance(o, IncidentSnapshot) and o.id == self.incident_id
            ),
            None,
        )

    @property
    def events(self) -> list[IncidentEvent]:
        """All that was decided about it."""
        return [o for o in self.outputs if isinstance(o, IncidentEvent) and o.incident_id == self.incident_id]

    @property
    def commands(self) -> list[StepCommand]:
        """All that executors were told."""
        return [o for o in self.outputs if isinstance(o, StepCommand) and o.incident_id == self.incident_id]

    @property
    def calls(self) -> list[str]:
        """Why people were called, each time."""
        return [event.reason for event in self.events if event.type in CALLS][self.calls_before :]

    @property
    def execution(self) -> Execution | None:
        """The page's newest run that no other uses."""
        return next(
            (run for run in reversed(self._executions) if run.runbook_id == self.page and not run.parent_id),
            None,
        )

    @property
    def is_over(self) -> bool:
        """Whether no run of a page is under way."""
        return all(run.status is not ExecutionStatus.RUNNING for run in self._executions)

    @property
    def steps(self) -> Iterator[tuple[str, Execution, StepRun]]:
        """The steps as they stand, each with its path and run; newest runs first."""
        for run in reversed(self._executions):
            yield from ((path_of(step.step, run, self._executions), run, step) for step in run.steps)

    def step(self, path: str) -> tuple[Execution, StepRun] | None:
        """Find a step by its path: `undo`, or `check/look` of the page that step `check` uses."""
        return next(((run, step) for name, run, step in self.steps if name == path), None)

    def name_of(self, command: StepCommand) -> str:
        """Give a command's step as cases write it."""
        run = next((each for each in self._executions if each.id == command.execution_id), None)
        path = path_of(command.step, run, self._executions) if run else command.step
        if command.op == "cancel":
            return f"cancel {path}"
        return f"dry-run {path}" if command.dry_run and command.mode is not Mode.SHADOW else path

    @property
    def _executions(self) -> list[Execution]:
        return list(self.incident.executions) if self.incident else []

    def story(self) -> Iterator[str]:
        """Tell all that happened, a line each."""
        for event in self.events:
            since = (event.at - self.start).total_seconds()
            yield f"{since:8.1f} s  {event.type} ({event.reason}) {event.text}".rstrip()


def path_of(step: str, run: Execution, executions: Sequence[Execution]) -> str:
    """Give a step's path from the page that no other uses."""
    by_id = {each.id: each for each in executions}
    while run.parent_id:
        step = f"{run.parent_step}/{step}"
        run = by_id[run.parent_id]
    return step
