"""One run: a worker, a few pages in peace, then the same amid the storm, and how long the worker needs to catch up."""

from __future__ import annotations

import asyncio
import math
import os
import tempfile
import time
import uuid
from pathlib import Path
from typing import NamedTuple

from app.library.compile import compile_library
from app.model.topics import SIGNALS
from app.settings import Settings
from app.stream.topics import changelog_name
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
            return {"broker": broker.how, **await _measure(Settings(**given), worker, form, say)}


async def _measure(settings, worker, form, say):
    library = compile_library({"library.yaml": LIBRARY})
    names = names_beside(domain_of(of_the_storm(0), library), library, settings.partitions)
    async with others(settings) as alone:
        for _ in range(_WARM_UP):
            await alone.one(*next(names))
        say(f"{form.tries} pages in peace")
        peace = [await alone.one(*next(names)) for _ in range(form.tries)]
        say(f"a storm of {form.alerts} alerts in {form.seconds:.0f} s, and {form.tries} pages meanwhile")
        storm, pause = Storm(settings, form.alerts, form.seconds), form.seconds / (form.tries + 1)
        load, cpu = os.getloadavg()[0], _cpu_s(worker.pid)
        with storm.blowing():
            amid = await asyncio.gather(
                *(_after(pause * each, alone.one, next(names), say) for each in range(1, form.tries + 1))
            )
        await asyncio.to_thread(_catch_up, settings)
    return {
        "alerts": storm.acked,
        "seconds": storm.lasted,
        "caught_up_s": time.monotonic() - storm.ended,
        "worker_cpu_s": _cpu_s(worker.pid) - cpu,
        "alerts_a_transaction": storm.acked / _count(settings, "changelog", changelog_name(settings)),
        "alerts_a_message": storm.acked / _count(settings, SIGNALS),
        "load": [load, os.getloadavg()[0]],
        "peace_ms": percentiles_ms(peace),
        "storm_ms": percentiles_ms(amid),
        "tries_ms": [each * 1000 for each in amid],
    }


def _count(settings, topic, full=""):
    return sum(1 for _ in Topics(settings).committed(topic, full))


def _cpu_s(pid):
    """How long a process has had a processor so far, in seconds; not a number where the system does not tell."""
    told = Path(f"/proc/{pid}/stat")
    if not told.exists():
        return math.nan
    user, system = told.read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


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
        f" {document['load'][0]:.1f} to {document['load'][1]:.1f}; caught up {document['caught_up_s']:.1f} s after the last,"
        f" {document['worker_cpu_s']:.1f} s of a processor's time; {document['alerts_a_message']:.0f} alerts a message of `signals`,"
        f" {document['alerts_a_transaction']:.0f} a transaction"
    )
    lines = [head, "from an alert sent to its page readable, ms p50 / p95 / p99"]
    for name in ("peace", "storm"):
        found = document[f"{name}_ms"]
        figures = " / ".join(f"{found[each]:.0f}" for each in ("p50", "p95", "p99"))
        lines.append(f"{name:>6}  {figures}  n={found['of']}")
    return "\n".join(lines)
