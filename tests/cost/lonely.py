"""A lonely alert through a worker process: from when it is sent until its step command can be read committed."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from random import Random

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from app.model.topics import ALERTS, STEP_COMMANDS
from app.settings import Settings
from app.stream.topics import full_name
from tests.cost.writing import AT_LEAST_ONCE, TRANSACTION
from tests.support.worker import WorkerProcess, make_topics

# Everything waits for an hour, so that no timer of an earlier alert disturbs a later one.
LIBRARY = {
    "library.yaml": """\
mode: auto
rules: {team: ops, escalation: ops}
teams: {ops: {title: Ops, escalation: ops, chat: "#ops", tickets: OPS}}
people: {alice: {name: Alice, contact_ref: pager/alice}}
policies: {ops: {levels: [{targets: ["user:alice"], ack_timeout: 1h}]}}
actions: {look: {effect: read, params: {pod: string}}}
""",
    "crash.md": """\
---
id: crash
match: ['alertname="Crash"']
budget: 1h
---
## Diagnosis
```yaml step=look
action: look
with: {pod: "${{ trigger.labels.pod }}"}
timeout: 1h
```
""",
}
_COMMANDS = {TRANSACTION: ("-m", "app.worker"), AT_LEAST_ONCE: ("-m", "tests.cost.worker")}
_WARM_UP = 5
_WITHIN_S = 30
_APART_S = 0.3
"""At most; alerts at even intervals would always meet the worker in the same moment of its rounds."""


@dataclass
class Service:
    """A worker with topics of its own, and clients on both its ends."""

    settings: Settings
    producer: AIOKafkaProducer
    reader: AIOKafkaConsumer
    seconds: list[float] = field(default_factory=list)

    async def one(self, name):
        """Send an alert of a domain of its own; give how long its step command took, in seconds."""
        labels = {"alertname": "Crash", "namespace": name, "severity": "critical", "pod": "a"}
        alert = {"labels": labels, "status": "firing", "startsAt": "2026-11-01T00:00:00Z"}
        begun = time.perf_counter()
        await self.producer.send(
            full_name(self.settings, ALERTS), json.dumps(alert).encode(), key=name.encode()
        )
        async with asyncio.timeout(_WITHIN_S):
            while f"namespace={name}," not in (await self.reader.getone()).key.decode():
                pass
        return time.perf_counter() - begun


async def lonely(broker, folder, tries, say=lambda _: None):
    """Send alerts, one at a time, to a worker of each way in turn; give for each way its seconds."""
    random = Random()  # of the same gaps every time the same few alerts would be late
    async with AsyncExitStack() as stack:
        services = {
            way: await stack.enter_async_context(_service(broker, folder / way.replace(" ", "-"), command))
            for way, command in _COMMANDS.items()
        }
        say("workers are at work")
        for number in range(_WARM_UP + tries):
            for service in _in_turn(list(services.values()), number):
                await asyncio.sleep(random.uniform(0, _APART_S))
                took = await service.one(f"lonely-{number}")
                if number >= _WARM_UP:
                    service.seconds.append(took)
    return {way: service.seconds for way, service in services.items()}


def _in_turn(services, number):
    return services if number % 2 else services[::-1]


@asynccontextmanager
async def _service(broker, folder, command):
    prefix = f"lonely{uuid.uuid4().hex[:8]}"
    library = folder / "library"
    library.mkdir(parents=True)
    for name, text in LIBRARY.items():
        (library / name).write_text(text)
    given = {
        "bootstrap_servers": broker.bootstrap_servers,
        "topic_prefix": prefix,
        "app_id": prefix,
        "runbooks": library,
        "data_dir": folder / "data",
    }
    settings = Settings(**given)
    await asyncio.to_thread(make_topics, broker, prefix)
    with WorkerProcess(command, **given) as worker:
        await asyncio.to_thread(worker.wait_ready)
        async with _clients(settings) as (producer, reader):
            yield Service(settings, producer, reader)


@asynccontextmanager
async def _clients(settings):
    topic = full_name(settings, STEP_COMMANDS)
    producer = AIOKafkaProducer(bootstrap_servers=settings.bootstrap_servers)
    reader = AIOKafkaConsumer(
        bootstrap_servers=settings.bootstrap_servers,
        isolation_level="read_committed",
        auto_offset_reset="earliest",
    )
    await producer.start()
    try:
        await reader.start()
        try:
            reader.assign([TopicPartition(topic, number) for number in range(settings.partitions)])
            yield producer, reader
        finally:
            await reader.stop()
    finally:
        await producer.stop()
