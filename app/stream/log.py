"""The log port over an idempotent producer: appends outside transactions, awaited to the broker's ack."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import UTC, datetime

from aiokafka import AIOKafkaProducer

from app.road.clock import BrokerClock
from app.road.ports import Outgoing
from app.settings import Settings
from app.stream.places import Places
from app.stream.topics import MAX_MESSAGE

_LOG_APPEND_TIME = 1
_log = logging.getLogger(__name__)


def new_producer(settings: Settings, transactional_id: str | None = None) -> AIOKafkaProducer:
    """Make a producer, not yet started: all replicas in step ack, and no repeat of its own reaches the log."""
    return AIOKafkaProducer(
        bootstrap_servers=settings.bootstrap_servers,
        **settings.for_aiokafka(),
        client_id=transactional_id or f"{settings.app_id}-log",
        acks="all",
        enable_idempotence=True,
        transactional_id=transactional_id,
        max_request_size=MAX_MESSAGE,
        max_batch_size=131_072,
        metadata_max_age_ms=60_000,
        retry_backoff_ms=20,  # while a broker verifies a transaction it asks to try again, as if replicas lacked
    )


class KafkaLog:
    """Appends messages; start it before use and stop it after."""

    def __init__(self, settings: Settings, places: Places, clock: BrokerClock) -> None:
        self._settings, self._places, self._clock = settings, places, clock
        self._producer: AIOKafkaProducer | None = None

    async def start(self) -> None:
        """Connect to the brokers."""
        self._producer = new_producer(self._settings)
        await self._producer.start()

    async def stop(self) -> None:
        """Send what is under way and disconnect."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await producer.stop()

    @property
    def producer(self) -> AIOKafkaProducer:
        """The producer; RuntimeError when not started."""
        if self._producer is None:
            raise RuntimeError("the log is not connected: the worker is starting or stopping")
        return self._producer

    async def append(self, messages: Sequence[Outgoing]) -> None:
        """Append all, in order, and return when the broker has acked each.

        Raises aiokafka's KafkaError if one could not be appended; those before it may be on the log.
        """
        producer = self.producer
        pending = []
        for message in messages:
            topic, partition = await self._places.of(producer, message)
            pending.append(
                await producer.send(
                    topic, message.value, message.key, partition, headers=list(message.headers) or None
                )
            )
        for acked in await asyncio.gather(*pending):
            if acked.timestamp_type == _LOG_APPEND_TIME and not self._settings.embedded:
                self._clock.acked(datetime.fromtimestamp(acked.timestamp / 1000, UTC))
