"""aiokafka clients for the tests of both brokers: opened, used and always closed."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

READ_WITHIN_S = 20


@asynccontextmanager
async def producing(bootstrap_servers, transactional_id=None):
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap_servers, transactional_id=transactional_id)
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


async def create_topic(bootstrap_servers, topic, **configs):
    """A topic of one partition; returns when the broker has created it. `configs` with `_` for `.`."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers)
    await admin.start()
    try:
        named = {name.replace("_", "."): value for name, value in configs.items()}
        answer = await admin.create_topics([NewTopic(topic, 1, 1, topic_configs=named)])
        assert [error[1] for error in answer.topic_errors] == [0], answer
    finally:
        await admin.close()


async def read(bootstrap_servers, topic, count, isolation_level="read_uncommitted"):
    """The first `count` records of the topic, in order of arrival; TimeoutError if they do not come within 20 s."""
    consumer = AIOKafkaConsumer(
        topic,
        bootstrap_servers=bootstrap_servers,
        auto_offset_reset="earliest",
        isolation_level=isolation_level,
        metadata_max_age_ms=1000,
    )
    await consumer.start()
    try:
        async with asyncio.timeout(READ_WITHIN_S):
            return [await consumer.getone() for _ in range(count)]
    finally:
        await consumer.stop()
