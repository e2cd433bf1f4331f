"""Follows the `incidents` topic into the read model: a consumer of its own, without a group, over all partitions."""

from __future__ import annotations

import asyncio
import logging

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from app.web.read_model import ReadModel

log = logging.getLogger(__name__)

_POLL_MS = 250
_RETRY_S = 2.0
_YIELD_EVERY = 50
"""After how many records the event loop gets its turn: the road runs on the same one."""


async def follow(model: ReadModel, topic: str, bootstrap_servers: str, *, check_crcs: bool = True) -> None:
    """Read the topic (its full name) from its beginning and go on until cancelled; a broker that fails is tried again."""
    while True:
        consumer = AIOKafkaConsumer(
            topic,
            bootstrap_servers=bootstrap_servers,
            group_id=None,
            isolation_level="read_committed",
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            check_crcs=check_crcs,
        )
        try:
            await consumer.start()
            await _read(consumer, model, topic)
        except KafkaError as error:
            model.behind(f"{topic} cannot be read: {error}")
            log.warning("%s cannot be read, trying again in %.0f s: %s", topic, _RETRY_S, error)
        finally:
            await consumer.stop()
        await asyncio.sleep(_RETRY_S)


async def _read(consumer: AIOKafkaConsumer, model: ReadModel, topic: str) -> None:
    ends: dict[TopicPartition, int] = {}
    while True:
        batch = await consumer.getmany(timeout_ms=_POLL_MS)
        for records in batch.values():
            await _take(records, model)
        if model.ready:
            continue
        ends = ends or await consumer.end_offsets(consumer.assignment())
        left = await _left(consumer, ends)
        if ends and not left:
            model.caught_up()
        else:
            model.behind(f"{left} messages of {topic} to read" if ends else f"{topic} does not exist yet")


async def _take(records: list[object], model: ReadModel) -> None:
    for taken, record in enumerate(records, start=1):
        model.put(record.key, record.value)  # type: ignore[attr-defined]  # aiokafka is untyped
        if taken % _YIELD_EVERY == 0:
            await asyncio.sleep(0)


async def _left(consumer: AIOKafkaConsumer, ends: dict[TopicPartition, int]) -> int:
    """How many offsets lie between the positions and the ends: markers of transactions count, for no message has them."""
    return sum([max(0, end - await consumer.position(partition)) for partition, end in ends.items()])
