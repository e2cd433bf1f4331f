"""One run: a worker, a few pages in peace, then the same amid the storm, and how long the worker needs to catch up."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
import uuid
from pathlib import Path
from typing import NamedTuple

from app.library.compile import compile_library
from app.settings import Settings
from tests.chaos.judge import Topics
from tests.cost.figures import percentiles_ms
from tests.storm.blowing import Storm
from tests.storm.blowing import labels_of as of_the_storm
from tests.storm.lonely import domain_of, names_beside, others
from tests.support.worker import WorkerProcess, make_topics

LIBRARY = """\
mode: auto
rules: {team: ops, escalation: ops}
teams: {ops: {title: Ops, escalation: ops, chat: "#ops", tickets: OPS}}
people: {alice: {name: Alice, contact_ref: pager/alice}}
policies: {ops: {levels: [{targets: ["user:alice"], ack_timeout: 1h}]}}
services: {cart: {team: ops}}
"""
_WARM_UP = 3
_CAUGHT_UP_WITHIN_S = 600


class Form(NamedTuple):
    """How much of a storm."""

    alerts: int = 50_000
    seconds: float = 60
    tries: int = 10


async def run(broker, form, say=lambda _: None):
    """Measure on a real Kafka; give the document."""
    prefix = f"storm{uuid.uuid4().hex[:8]}"
    with tempfile.TemporaryDirectory(prefix="oncall-storm-") as folder:
        library = Path(folder) / "library"
        library.mkdir()
        (library / "library.yaml").write_text(LIBRARY)
        given = {
            "bootstrap_servers": broker.bootstrap_servers,
            "topic_prefix": prefix,
            "app_id": prefix,
            "runbooks": library,
            "data_dir": Path(folder) / "data",
            "output_format": "json",  # as chaos reads it
        }
        await asyncio.to_thread(make_topics, broker, prefix)
        with WorkerProcess(**given) as worker:
            await asyncio.to_thread(worker.wait_ready)
            return {"broker": broker.how, **await _measure(Settings(**given), form, say)}


async def _measure(settings, form, say):
    library = compile_library({"library.yaml": LIBRARY})
    names = names_beside(domain_of(of_the_storm(0), library), library, settings.partitions)
    async with others(settings) as alone:
        for _ in range(_WARM_UP):
            await alone.one(*next(names))
        say(f"{form.tries} pages in peace")
        peace = [await alone.one(*next(names)) for _ in range(form.tries)]
        say(f"a storm of {form.alerts} alerts in {form.seconds:.0f} s, and {form.tries} pages meanwhile")
        storm, pause = Storm(settings, form.alerts, form.seconds), form.seconds / (form.tries + 1)
        load = os.getloadavg()[0]
        with storm.blowing():
            amid = [await _after(pause, alone.one, next(names), say) for _ in range(form.tries)]
        over = time.monotonic()
        await asyncio.to_thread(_catch_up, settings)
    return {
        "alerts": storm.acked,
        "seconds": storm.lasted,
        "caught_up_s": time.monotonic() - over,
        "load": [load, os.getloadavg()[0]],
        "peace_ms": percentiles_ms(peace),
        "storm_ms": percentiles_ms(amid),
        "tries_ms": [each * 1000 for each in amid],
    }


async def _after(pause, send, one, say):
    await asyncio.sleep(pause)
    took = await send(*one)
    say(f"a page took {took * 1000:.0f} ms")
    return took


def _catch_up(settings):
    """Return when the service has taken all that there is."""
    topics, until = Topics(settings), time.monotonic() + _CAUGHT_UP_WITHIN_S
    while topics.lag():
        if time.monotonic() > until:
            raise TimeoutError(f"the worker did not catch up within {_CAUGHT_UP_WITHIN_S} s")
        time.sleep(0.2)


def table(document):
    """Give the document as lines."""
    head = (
        f"{document['broker']}: {document['alerts']} alerts in {document['seconds']:.1f} s, load"
        f" {document['load'][0]:.1f} to {document['load'][1]:.1f}; caught up {document['caught_up_s']:.1f} s after the last"
    )
    lines = [head, "from an alert sent to its page readable, ms p50 / p95 / p99"]
    for name in ("peace", "storm"):
        found = document[f"{name}_ms"]
        figures = " / ".join(f"{found[each]:.0f}" for each in ("p50", "p95", "p99"))
        lines.append(f"{name:>6}  {figures}  n={found['of']}")
    return "\n".join(lines)
