"""How news reaches the inputs: at once or late, once or again and again, in lists or one by one, by clocks that may be off, or never."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from app.core.identity import fingerprint
from app.evaluate.generator.estate import Estate
from app.evaluate.generator.happenings import Event, Firing
from app.evaluate.scenario import Episode, Input
from app.model.base import to_instant
from app.model.topics import ALERTS, SYSTEM_EVENTS

TAKES_S = (2.0, 20.0)
"""How long an alert or an event takes to arrive."""
AGAIN_S = (240.0, 330.0)
"""How often what still fires is sent again."""
SLOT_S = 10.0
"""How long a webhook collects alerts of one name."""
UNSET = "0001-01-01T00:00:00Z"


@dataclass(frozen=True)
class Roads:
    """How well an estate's news travels."""

    late: float = 0.0
    """The share of firings that are told late, by 1 to 12 minutes."""
    lost: float = 0.0
    """The share of which nothing but the end is ever told."""
    lost_first: float = 0.0
    """The share whose beginning is not told: the next repeat tells it."""
    lost_ends: float = 0.0
    """The share whose end is never told."""
    skews: dict[str, float] = field(default_factory=dict)
    """By how many seconds the clock of an area's monitoring is off."""


@dataclass
class Told:
    """What arrives, and which firing each alert was."""

    start: datetime
    inputs: list[Input] = field(default_factory=list)
    truth: dict[Episode, str | None] = field(default_factory=dict)


def deliver(
    random: Random, estate: Estate, firings: list[Firing], events: list[Event], roads: Roads, start: datetime
) -> Told:
    """Tell all of it; inputs come in the order of arrival."""
    told = Told(start)
    news: list[tuple[float, dict[str, Any]]] = []
    for firing in firings:
        news += _news(random, firing, roads, told)
    for event in events:
        at = event.at + random.uniform(*TAKES_S)
        told.inputs.append(Input(at=round(at, 3), topic=SYSTEM_EVENTS, value=_event(event, roads, start)))
    pack = _in_lists if estate.webhook else _one_by_one
    told.inputs += pack(news)
    told.inputs.sort(key=lambda each: each.at)
    return told


def _news(random: Random, firing: Firing, roads: Roads, told: Told) -> list[tuple[float, dict[str, Any]]]:
    """Give when a firing is told of, and how: at its beginning, again while it lasts, at its end."""
    skew = roads.skews.get(firing.origin, 0.0)
    fires = _alert(firing, skew, told.start, over=False)
    told.truth[Episode(fires["fingerprint"], to_instant(datetime.fromisoformat(fires["startsAt"])))] = (
        firing.outage
    )
    at = firing.begins + random.uniform(*TAKES_S)
    if random.random() < roads.late:
        at += random.uniform(60, 720)
    is_lost = random.random() < roads.lost
    found = [] if is_lost or random.random() < roads.lost_first else [(at, fires)]
    again = at + random.uniform(*AGAIN_S)
    while again < firing.ends:
        if not is_lost and random.random() < 0.6:
            found.append((again, fires))
        again += random.uniform(*AGAIN_S)
    if random.random() >= roads.lost_ends:
        ends = firing.ends + random.uniform(*TAKES_S)
        if random.random() < roads.late:
            ends += random.uniform(60, 720)
        found.append((ends, _alert(firing, skew, told.start, over=True)))
    return found


def _alert(firing: Firing, skew: float, start: datetime, *, over: bool) -> dict[str, Any]:
    return {
        "labels": firing.labels,
        "annotations": {"summary": firing.summary},
        "status": "resolved" if over else "firing",
        "startsAt": _moment(start, firing.begins + skew),
        "endsAt": _moment(start, firing.ends + skew) if over else UNSET,
        "fingerprint": fingerprint(firing.labels),
    }


def _event(event: Event, roads: Roads, start: datetime) -> dict[str, Any]:
    return {
        "id": event.id,
        "source": f"//ci/{event.origin}",
        "type": event.type,
        "service": event.service,
        "subject": f"{event.origin}/{event.service}",
        "time": _moment(start, event.at + roads.skews.get(event.origin, 0.0)),
        "environment": event.environment,
        "summary": event.summary,
    }


def _one_by_one(news: list[tuple[float, dict[str, Any]]]) -> list[Input]:
    return [Input(at=round(at, 3), topic=ALERTS, value=alert) for at, alert in news]


def _in_lists(news: list[tuple[float, dict[str, Any]]]) -> list[Input]:
    """Collect the alerts of one name and status that arrive within a slot."""
    lists: dict[tuple[float, str, str], list[dict[str, Any]]] = {}
    for at, alert in sorted(news, key=lambda each: each[0]):
        slot = (at // SLOT_S + 1) * SLOT_S
        lists.setdefault((slot, alert["labels"]["alertname"], alert["status"]), []).append(alert)
    return [Input(at=slot, topic=ALERTS, value=alerts) for (slot, _, _), alerts in lists.items()]


def _moment(start: datetime, seconds: float) -> str:
    moment = to_instant(start + timedelta(seconds=seconds))
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
