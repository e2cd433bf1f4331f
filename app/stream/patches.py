"""What we change in Faust, each with its reason and nothing else. A test of tests/stream holds each of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import aiokafka
import faust
from aiokafka import TopicPartition
from aiokafka.cluster import ClusterMetadata
from faust.assignor.partition_assignor import (
    MemberAssignmentMapping,
    MemberMetadataMapping,
    PartitionAssignor,
)
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread, Consumer, Transport
from faust.types import TP

from app.stream.crash import die

_FETCH_WAIT_MS = 250


class _CommittedThread(AIOKafkaConsumerThread):
    """Reads committed messages only, as Faust does in its own `exactly_once` alone: nobody may act on what was aborted.

    And waits less long for new messages: Faust's 1.5 s are fixed in its code, and whatever else is asked of the same
    broker meanwhile (offsets, at every recovery) stands in line behind that.

    And goes back to the beginning of what the group has never committed: see `seek_to_committed`.
    """

    def _create_worker_consumer(self, transport: Transport) -> aiokafka.AIOKafkaConsumer:
        consumer = super()._create_worker_consumer(transport)
        consumer._isolation_level = "read_committed"  # noqa: SLF001 - read when the consumer starts, which it has not yet
        consumer._fetch_max_wait_ms = _FETCH_WAIT_MS  # noqa: SLF001 - likewise
        return consumer

    async def seek_to_committed(self) -> Mapping[TP, int]:
        tables = self.app.tables.changelog_topics
        committed: Mapping[TP, int] = await self.call_thread(
            seek_to_committed, self._ensure_consumer(), tables
        )
        return committed


async def seek_to_committed(
    consumer: aiokafka.AIOKafkaConsumer, but_not: Collection[str] = ()
) -> dict[TopicPartition, int | None]:
    """Go back to what the group has committed in each assigned partition, or to the beginning where that is nothing.

    aiokafka leaves a partition alone that has no committed offset. But its first messages may have been fetched already
    and dropped, by a rebalance in between; they would never be read again. Partitions of the topics `but_not` stay.
    """
    committed: dict[TopicPartition, int | None] = await consumer.seek_to_committed()
    fresh = [place for place, offset in committed.items() if not offset and place.topic not in but_not]
    if fresh:
        await consumer.seek_to_beginning(*fresh)
    return committed


class WholeAssignor(PartitionAssignor):
    """Shares nothing out while the broker tells of some topics only: then this worker ends, and another one shares out.

    A broker that has just come back may not know all topics yet. Faust's leader would leave those out, and the group, once agreed,
    would not look again: every worker ready, and nobody at work.
    """

    def assign(
        self, cluster: ClusterMetadata, member_metadata: MemberMetadataMapping
    ) -> MemberAssignmentMapping:
        wanted = {topic for member in member_metadata.values() for topic in member.subscription}
        if missing := untold(cluster, wanted):
            die(f"partitions cannot be shared out: the broker does not tell of {', '.join(missing)} (yet)")
        return super().assign(cluster, member_metadata)


def untold(cluster: ClusterMetadata, topics: Iterable[str]) -> list[str]:
    """Name the topics of which the broker has told no partition."""
    return sorted(topic for topic in topics if not cluster.partitions_for_topic(topic))


class _CommittedConsumer(Consumer):
    def _new_consumer_thread(self) -> AIOKafkaConsumerThread:
        return _CommittedThread(self, loop=self.loop, beacon=self.beacon)


class CommittedTransport(Transport):
    """Faust's transport, reading committed messages only."""

    Consumer = _CommittedConsumer


def read_committed(app: faust.App) -> None:
    """Make the app read committed messages only; call it before anything asks for its consumer or topics."""
    broker: Any = app.conf.broker_consumer
    app.transport = CommittedTransport(broker, app)
