"""Follows a compacted topic into a read model: a consumer of its own, without a group, over all partitions."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from typing import Any, Protocol

from aiohttp import web
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from app.security import Security

log = logging.getLogger(__name__)

_POLL_MS = 250
_RETRY_S = 2.0
GATHER_S = 0.25
"""How long looks are gathered: in a storm they find many versions of an incident, and only the newest is read."""
_PAUSE_S = 0.02
"""Between two looks: the road runs on this loop."""


class Model(Protocol):
    """What a topic is followed into; `Readiness` is most of it."""

    ready: bool

    def put(self, key: bytes | None, value: bytes | None, at_ms: int, /) -> None:
        """Take a message of the topic in; `at_ms` is when it was appended, in milliseconds since 1970."""

    def caught_up(self) -> None: ...
    def behind(self, why: str) -> None: ...
    def lost(self, why: str) -> None: ...


class Following:
    """Follows the topic as long as the web server is up; `start` and `stop` are aiohttp's signals."""

    def __init__(self, model: Model, topic: str, bootstrap_servers: str, *, check_crcs: bool) -> None:
        self._model, self._topic, self._servers, self._check_crcs = (
            model,
            topic,
            bootstrap_servers,
            check_crcs,
        )
        self._task: asyncio.Task[None] | None = None

    async def start(self, _: web.Application) -> None:
        """Begin."""
        work = follow(self._model, self._topic, self._servers, check_crcs=self._check_crcs)
        self._task = asyncio.create_task(work, name=f"follow {self._topic}")
        self._task.add_done_callback(self._ended)

    async def stop(self, _: web.Application) -> None:
        """End; a second time changes nothing."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """A fault of ours: the road goes on, and /readyz says that this worker's view has stopped."""
        if not task.cancelled() and (error := task.exception()) is not None:
            log.critical("%s is no longer followed", self._topic, exc_info=error)
            self._model.lost(f"{self._topic} is no longer followed: {error!r}")


async def follow(model: Model, topic: str, bootstrap_servers: str, *, check_crcs: bool = True) -> None:
    """Read the topic (its full name) from its beginning and go on until cancelled; a broker that fails is tried again."""
    while True:
        consumer = AIOKafkaConsumer(
            topic,
            bootstrap_servers=bootstrap_servers,
            **Security().for_aiokafka(),
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


async def _read(consumer: AIOKafkaConsumer, model: Model, topic: str) -> None:
    ends: dict[TopicPartition, int] = {}
    while True:
        for records in (await gather(consumer, GATHER_S if model.ready else 0)).values():
            await _take(records, model)
        if model.ready:
            continue
        ends = ends or await consumer.end_offsets(consumer.assignment())
        left = await _left(consumer, ends)
        if ends and not left:
            model.caught_up()
        else:
            model.behind(f"{left} messages of {topic} to read" if ends else f"{topic} does not exist yet")


async def gather(consumer: AIOKafkaConsumer, length: float) -> dict[TopicPartition, list[Any]]:
    """Look for so many seconds, at least once; give what all looks found, in order.

    One look gives one answer of the broker a partition, and that may hold no more than one transaction: with a longer
    pause after each, the view would fall behind for ever.
    """
    found: dict[TopicPartition, list[Any]] = {}
    loop = asyncio.get_running_loop()
    end = loop.time() + length
    while True:
        for place, records in (await consumer.getmany(timeout_ms=_POLL_MS)).items():
            found.setdefault(place, []).extend(records)
        if loop.time() >= end:
            return found
        await asyncio.sleep(_PAUSE_S)


async def _take(records: list[Any], model: Model) -> None:
    for record in newest(records):
        model.put(record.key, record.value, record.timestamp)
        await asyncio.sleep(0)  # reading a large snapshot takes milliseconds, and the road runs on this loop


def newest(records: Iterable[Any]) -> list[Any]:
    """Of each key the last record alone: in one partition an incident's versions stand in order, so the others are old."""
    return list({record.key or record.offset: record for record in records}.values())


async def _left(consumer: AIOKafkaConsumer, ends: dict[TopicPartition, int]) -> int:
    """How many offsets lie between the positions and the ends: markers of transactions count, for no message has them."""
    return sum([max(0, end - await consumer.position(partition)) for partition, end in ends.items()])
