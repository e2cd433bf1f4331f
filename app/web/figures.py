"""The figures of paging as JSON and as Prometheus metrics. docs/slo.md says how each is reckoned."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from prometheus_client.core import GaugeMetricFamily, Metric

from app.core.measured.escalations import Level
from app.core.measured.figures import Figures

_LEVEL = ("policy", "level", "team")
_QUANTILES = {"median_seconds": "0.5", "p90_seconds": "0.9"}


def as_json(measured: Figures) -> dict[str, Any]:
    """Give all figures; `value` is null where nothing could be measured."""
    return {
        "window": {"from": measured.window.start.isoformat(), "to": measured.window.end.isoformat()},
        "levels": [{**_flat(each), "value": each.value} for each in measured.levels],
        "teams": [asdict(each) for each in measured.teams],
        "people": [_flat(each) for each in measured.people],
        "nights": [_flat(each) for each in measured.nights],
    }


def as_metrics(measured: Figures) -> Iterator[Metric]:
    """Give the figures of the last 30 days as gauges."""
    yield from _of_levels(measured)
    yield from _of_people(measured)
    acknowledge = GaugeMetricFamily(
        "oncall_incident_acknowledge_seconds",
        "From opened to acknowledged, over the last 30 days.",
        labels=("team", "quantile"),
    )
    resolve = GaugeMetricFamily(
        "oncall_incident_resolve_seconds",
        "From opened to resolved, over the last 30 days.",
        labels=("team", "quantile"),
    )
    for each in measured.teams:
        _add_spread(acknowledge, (each.team,), each.acknowledge)
        _add_spread(resolve, (each.team,), each.resolve)
    yield acknowledge
    yield resolve


def _of_levels(measured: Figures) -> Iterator[Metric]:
    columns = (
        ("counted", "Escalations of the last 30 days whose answer is known."),
        ("answered", "Of these: acknowledged in time by a person of the level."),
        ("ended_first", "Escalations of the last 30 days whose need ended before the ack timeout."),
    )
    for name, text in columns:
        family = GaugeMetricFamily(f"oncall_escalations_{name}", text, labels=_LEVEL)
        for each in measured.levels:
            family.add_metric(_labels(each.of), getattr(each, name))
        yield family
    undelivered = GaugeMetricFamily(
        "oncall_pages_undelivered",
        "Pages of the last 30 days that did not reach anybody.",
        labels=_LEVEL,
    )
    acknowledge = GaugeMetricFamily(
        "oncall_escalation_acknowledge_seconds",
        "From a page to the acknowledgement by a person of the level, over the last 30 days.",
        labels=(*_LEVEL, "quantile"),
    )
    for each in measured.levels:
        undelivered.add_metric(_labels(each.of), each.undelivered)
        _add_spread(acknowledge, _labels(each.of), each.acknowledge)
    yield undelivered
    yield acknowledge


def _of_people(measured: Figures) -> Iterator[Metric]:
    columns = (
        ("oncall_pages_made", "pages", "Pages of the last 30 days."),
        ("oncall_pages_at_night", "at_night", "Of these: at night, where the person's team works."),
        ("oncall_nights_with_pages", "nights", "Nights of the last 30 days with a page."),
    )
    for name, field, text in columns:
        family = GaugeMetricFamily(name, text, labels=(*_LEVEL, "person"))
        for each in measured.people:
            family.add_metric((*_labels(each.of), each.person), getattr(each, field))
        yield family


def _add_spread(family: GaugeMetricFamily, labels: tuple[str, ...], spread: dict[str, float]) -> None:
    for name, value in spread.items():
        family.add_metric((*labels, _QUANTILES[name]), value)


def _labels(of: Level) -> tuple[str, ...]:
    return of.policy, str(of.level), of.team


def _flat(row: Any) -> dict[str, Any]:
    """Give a row with what it is of among its own fields."""
    fields: dict[str, Any] = asdict(row)
    return {**fields.pop("of"), **fields}
