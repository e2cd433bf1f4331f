"""The way back that contract 4 names, to measure against: outputs acked → changelog acked → offset committed.

It stands here and not in the service. It fences nobody and leaves repeats after a crash.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, TopicPartition

from app.model.topics import SIGNALS
from app.road.clock import BrokerClock
from app.stream.log import KafkaLog
from app.stream.topics import changelog_name, full_name


class AtLeastOnce:
    """The transaction port without transactions, over the production log's producer.

    `commit_offset` is awaited with the offset of `signals` that is to be read next.
    """

    def __init__(self, settings, places, partition, commit_offset):
        self._changelog, self._partition = changelog_name(settings), partition
        self._log = KafkaLog(settings, places, BrokerClock())
        self._commit_offset = commit_offset
        self._next_offset = 0
        self.changelog_offset = -1

    async def start(self):
        await self._log.start()

    async def stop(self):
        await self._log.stop()

    async def begin(self):
        self.changelog_offset = -1

    async def send(self, messages):
        await self._log.append(messages)

    async def send_records(self, records):
        send = self._log.producer.send
        sent = [
            await send(self._changelog, record, domain.encode(), self._partition)
            for domain, record in records.items()
        ]
        acked = await asyncio.gather(*sent)
        self.changelog_offset = max((record.offset for record in acked), default=-1)

    async def send_offset(self, next_offset):
        self._next_offset = next_offset

    async def commit(self):
        await self._commit_offset(self._next_offset)


@asynccontextmanager
async def committing(settings, partition):
    """What commits the partition's offset for the service's group, while no worker is in it."""
    signals = TopicPartition(full_name(settings, SIGNALS), partition)
    group = AIOKafkaConsumer(
        bootstrap_servers=settings.bootstrap_servers, group_id=settings.app_id, enable_auto_commit=False
    )
    await group.start()
    try:
        group.assign([signals])
        yield lambda next_offset: group.commit({signals: next_offset})
    finally:
        await group.stop()
