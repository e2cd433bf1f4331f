"""`/metrics`: what Prometheus scrapes. Gauges over incidents are the same on every worker: take `max`, never `sum`."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import product

from prometheus_client import CollectorRegistry, Counter, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from app.core import slo
from app.core.measured.figures import figures
from app.core.measured.spans import Window
from app.model.incident import IncidentSnapshot
from app.model.standings import MutedAlerts
from app.model.words import EscalationStatus, ExecutionStatus, IncidentStatus, Severity
from app.web.figures import as_metrics
from app.web.ports import Runtime, WorkerCounters
from app.web.read_model import Incidents
from app.web.standings import Standings

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SHOWN_SEVERITIES = [severity for severity in Severity if severity is not Severity.NONE]


@dataclass(frozen=True)
class Counters:
    """A registry of the worker's own, with what the web counts itself."""

    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    intake: Counter = field(init=False)
    heartbeats: Counter = field(init=False)

    def __post_init__(self) -> None:
        counter = Counter(
            "oncall_http_intake_requests",
            "Requests to the HTTP intake, by endpoint and status code.",
            ("endpoint", "code"),
            registry=self.registry,
        )
        object.__setattr__(self, "intake", counter)
        heartbeats = Counter(
            "oncall_own_heartbeats",
            "Heartbeats of this worker to ONCALL_HEARTBEAT_URL, by what came of them.",
            ("outcome",),
            registry=self.registry,
        )
        object.__setattr__(self, "heartbeats", heartbeats)


class IncidentMetrics(Collector):
    """Counts the read model when it is asked: nothing to keep in step, nothing to go stale."""

    def __init__(
        self,
        incidents: Incidents,
        standings: Standings,
        runtime: Runtime,
        ready: Callable[[], tuple[bool, str]],
        now: Callable[[], datetime],
    ) -> None:
        self._incidents = incidents
        self._standings = standings
        self._runtime = runtime
        self._ready = ready
        self._now = now

    def collect(self) -> Iterator[Metric]:
        """Give the metrics as they stand."""
        yield from _worker(self._runtime.counters)
        yield _lags(self._runtime.lags)
        yield GaugeMetricFamily("oncall_ready", "1 when /readyz says yes.", value=self._ready()[0])
        yield GaugeMetricFamily(
            "oncall_snapshots_unreadable",
            "Incident snapshots that could not be read since start.",
            value=self._incidents.unreadable,
        )
        if self._standings.ready:
            yield _muted(self._standings.muted())
        if not self._incidents.ready:
            return  # a half-read topic would look like incidents that went away
        held = self._incidents.all()
        yield _incidents(held)
        yield _tally(
            "oncall_executions",
            "Runbook executions of the incidents held, by status.",
            (run.status for incident in held for run in incident.executions),
            ExecutionStatus,
        )
        yield _tally(
            "oncall_escalations",
            "Pages of the incidents held, by status.",
            (page.status for incident in held for page in incident.escalations),
            EscalationStatus,
        )
        now = self._now()
        yield from _promises(held, now)
        yield from as_metrics(figures(held, Window(now - slo.DEFAULT_WINDOW, now)))


def _worker(worker: WorkerCounters) -> Iterator[CounterMetricFamily]:
    counted = (
        ("messages_in", "Input messages taken in by this worker.", worker.messages_in),
        ("signals_applied", "Messages of `signals` applied by this worker.", worker.signals_applied),
        ("outputs", "Outputs committed by this worker.", worker.outputs),
        ("timers_fired", "Timers put on `signals` by this worker.", worker.timers_fired),
    )
    for name, text, value in counted:
        yield CounterMetricFamily(f"oncall_worker_{name}", text, value=value)


def _lags(lags: Mapping[tuple[str, int], int]) -> GaugeMetricFamily:
    text = "Offsets still to be taken of this worker's partitions, as the brokers tell it."
    family = GaugeMetricFamily("oncall_worker_lag", text, labels=("topic", "partition"))
    for (topic, partition), lag in sorted(lags.items()):
        family.add_metric((topic, str(partition)), lag)
    return family


def expose(registry: CollectorRegistry) -> bytes:
    """Give the registry in Prometheus' text format."""
    return generate_latest(registry)


def _incidents(held: Iterable[IncidentSnapshot]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(
        "oncall_incidents", "Incidents held, by status and severity.", labels=("status", "severity")
    )
    tally = Tally((incident.status, incident.severity) for incident in held)
    for status, severity in product(IncidentStatus, _SHOWN_SEVERITIES):
        family.add_metric((status.value, severity.value), tally[status, severity])
    return family


def _muted(domains: Iterable[MutedAlerts]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(
        "oncall_muted_alerts", "Alerts that fire and are muted, by what mutes them.", labels=("by",)
    )
    tally: Tally[str] = Tally()
    for domain in domains:
        tally.update(domain.by)
    for kind in ("silence", "maintenance", "inhibit"):
        family.add_metric((kind,), tally[kind])
    return family


def _tally(name: str, text: str, found: Iterable[str], words: Iterable[str]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=("status",))
    tally = Tally(found)
    for word in words:
        family.add_metric((str(word),), tally[word])
    return family


def _promises(held: Iterable[IncidentSnapshot], now: datetime) -> Iterator[GaugeMetricFamily]:
    measured = slo.measure(held, now)
    columns: tuple[tuple[str, str, Callable[[slo.Promise], float | None]], ...] = (
        (
            "ratio",
            "Share reached over the last 30 days; absent where nothing was measured.",
            lambda p: p.value,
        ),
        ("target", "Share promised.", lambda p: p.target),
        ("numerator", "What counts as kept.", lambda p: p.numerator),
        ("denominator", "What was measured.", lambda p: p.denominator),
    )
    for suffix, text, column in columns:
        family = GaugeMetricFamily(f"oncall_slo_{suffix}", text, labels=("promise",))
        for promise in measured:
            value = column(promise)
            if value is not None:
                family.add_metric((promise.name,), value)
        yield family
