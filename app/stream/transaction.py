"""The transaction port over a producer whose transactional id belongs to one partition of `signals`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.structs import OffsetAndMetadata, RecordMetadata

from app.model.topics import SIGNALS
from app.road.ports import Outgoing
from app.road.transactional_id import transactional_id
from app.settings import Settings
from app.stream.log import new_producer
from app.stream.places import Places
from app.stream.topics import changelog_name, full_name


class KafkaTransaction:
    """One transaction after another. Every failure is final for the worker: it ends, and the next owner decides again."""

    def __init__(self, settings: Settings, places: Places, partition: int) -> None:
        self._settings, self._places, self._partition = settings, places, partition
        self._changelog = changelog_name(settings)
        self._signals = TopicPartition(full_name(settings, SIGNALS), partition)
        self._producer: AIOKafkaProducer | None = None
        self._records: list[asyncio.Future[RecordMetadata]] = []
        self.changelog_offset = -1
        """The highest offset that the newest transaction's records have in the changelog; -1 if it had none."""

    async def start(self) -> None:
        """Take the transactional id over: returns when what its former holder left is committed or aborted for good."""
        self._producer = new_producer(
            self._settings, transactional_id(self._settings.app_id, self._partition)
        )
        await self._producer.start()

    async def stop(self) -> None:
        """Let go of it."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await producer.stop()

    async def begin(self) -> None:
        """Begin a transaction."""
        self._records, self.changelog_offset = [], -1
        await self._started.begin_transaction()

    async def send(self, messages: Sequence[Outgoing]) -> None:
        """Send outputs, in order, and return when the broker has acked each."""
        producer, pending = self._started, []
        for message in messages:
            topic, partition = await self._places.of(producer, message)
            headers = list(message.headers) or None
            pending.append(await producer.send(topic, message.value, message.key, partition, headers=headers))
        await asyncio.gather(*pending)

    async def send_records(self, records: dict[str, bytes]) -> None:
        """Send changelog records to the partition's own changelog."""
        for domain, record in records.items():
            sent = self._started.send(self._changelog, record, domain.encode(), self._partition)
            self._records.append(await sent)

    async def send_offset(self, next_offset: int) -> None:
        """Say which offset of `signals` comes next, for the worker's group."""
        offsets = {self._signals: OffsetAndMetadata(next_offset, "")}
        await self._started.send_offsets_to_transaction(offsets, self._settings.app_id)

    async def commit(self) -> None:
        """Commit: all or nothing."""
        acked = await asyncio.gather(*self._records)
        await self._started.commit_transaction()
        self.changelog_offset = max((record.offset for record in acked), default=-1)

    @property
    def _started(self) -> AIOKafkaProducer:
        if self._producer is None:
            raise RuntimeError(f"the transactions of partition {self._partition} have been stopped")
        return self._producer
