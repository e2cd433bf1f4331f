"""What must hold between the domains after a simulation, judged from the tables that a replay gives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from app.core import record as records
from app.core.correlation import OPEN
from app.model.control import Control
from app.model.execution import Execution, StepRun
from app.model.incident import DomainRecord
from app.model.notices import CONTROL
from app.model.words import ExecutionStatus, Gate, Mode
from app.road.replay import Table


def disagreements(tables: Iterable[Table]) -> Iterator[str]:
    """Say where `control` and the domains of incidents do not agree, now that nothing is under way between them.

    A permit is held by a step that is not over, a slot by an execution that runs, and a step that waits for a permit is in the queue.
    No muted alert waits for word of silences, and what a silence mutes it mutes no longer than it lasts.
    Of services that moved nothing waits, nothing is half there, and no alert fires in open incidents of two domains.
    """
    held = [records.load(data) for table in tables for data in table.records.values()]
    control = next((each.control for each in held if each.domain == CONTROL), None) or Control()
    steps = {run.permit_id: run for run in _steps(held) if run.permit_id}
    running = {each.id for each in _executions(held) if each.status is ExecutionStatus.RUNNING}
    for permit in control.permits.values():
        run = steps.get(permit.id)
        if run is None or run.status.is_final:
            yield f"{permit.domain}, step {permit.step}: a permit is held for nothing"
    for execution_id, slot in control.runs.items():
        if execution_id not in running:
            yield f"{slot.runbook_id}: execution {execution_id} holds a slot and does not run"
    for run in steps.values():
        asked = control.permits.get(run.permit_id)
        if run.gate is Gate.PERMIT and (asked is None or asked.granted_at is not None):
            yield f"step {run.step}: it waits for permit {run.permit_id}, and nobody will answer"
    yield from _muted(held, control)
    yield from _moved(held)


def _muted(held: Iterable[DomainRecord], control: Control) -> Iterator[str]:
    for record in held:
        for alert in record.quiet.held.values():
            silence = control.silences.get(alert.by.removeprefix("silence:"))
            if alert.is_asked:
                yield f"{record.domain}: nobody says which silences match an alert that {alert.by} muted"
            elif silence is not None and (alert.until is None or silence.ends_at < alert.until):
                yield f"{record.domain}: silence {silence.id} ended at {silence.ends_at}, and still mutes until {alert.until}"


def _moved(held: Iterable[DomainRecord]) -> Iterator[str]:
    fires_in: dict[tuple[str, bool], str] = {}
    ids: dict[str, str] = {}
    for record in held:
        for service, asking in record.moving.asking.items():
            yield f"{record.domain}: {len(asking.held)} signals of {service} wait for word of {asking.left}"
        for letter_id in record.moving.arriving:
            yield f"{record.domain}: letter {letter_id} never came whole"
        for incident in record.incidents.values():
            if ids.setdefault(incident.id, record.domain) != record.domain:
                yield f"incident {incident.id} is in {ids[incident.id]} and in {record.domain}"
            for fingerprint, member in incident.members.items():
                name = fingerprint, incident.mode is Mode.SHADOW
                if (
                    incident.status in OPEN
                    and member.f
                    and fires_in.setdefault(name, record.domain) != record.domain
                ):
                    yield f"alert {fingerprint} fires in open incidents of {fires_in[name]} and of {record.domain}"


def _executions(held: Iterable[DomainRecord]) -> Iterator[Execution]:
    for record in held:
        for incident in record.incidents.values():
            yield from incident.executions


def _steps(held: Iterable[DomainRecord]) -> Iterator[StepRun]:
    for execution in _executions(held):
        yield from execution.steps
