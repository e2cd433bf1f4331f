"""aiokafka clients for the tests of both brokers: opened, used and always closed."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy

READ_WITHIN_S = 20


class Bytes(str):
    """A text for a client that takes texts only, and other bytes on the wire."""

    __slots__ = ("data",)

    def __new__(cls, data):
        text = super().__new__(cls, data.decode(errors="replace"))
        text.data = data
        return text

    def encode(self, *_):
        return self.data


def batch_builder():
    """aiokafka's own builder of batches that is written in Python, and so takes Bytes for the names of headers."""
    return _DefaultRecordBatchBuilderPy(
        magic=2,
        compression_type=0,
        is_transactional=False,
        producer_id=-1,
        producer_epoch=-1,
        base_sequence=-1,
        batch_size=100_000,
    )


async def send_with_header(producer, topic, partition, name, value):
    """Send a message with one header, the name of which are any bytes."""
    batch = producer.create_batch()
    batch._builder = batch_builder()
    batch.append(timestamp=None, key=b"k", value=value, headers=[(Bytes(name), b"v")])
    await (await producer.send_batch(batch, topic, partition=partition))


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
