"""The four promises, measured from snapshots of incidents. docs/slo.md defines them so that anyone can recompute."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.core.measured.escalations import escalations
from app.core.measured.figures import NONE_OF_THEIR_OWN
from app.core.measured.spans import Window, spread
from app.model.execution import Execution
from app.model.incident import IncidentSnapshot
from app.model.words import ExecutionStatus, Mode

DEFAULT_WINDOW = timedelta(days=30)
EXECUTION_LIMIT = timedelta(minutes=10)
"""An execution is to be finished in less than this."""
OPEN_GRACE = timedelta(hours=1)
"""An open incident younger than this does not yet tell whether it will be resolved."""

EXECUTION_TARGET = 0.90
RESOLUTION_TARGET = 0.90
KNOWLEDGE_TARGET = 0.95
ESCALATION_TARGET = 0.85


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
    whole = list(incidents)
    held = [incident for incident in whole if incident.status not in NONE_OF_THEIR_OWN]
    return [
        execution_time(held, span),
        resolution_success(held, span),
        knowledge_accuracy(held, span),
        escalation_effectiveness(whole, span),
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
    lengths = [_length(e) for e in started if e.ended_at is not None]
    return Promise(
        name="execution_time",
        text="Runbook executions finish in under 10 minutes",
        numerator=sum(length < EXECUTION_LIMIT for length in lengths),
        denominator=len(known),
        target=EXECUTION_TARGET,
        window=window,
        note="" if known else "not measured: no execution finished",
        facts=spread(lengths),
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
        facts=spread(i.resolved_at - i.opened_at for i in opened if i.resolved_at is not None),
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
    """Of the escalations made in the window, those that a person of the level paged acknowledged within its ack timeout.

    Left out are those whose need ended first and those whose ack timeout is not over yet. Incidents that were merged count: whoever
    was paged for them was paged.
    """
    outcomes = Counter(each.outcome for each in escalations(incidents, window))
    counted = outcomes["answered"] + outcomes["missed"]
    ended_first = outcomes["ended_first"]
    left_out = f"{ended_first} whose need ended before the ack timeout not counted" if ended_first else ""
    return Promise(
        name="escalation_effectiveness",
        text="A person of the level paged acknowledges within its ack timeout",
        numerator=outcomes["answered"],
        denominator=counted,
        target=ESCALATION_TARGET,
        window=window,
        note=left_out if counted else "not measured: no escalation whose ack timeout has ended",
    )


def _length(execution: Execution) -> timedelta:
    return (execution.ended_at or execution.started_at) - execution.started_at


def _resolution_note(known: int, young: int) -> str:
    left_out = f"{young} open for less than an hour not counted" if young else ""
    if known:
        return left_out
    return f"not measured: {left_out or 'no incident'}"
