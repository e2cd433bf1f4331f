"""What happens in a simulation, drawn from its seed before it begins: inputs, faults, clocks. Data, so that it can be cut down."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

from app.model.library import Library
from app.model.messages import Outgoing
from app.model.notices import CONTROL
from app.model.topics import ALERTS, RESPONSES, SYSTEM_EVENTS, USER_REPORTS
from app.road.failpoints import FAILPOINTS
from app.simulate.brokers import EPOCH
from app.simulate.estate import ALERTS as NAMES
from app.simulate.estate import MOVES, NEWER, SERVICES, libraries
from app.simulate.process import ANYWHERE, KINDS, Fault

LASTS_S = 240.0
"""How long inputs and faults come; then everything is left to settle."""
PARTITIONS = 4
WORKERS = 3
_FAULTS = 9
_EPISODES = 7


@dataclass(frozen=True)
class Input:
    """One message that somebody sends at second `at`."""

    at: float
    message: Outgoing


@dataclass(frozen=True)
class Plan:
    """One simulation."""

    seed: int
    inputs: tuple[Input, ...]
    faults: tuple[Fault, ...]
    publish_at: float
    clock_offsets: tuple[float, ...] = field(default=(0.0,) * WORKERS)
    moves_at: tuple[float, ...] = ()
    """When services move to other domains, and back."""

    @property
    def published(self) -> tuple[tuple[float, Library], ...]:
        """Give the libraries with the seconds at which they come into force."""
        changes = sorted([(self.publish_at, NEWER), *zip(self.moves_at, MOVES, strict=False)])
        made = libraries(tuple(change for _, change in changes))
        return tuple(zip((0.0, *(at for at, _ in changes)), made, strict=True))


def draw(seed: int) -> Plan:
    """Draw a plan from a seed; the same one always."""
    random = Random(f"plan/{seed}")
    inputs = sorted(_inputs(random), key=lambda each: (each.at, each.message.value or b""))
    return Plan(
        seed=seed,
        inputs=tuple(inputs),
        faults=tuple(sorted(_faults(random), key=lambda each: each.at)),
        publish_at=random.uniform(20, LASTS_S),
        clock_offsets=tuple(random.choice((0.0, 7200.0, -7200.0)) for _ in range(WORKERS)),
        moves_at=tuple(sorted(random.uniform(10, LASTS_S) for _ in MOVES)),
    )


def _faults(random: Random) -> list[Fault]:
    boundaries = (*FAILPOINTS, ANYWHERE)
    return [
        Fault(
            at=random.uniform(2, LASTS_S),
            worker=random.randrange(WORKERS),
            boundary=random.choice(boundaries),
            kind=random.choice(KINDS),
            lasts=random.choice((0.5, 3.0, 9.0, 25.0, 70.0)),
        )
        for _ in range(_FAULTS)
    ]


def _inputs(random: Random) -> list[Input]:
    found: list[Input] = []
    for _ in range(_EPISODES):
        found += _episode(random)
    for _ in range(12):
        service = random.choice((*SERVICES, "nowhere"))
        event = {"id": f"e{random.randrange(10**9)}", "type": "deploy", "service": service, "summary": "v2"}
        found.append(_input(random.uniform(0, LASTS_S), SYSTEM_EVENTS, event, service))
    for _ in range(6):
        report = {"text": "it is slow", "reporter": "carol", "service": random.choice(SERVICES)}
        report["id"] = f"u{random.randrange(10**9)}"
        found.append(_input(random.uniform(0, LASTS_S), USER_REPORTS, report, "reports"))
    found += [
        Input(random.uniform(0, LASTS_S), Outgoing(topic, b"x", value))
        for topic in (ALERTS, SYSTEM_EVENTS)
        for value in (b"{", None, b"\xc3\x01broken", b'{"labels": {}}')
    ]
    found += _orders(random)
    found += _silences(random)
    found += _heartbeats(random)
    found += _failovers(random)
    again = random.sample(found, len(found) // 6)
    found += [Input(each.at + random.choice((0.0, 1.0, 20.0, 90.0)), each.message) for each in again]
    return found


def _orders(random: Random) -> list[Input]:
    """What operators ask of all automation: short pauses that may overlap, trust in pages, and what they may not ask."""
    found = []
    for number in range(2):
        begins = random.uniform(0, LASTS_S)
        ends = begins + random.choice((1.0, 8.0, 25.0))
        found += [_order(begins, f"pause{number}", "pause"), _order(ends, f"resume{number}", "resume")]
    found.append(_order(random.uniform(0, LASTS_S), "trust", "resume", runbook_id="crash"))
    found.append(_order(random.uniform(0, LASTS_S), "no", "resolve", notice={"kind": "permit_granted"}))
    return found


def _silences(random: Random) -> list[Input]:
    """What people silence for a while, and think better of: it lasts longer, or ends early, or is asked for in vain."""
    found = []
    for number in range(3):
        id_, begins = f"silence{number}", random.uniform(0, LASTS_S)
        matcher = f'service="{random.choice(SERVICES)}"'
        wish = {"id": id_, "matchers": [matcher], "endsAt": _at(begins + random.choice((5.0, 30.0, 90.0)))}
        found.append(_order(begins, id_, "silence", silence=wish))
        later = begins + random.uniform(1, 40)
        if random.random() < 0.5:
            wish = {"id": id_, "endsAt": _at(later + random.choice((2.0, 60.0)))}
            found.append(_order(later, f"{id_}-again", "silence", silence=wish))
        if random.random() < 0.5:
            found.append(_order(later + 5, f"{id_}-over", "unsilence", silence={"id": id_}))
    return found


def _heartbeats(random: Random) -> list[Input]:
    """The same alert again and again, and a while in which it stays away; now and then its source says that it is over."""
    gap = random.uniform(20, LASTS_S)
    found, at = [], random.uniform(0, 30)
    while at < LASTS_S:
        if not gap < at < gap + 70:
            ends = at if random.random() < 0.1 else None
            watchdog = _alert("Watchdog", "nowhere", "none", "x", 0, ends)
            found.append(_input(at, ALERTS, watchdog, "watchdog"))
        at += random.uniform(15, 25)
    return found


def _failovers(random: Random) -> list[Input]:
    """Events that page without an alert, unless they are over in time."""
    found = []
    for number in range(4):
        service, at = random.choice(SERVICES), random.uniform(0, LASTS_S)
        event = {"id": f"f{number}", "type": "failover", "service": service, "summary": "it failed over"}
        found.append(_input(at, SYSTEM_EVENTS, event, service))
        if random.random() < 0.6:
            ended = {**event, "id": f"f{number}-ended", "type": "failover.ended"}
            found.append(_input(at + random.choice((2.0, 9.0, 20.0)), SYSTEM_EVENTS, ended, service))
    return found


def _order(at: float, name: str, wish: str, **more: Any) -> Input:
    order = {
        "id": name,
        "domain": CONTROL,
        "response": wish,
        "object_id": "o",
        "actor": {"id": "carol"},
        **more,
    }
    return _input(at, RESPONSES, order, CONTROL)


def _episode(random: Random) -> list[Input]:
    """One alert's firing and end, perhaps again and again, perhaps with company, perhaps late."""
    service, name = random.choice((*SERVICES, "nowhere")), random.choice(NAMES)
    severity = random.choice(("critical", "error", "warning", "info"))
    begins, found = random.uniform(0, LASTS_S - 20), []
    pods = [f"{service}-{random.randrange(4)}" for _ in range(random.choice((1, 1, 1, 2, 6)))]
    for _ in range(random.choice((1, 1, 2, 3))):
        ends = begins + random.choice((1.0, 6.0, 20.0, 60.0))
        fire = [_alert(name, service, severity, pod, begins, None) for pod in pods]
        over = [_alert(name, service, severity, pod, begins, ends) for pod in pods]
        late = random.choice((0.0, 0.0, 0.0, 2.0, 30.0))
        found += _sent(random, begins + late, fire, service) + _sent(random, ends, over, service)
        begins = ends + random.choice((1.0, 10.0, 50.0))
    return found


def _sent(random: Random, at: float, alerts: list[dict[str, Any]], key: str) -> list[Input]:
    if random.random() < 0.5:  # as a list, or one by one
        return [_input(at, ALERTS, alerts, key)]
    return [_input(at + place * 0.05, ALERTS, alert, key) for place, alert in enumerate(alerts)]


def _alert(
    name: str, service: str, severity: str, pod: str, begins: float, ends: float | None
) -> dict[str, Any]:
    alert: dict[str, Any] = {
        "labels": {"alertname": name, "service": service, "severity": severity, "pod": pod},
        "status": "firing" if ends is None else "resolved",
        "startsAt": _at(begins),
    }
    return alert if ends is None else {**alert, "endsAt": _at(ends)}


def _at(seconds: float) -> str:
    return (EPOCH + timedelta(seconds=seconds)).isoformat()


def _input(at: float, topic: str, value: Any, key: str) -> Input:
    return Input(at, Outgoing(topic, key.encode(), json.dumps(value).encode()))
