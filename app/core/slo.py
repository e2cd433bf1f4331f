"""The four promises, measured from snapshots of incidents. docs/slo.md defines them so that anyone can recompute."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.model.escalation import Escalation
from app.model.execution import Execution
from app.model.incident import IncidentSnapshot
from app.model.words import EscalationStatus, ExecutionStatus, IncidentStatus, Mode

DEFAULT_WINDOW = timedelta(days=30)
EXECUTION_LIMIT = timedelta(minutes=10)
"""An execution is to be finished in less than this."""
OPEN_GRACE = timedelta(hours=1)
"""An open incident younger than this does not yet tell whether it will be resolved."""

EXECUTION_TARGET = 0.90
RESOLUTION_TARGET = 0.90
KNOWLEDGE_TARGET = 0.95
ESCALATION_TARGET = 0.85

_NO_FAULT_OF_ITS_OWN = (IncidentStatus.MERGED, IncidentStatus.SUPPRESSED)


@dataclass(frozen=True)
class Window:
    """From (included) to (excluded), both in UTC."""

    start: datetime
    end: datetime

    def holds(self, moment: datetime | None) -> bool:
        """Say whether the moment is within."""
        return moment is not None and self.start <= moment < self.end


@dataclass(frozen=True)
class Promise:
    """One promise: `value` is numerator / denominator, or None where nothing could be measured; `note` says why."""

    name: str
    text: str
    numerator: int
    denominator: int
    target: float
    window: Window
    note: str = ""
    facts: dict[str, float] = field(default_factory=dict)
    """Further numbers, such as `median_seconds`."""

    @property
    def value(self) -> float | None:
        """The share, from 0 to 1."""
        return self.numerator / self.denominator if self.denominator else None

    @property
    def met(self) -> bool | None:
        """Whether the share reaches the target; None where it was not measured."""
        return None if self.value is None else self.value >= self.target


def measure(
    incidents: Iterable[IncidentSnapshot], now: datetime, window: timedelta = DEFAULT_WINDOW
) -> list[Promise]:
    """Measure the four promises over the `window` that ends at `now` (aware, UTC); no I/O, no clock."""
    span = Window(now - window, now)
    held = [incident for incident in incidents if incident.status not in _NO_FAULT_OF_ITS_OWN]
    return [
        execution_time(held, span),
        resolution_success(held, span),
        knowledge_accuracy(held, span),
        escalation_effectiveness(held, span),
    ]


def execution_time(incidents: Sequence[IncidentSnapshot], window: Window) -> Promise:
    """Of the executions started in the window whose answer is known, those that were finished in under 10 minutes."""
    started = [
        execution
        for incident in incidents
        for execution in incident.executions
        if window.holds(execution.started_at)
        and execution.mode is not Mode.SHADOW
        and execution.status is not ExecutionStatus.CANCELLED
    ]
    known = [e for e in started if e.ended_at is not None or window.end - e.started_at >= EXECUTION_LIMIT]
    lengths = sorted(_length(e) for e in started if e.ended_at is not None)
    return Promise(
        name="execution_time",
        text="Runbook executions finish in under 10 minutes",
        numerator=sum(length < EXECUTION_LIMIT for length in lengths),
        denominator=len(known),
        target=EXECUTION_TARGET,
        window=window,
        note="" if known else "not measured: no execution finished",
        facts=_spread(lengths),
    )


def resolution_success(incidents: Sequence[IncidentSnapshot], window: Window) -> Promise:
    """Of the incidents opened in the window, those that are resolved; open ones count from their first hour on."""
    opened = [incident for incident in incidents if window.holds(incident.opened_at)]
    resolved = sum(incident.resolved_at is not None for incident in opened)
    stuck = sum(
        incident.resolved_at is None and window.end - incident.opened_at >= OPEN_GRACE for incident in opened
    )
    young = len(opened) - resolved - stuck
    return Promise(
        name="resolution_success",
        text="Incidents are resolved",
        numerator=resolved,
        denominator=resolved + stuck,
        target=RESOLUTION_TARGET,
        window=window,
        note=_resolution_note(resolved + stuck, young),
        facts=_spread(sorted(i.resolved_at - i.opened_at for i in opened if i.resolved_at is not None)),
    )


def knowledge_accuracy(incidents: Sequence[IncidentSnapshot], window: Window) -> Promise:
    """Of the incidents opened in the window whose runbook people judged, those where it was right."""
    judged = [
        incident.feedback
        for incident in incidents
        if window.holds(incident.opened_at) and incident.feedback in ("right", "wrong")
    ]
    return Promise(
        name="knowledge_accuracy",
        text="People judge the runbook right",
        numerator=judged.count("right"),
        denominator=len(judged),
        target=KNOWLEDGE_TARGET,
        window=window,
        note="" if judged else "not measured: no feedback",
    )


def escalation_effectiveness(incidents: Sequence[IncidentSnapshot], window: Window) -> Promise:
    """Of the escalations made in the window whose answer is known, those a person acknowledged in time."""
    answers = [
        answer
        for incident in incidents
        if incident.mode is not Mode.SHADOW
        for level in _levels(incident.escalations)
        if window.holds(level[0].notified_at)
        for answer in [_answered(level, incident, window.end)]
        if answer is not None
    ]
    return Promise(
        name="escalation_effectiveness",
        text="A person acknowledges an escalation within its ack timeout",
        numerator=sum(answers),
        denominator=len(answers),
        target=ESCALATION_TARGET,
        window=window,
        note="" if answers else "not measured: no escalation whose ack timeout has ended",
    )


def _levels(escalations: Sequence[Escalation]) -> list[list[Escalation]]:
    """Pages to several targets at once are one escalation: it is answered when one of them answers."""
    levels: dict[tuple[object, ...], list[Escalation]] = {}
    for page in escalations:
        levels.setdefault((page.policy, page.level, page.notified_at, page.ack_by), []).append(page)
    return list(levels.values())


def _answered(pages: Sequence[Escalation], incident: IncidentSnapshot, now: datetime) -> bool | None:
    """Whether a person answered in time; None while that is open, or where the need ended first."""
    if any(_in_time(page) for page in pages):
        return True
    if any(page.acknowledged_at is not None for page in pages):
        return False
    ack_by = pages[0].ack_by
    if ack_by is None or ack_by > now:
        return None
    ended_first = incident.resolved_at is not None and incident.resolved_at <= ack_by
    stopped = all(page.status is EscalationStatus.STOPPED for page in pages)
    return None if stopped and ended_first else False


def _in_time(page: Escalation) -> bool:
    by_a_person = page.acknowledged_by is not None and bool(page.acknowledged_by.id)
    in_time = page.acknowledged_at is not None and (
        page.ack_by is None or page.acknowledged_at <= page.ack_by
    )
    return by_a_person and in_time


def _length(execution: Execution) -> timedelta:
    return (execution.ended_at or execution.started_at) - execution.started_at


def _spread(lengths: Sequence[timedelta]) -> dict[str, float]:
    """The median and the 90th percentile by nearest rank, in seconds; nothing for nothing."""
    if not lengths:
        return {}
    return {
        "median_seconds": _rank(lengths, 50).total_seconds(),
        "p90_seconds": _rank(lengths, 90).total_seconds(),
    }


def _rank(lengths: Sequence[timedelta], percent: int) -> timedelta:
    return lengths[-(-len(lengths) * percent // 100) - 1]


def _resolution_note(known: int, young: int) -> str:
    left_out = f"{young} open for less than an hour not counted" if young else ""
    if known:
        return left_out
    return f"not measured: {left_out or 'no incident'}"
