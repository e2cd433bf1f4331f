"""A service of each test's own on the shared Kafka: topics, library folder, data folder, and clients to look at it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from tests.support.worker import make_topics

LIBRARY = {
    "library.yaml": """\
mode: auto
teams:
  platform: {title: Platform, escalation: platform, chat: "#ops", tickets: OPS}
rules: {team: platform, escalation: platform}
people:
  alice: {name: Alice, contact_ref: pager/alice}
policies:
  platform: {title: Platform, levels: [{targets: ["user:alice"], ack_timeout: 5m}]}
actions:
  kubernetes.describe:
    effect: read
    description: Describe a pod
    params:
      pod: {type: string, required: true, description: Its name}
""",
    "crash-looping.md": """\
---
id: crash-looping
title: Pod is crash looping
owner: platform
match: ['alertname="CrashLooping"']
---
## Diagnosis
See why.
```yaml step=look
action: kubernetes.describe
with: {pod: "${{ trigger.labels.pod }}"}
timeout: 2m
```
""",
    "short.md": """\
---
id: short
title: A step nobody answers
owner: platform
match: ['alertname="Silent"']
---
## Diagnosis
```yaml step=look
action: kubernetes.describe
with: {pod: a}
timeout: 1s
```
""",
}


@dataclass
class Service:
    """A service's settings, and clients of its topics."""

    bootstrap_servers: str
    prefix: str
    folder: Path

    def settings(self, data="data", **more):
        return {
            "bootstrap_servers": self.bootstrap_servers,
            "topic_prefix": self.prefix,
            "app_id": self.prefix,
            "runbooks": self.folder / "library",
            "data_dir": self.folder / data,
            "output_format": "json",
            **more,
        }

    def topic(self, name):
        return f"{self.prefix}.{name}"

    async def send(self, topic, *values, key=None, partition=None):
        producer = AIOKafkaProducer(bootstrap_servers=self.bootstrap_servers)
        await producer.start()
        try:
            for value in values:
                raw = value if value is None or isinstance(value, bytes) else json.dumps(value).encode()
                some = b"" if raw is None and key is None else key  # aiokafka wants one of the two
                await producer.send_and_wait(self.topic(topic), raw, some, partition)
        finally:
            await producer.stop()

    async def read(self, topic, until, within=30, isolation="read_committed", name=None):
        """Read a topic from its beginning until the condition on all its messages holds; give them."""
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.bootstrap_servers, isolation_level=isolation, fetch_max_wait_ms=50
        )
        await consumer.start()
        found = []
        try:
            numbers = await consumer._client._wait_on_metadata(name or self.topic(topic))
            places = [TopicPartition(name or self.topic(topic), number) for number in numbers]
            consumer.assign(places)
            await consumer.seek_to_beginning(*places)
            async with asyncio.timeout(within):
                while not until(found):
                    for records in (await consumer.getmany(timeout_ms=100)).values():
                        found += records
        except TimeoutError:
            values = [record.value[:300] if record.value else None for record in found]
            raise AssertionError(f"{topic}: {len(found)} messages within {within} s: {values}") from None
        finally:
            await consumer.stop()
        return found

    async def read_all(self, topic, isolation="read_committed"):
        """Read a topic from its beginning to its end as it is now."""
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.bootstrap_servers, isolation_level=isolation, fetch_max_wait_ms=50
        )
        await consumer.start()
        found = []
        try:
            numbers = await consumer._client._wait_on_metadata(self.topic(topic))
            places = [TopicPartition(self.topic(topic), number) for number in numbers]
            consumer.assign(places)
            await consumer.seek_to_beginning(*places)
            ends = await consumer.end_offsets(places)
            async with asyncio.timeout(20):
                while [place for place in places if await consumer.position(place) < ends[place]]:
                    for records in (await consumer.getmany(timeout_ms=100)).values():
                        found += records
        finally:
            await consumer.stop()
        return found


def alert(name, **labels):
    return {
        "labels": {"alertname": name, "severity": "critical", **labels},
        "status": "firing",
        "startsAt": "2026-11-01T00:00:00Z",
    }


def values(records):
    return [json.loads(record.value) for record in records]


@pytest.fixture
def service(real_kafka, topic_prefix, tmp_path):
    make_topics(real_kafka, topic_prefix)
    library = tmp_path / "library"
    library.mkdir()
    for name, text in LIBRARY.items():
        (library / name).write_text(text)
    return Service(real_kafka.bootstrap_servers, topic_prefix, tmp_path)
