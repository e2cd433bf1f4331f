"""Where a message goes: the whole topic name, and the partition, computed by us and never by a client library."""

from __future__ import annotations

from aiokafka import AIOKafkaProducer

from app.road.partitioner import partition_of
from app.road.ports import Outgoing
from app.settings import Settings
from app.stream.topics import full_name


class Places:
    """The topics' partition counts, each asked for once: a count that changes later changes nothing here."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._counts: dict[str, int] = {}

    async def learn(self, producer: AIOKafkaProducer, topics: list[str]) -> None:
        """Ask for the counts of topics (named without the prefix) in advance."""
        for topic in topics:
            await self.count(producer, topic)

    async def count(self, producer: AIOKafkaProducer, topic: str) -> int:
        """Give a topic's partition count."""
        if topic not in self._counts:
            self._counts[topic] = len(await producer.partitions_for(full_name(self._settings, topic)))
        return self._counts[topic]

    async def of(self, producer: AIOKafkaProducer, message: Outgoing) -> tuple[str, int | None]:
        """Give a message's whole topic name and partition; none where it has neither partition nor key."""
        name = full_name(self._settings, message.topic)
        if message.partition is not None or message.key is None:
            return name, message.partition
        return name, partition_of(message.key, await self.count(producer, message.topic))
