"""Simulated monitoring: alerts fire when something breaks, are sent again while it is broken, and end when it is cured."""

from __future__ import annotations

import asyncio
from typing import Any

from app.demo.kafka import Client
from app.demo.simulators.estate import Estate, now_text
from app.demo.story import Fault, Labels
from app.model.topics import ALERTS

REPEAT = 8.0
"""Seconds after which a firing alert is sent again, as Alertmanager does after `repeat_interval`."""
LIST = 40
"""Alerts in one message."""


async def watch(client: Client, estate: Estate) -> None:
    """Send all alerts of the scenario; returns when the last is resolved."""
    async with asyncio.TaskGroup() as group:
        for story in estate.scenario.stories:
            group.create_task(_in_turn(client, estate, story.domain, story.faults))
        for fault in estate.scenario.quiet:
            group.create_task(_live(client, estate, "", fault))


async def _in_turn(client: Client, estate: Estate, domain: str, faults: tuple[Fault, ...]) -> None:
    for fault in faults:
        await _live(client, estate, domain, fault)


async def _live(client: Client, estate: Estate, domain: str, fault: Fault) -> None:
    await estate.until(fault.at)
    starts_at = now_text()
    count = f"{len(fault.alerts)} times " if len(fault.alerts) > 1 else ""
    estate.tell("monitoring", domain, f"{fault.alerts[0]['alertname']} fires {count}({fault.summary})")
    cured = asyncio.create_task(_cured(estate, domain, fault))
    try:
        while not cured.done():
            await _send(client, [_alert(labels, fault.summary, starts_at) for labels in fault.alerts])
            await asyncio.wait({cured}, timeout=REPEAT)
    finally:
        cured.cancel()
    ends_at = now_text()
    estate.tell("monitoring", domain, f"{fault.alerts[0]['alertname']} is resolved")
    await _send(client, [_alert(labels, fault.summary, starts_at, ends_at) for labels in fault.alerts])


async def _cured(estate: Estate, domain: str, fault: Fault) -> None:
    if fault.cure != "time":
        await estate.cured(domain, fault.cure)
    await asyncio.sleep(fault.after)


async def _send(client: Client, alerts: list[dict[str, Any]]) -> None:
    for start in range(0, len(alerts), LIST):
        some = alerts[start : start + LIST]
        await client.send(ALERTS, some[0] if len(some) == 1 else some)


def _alert(labels: Labels, summary: str, starts_at: str, ends_at: str = "") -> dict[str, Any]:
    alert: dict[str, Any] = {
        "status": "resolved" if ends_at else "firing",
        "labels": dict(labels),
        "annotations": {"summary": summary},
        "startsAt": starts_at,
        "generatorURL": "http://prometheus.example/graph",
    }
    return {**alert, "endsAt": ends_at} if ends_at else alert
