"""The silences that `control` made known on the `standings` topic: read to its end at the start, and followed from then on.

What intake does not know yet it cannot say of an alert: a silence counts for alerts that come a moment after it was made.
"""

from __future__ import annotations

import asyncio
import logging

from aiokafka import AIOKafkaConsumer, TopicPartition

from app.core.quiet.silencing import STANDING
from app.model.silences import Silence
from app.model.standings import Standing
from app.model.topics import STANDINGS
from app.settings import Settings
from app.stream.crash import die
from app.stream.restore import new_reader
from app.stream.topics import full_name
from app.wire.decode import WireError, decode

_POLL_MS = 500
_log = logging.getLogger(__name__)


class Silences:
    """All silences there are."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._held: Standing | None = None
        self._consumer: AIOKafkaConsumer | None = None
        self._following: asyncio.Task[None] | None = None

    def current(self) -> tuple[Silence, ...]:
        """Give the silences."""
        return tuple(self._held.silences) if self._held is not None else ()

    def put(self, key: bytes | None, value: bytes | None) -> None:
        """Take a message of the topic in; an older version, or one that cannot be read, changes nothing."""
        if key != STANDING.encode():
            return
        try:
            standing = decode(value, Standing)
        except WireError as error:
            _log.warning("the silences cannot be read and stay as they were: %s", error)
            return
        if self._held is None or self._held.version < standing.version:
            self._held = standing

    async def start(self) -> None:
        """Read the topic to its end, then follow it."""
        self._consumer = new_reader(self._settings)
        await self._consumer.start()
        await self._read_to_end(self._consumer)
        self._following = asyncio.get_running_loop().create_task(
            self._follow(self._consumer), name="silences"
        )

    async def stop(self) -> None:
        """Follow the topic no longer."""
        if self._following is not None:
            self._following.cancel()
            await asyncio.gather(self._following, return_exceptions=True)
        if self._consumer is not None:
            await self._consumer.stop()

    async def _read_to_end(self, consumer: AIOKafkaConsumer) -> None:
        topic = full_name(self._settings, STANDINGS)
        while not (numbers := consumer.partitions_for_topic(topic)):
            await consumer._client._wait_on_metadata(topic)  # noqa: SLF001 - makes the embedded broker make the topic
        places = [TopicPartition(topic, number) for number in numbers]
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        ends = await consumer.end_offsets(places)
        while [place for place in places if await consumer.position(place) < ends[place]]:
            await self._read_some(consumer)

    async def _follow(self, consumer: AIOKafkaConsumer) -> None:
        try:
            while True:
                await self._read_some(consumer)
        except Exception as error:  # noqa: BLE001 - whatever it is, it ends the worker
            die("the standings topic can no longer be read", error)

    async def _read_some(self, consumer: AIOKafkaConsumer) -> None:
        for records in (await consumer.getmany(timeout_ms=_POLL_MS)).values():
            for record in records:
                self.put(record.key, record.value)
