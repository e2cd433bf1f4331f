"""What would be sent for an alert or an incident, and why, step by step, if all went well."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import assert_never

from app.core.executions import is_with_people
from app.core.people import members_of
from app.core.selection import select
from app.model.commands import (
    AnyCommand,
    ChatCommand,
    DocumentCommand,
    EscalationCommand,
    StepCommand,
    TicketCommand,
)
from app.model.evidence import AlertView
from app.model.execution import Execution, StepRun
from app.model.incident import IncidentSnapshot
from app.model.library import Library
from app.model.outputs import IncidentEvent
from app.model.runbook import Approval, Runbook, Step
from app.model.topics import topic_of
from app.model.words import Gate, Mode, ResponseKind, StepStatus
from app.rehearse.cases import AlertNews, Answer, Case, Expectation, Given, PastChange, Wish
from app.rehearse.estate import control_for, vouched
from app.rehearse.facts import Facts, path_of
from app.rehearse.reading import page_path, read_shared_answers
from app.rehearse.stage import Stage


@dataclass(frozen=True)
class Line:
    """Something that is decided or sent."""

    seconds: float
    """Since the alert."""
    what: str
    """`decides`, or the topic that a command goes to."""
    name: str
    """The event's type, or the command's op."""
    reason: str
    text: str


@dataclass(frozen=True)
class DryRun:
    """What would come of it."""

    page: str
    """The runbook's id; empty where none is selected."""
    reason: str
    assumed: Mapping[str, Sequence[Answer]] = field(default_factory=dict)
    """What executors were taken to answer, beyond simply succeeding."""
    lines: Sequence[Line] = ()


def dry_run(
    trigger: AlertView, incident: IncidentSnapshot | None, library: Library, tests: Mapping[str, str], at: datetime,
    mode: Mode | None = None,
) -> DryRun:  # fmt: skip
    """Run the page that the alert selects. Executors answer what the incident says they did, else what the page's test says.

    Whoever is asked agrees, and the alerts are resolved when the page waits for that. `at`: when the alert is taken to fire.
    """
    selection = select(trigger, library)
    page = selection.runbook
    answers = {**_from_test(page, tests, library), **_from_incident(page.id, incident)} if page else {}
    case = Case(
        name="dry run",
        page=page.id if page else "",
        path="",
        line=0,
        given=_given(trigger, incident),
        answers=answers,
        then=(),
        expect=Expectation(0),
    )
    own = vouched(library) if library.rules.trusted else library
    stage = Stage(
        case, own, control_for(case.given, case.page, own, at), at, mode=mode, helpers=_Helpful(own).helpers
    )
    stage.open()
    stage.run()
    return DryRun(case.page, selection.reason, answers, tuple(_lines(stage.facts)))


@dataclass
class _Helpful:
    """People who agree to what they are asked and do what is left to them, and an estate that gets well."""

    library: Library
    done: set[object] = field(default_factory=set)

    def helpers(self, facts: Facts) -> Iterator[Wish | AlertNews]:
        for path, execution, run in facts.steps:
            step = self.library.runbooks[execution.runbook_id].step(run.step)
            mark = (execution.id, run.step, run.gate, run.approval_id, run.attempt)
            if run.status.is_final or mark in self.done:
                continue
            if is_with_people(run):
                self.done.add(mark)
                yield from self._people(path, execution, run, step)
            elif step.wait is not None and run.status is StepStatus.RUNNING:
                self.done.add(mark)
                yield AlertNews(fires=False)

    def _people(self, path: str, execution: Execution, run: StepRun, step: Step) -> Iterator[Wish]:
        if run.gate is Gate.PERSON:
            yield Wish("somebody", ResponseKind.REPORT, path)
            return
        page, approval = self.library.runbooks[execution.runbook_id], step.approval or Approval()
        sources = approval.sources or (page.owner or self.library.rules.team,)
        people = sorted(members_of(sources, self.library) - {execution.requested_by})
        yield from (Wish(who, ResponseKind.APPROVE, path) for who in people[: approval.count])


def _given(trigger: AlertView, incident: IncidentSnapshot | None) -> Given:
    others = [each for each in incident.alerts if each.fingerprint != trigger.fingerprint] if incident else []
    changes = incident.changes if incident else []
    return Given(
        labels=trigger.labels,
        annotations=trigger.annotations,
        others=tuple(each.labels for each in others),
        changes=tuple(
            PastChange(c.type, c.service, c.summary, max(timedelta(), incident.opened_at - c.at))
            for c in changes
            if incident
        ),
    )


def _from_incident(page: str, incident: IncidentSnapshot | None) -> dict[str, tuple[Answer, ...]]:
    runs = incident.executions if incident else []
    return {
        path_of(step.step, run, runs): (Answer(output=step.output),)
        for run in runs
        if run.runbook_id == page or run.parent_id
        for step in run.steps
        if step.output and step.status is StepStatus.SUCCEEDED
    }


def _from_test(page: Runbook, tests: Mapping[str, str], library: Library) -> dict[str, tuple[Answer, ...]]:
    path = next((path for path in tests if page_path(path) == page.path), None)
    return read_shared_answers(path, tests[path], library) if path else {}


def _lines(facts: Facts) -> Iterator[Line]:
    for output in facts.outputs:
        if isinstance(output, IncidentEvent) and output.incident_id == facts.incident_id:
            since = (output.at - facts.start).total_seconds()
            yield Line(since, "decides", output.type, output.reason, output.text)
        elif isinstance(output, AnyCommand) and output.incident_id == facts.incident_id:
            since = (output.issued_at - facts.start).total_seconds()
            yield Line(since, topic_of(output), output.op, "", _about(output, facts))


def _about(command: AnyCommand, facts: Facts) -> str:
    match command:
        case StepCommand():
            given = ", ".join(f"{name}={value!r}" for name, value in command.params.items())
            return f"{facts.name_of(command)}: {command.action}({given}), {command.effect}"
        case EscalationCommand():
            return f"{command.target}: {command.text}"
        case TicketCommand():
            return f"{command.project}: {command.title}"
        case ChatCommand():
            return f"{command.conversation}: {command.blocks[0].text if command.blocks else command.title}"
        case DocumentCommand():
            return command.path
        case _:
            assert_never(command)
