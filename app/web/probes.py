"""What machines ask: is it alive, is it ready, how many of what."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web

from app.web.api import json_answer
from app.web.metrics import CONTENT_TYPE, expose
from app.web.problems import Unavailable
from app.web.state import State


async def alive(state: State, _: web.Request) -> web.Response:
    """`GET /healthz`: the process answers, and gets on; 503 with the partitions where it does not."""
    if state.runtime.stuck:
        raise Unavailable(f"Stuck: {'; '.join(state.runtime.stuck)}.")
    return json_answer({"status": "ok"})


async def ready(state: State, _: web.Request) -> web.Response:
    """`GET /readyz`: 503 with why, until tables are recovered and the incidents on the topic have been read."""
    is_ready, why = state.ready()
    if not is_ready:
        raise Unavailable(f"Not ready: {why}.")
    return json_answer({"status": "ready", "worker": why, "connectors": _connectors(state)})


def _connectors(state: State) -> dict[str, Any]:
    """Say what nobody carries out. It does not make a worker less ready: commands wait on their topics."""
    found = state.unserved()
    if found is None:
        return {"known": False, "why": state.connectors.why_not or "no library is in force yet"}
    return {
        "known": not found.nobody,
        "why": str(found),
        "unserved_kinds": list(found.kinds),
        "unknown_actions": list(found.actions),
    }


async def metrics(state: State, _: web.Request) -> web.Response:
    """`GET /metrics`: Prometheus' text format."""
    # In a thread: thousands of incidents take a while to count, and the road runs on this loop.
    text = await asyncio.to_thread(expose, state.counters.registry)
    return web.Response(body=text, headers={"Content-Type": CONTENT_TYPE})
