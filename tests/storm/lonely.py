"""Critical alerts of other domains in the storm's partition: from when one is sent until its page can be read."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from app.core.domains import place_alert
from app.model.inputs import Alert
from app.model.topics import ALERTS, ESCALATION_COMMANDS
from app.road.partitioner import partition_of
from app.stream.topics import full_name

_WITHIN_S = 600


def labels_of(name):
    """The labels of one."""
    return {"alertname": "DiskFull", "namespace": name, "severity": "critical"}


def domain_of(labels, library):
    """The correlation domain of an alert with such labels."""
    return place_alert(Alert(labels=labels), library).domain


def names_beside(storm, library, partitions):
    """Names and domains, without end, of alerts whose domains go to the partition that the storm's domain goes to."""
    wanted = partition_of(storm.encode(), partitions)
    for number in itertools.count():
        domain = domain_of(labels_of(f"lonely-{number}"), library)
        if domain != storm and partition_of(domain.encode(), partitions) == wanted:
            yield f"lonely-{number}", domain


class Others:
    """Who sends them and reads their pages; several may be under way at once."""

    def __init__(self, settings, producer, reader):
        self._settings, self._producer, self._reader = settings, producer, reader
        self._awaited = {}

    async def one(self, name, domain):
        """Send one; give how long its page took, in seconds."""
        alert = {"labels": labels_of(name), "status": "firing", "startsAt": "2026-11-01T00:00:00Z"}
        paged = self._awaited[domain.encode()] = asyncio.get_running_loop().create_future()
        begun = time.perf_counter()
        await self._producer.send(
            full_name(self._settings, ALERTS), json.dumps(alert).encode(), key=name.encode()
        )
        return await asyncio.wait_for(paged, _WITHIN_S) - begun

    async def read(self):
        """Read pages, without end."""
        async for page in self._reader:
            if page.key in self._awaited:
                self._awaited.pop(page.key).set_result(time.perf_counter())


@asynccontextmanager
async def others(settings):
    """Clients at both ends of the service."""
    topic = full_name(settings, ESCALATION_COMMANDS)
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
            found = Others(settings, producer, reader)
            reading = asyncio.create_task(found.read())
            yield found
            reading.cancel()
        finally:
            await reader.stop()
    finally:
        await producer.stop()
