"""The Kafka client of the demo's simulators and its audience: sends JSON, reads whatever the service writes."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

MAX_REQUEST = 2 * 1024 * 1024
"""Bytes of the largest message that is sent."""


@dataclass
class Client:
    """An ordinary client: one producer, and a consumer for each `read`, all by full topic names under one prefix."""

    bootstrap_servers: str
    prefix: str
    _producer: AIOKafkaProducer | None = field(default=None, init=False)

    async def start(self) -> None:
        """Connect. Raises aiokafka.errors.KafkaConnectionError when no broker answers."""
        self._producer = AIOKafkaProducer(
            bootstrap_servers=self.bootstrap_servers, max_request_size=MAX_REQUEST, linger_ms=5
        )
        await self._producer.start()

    async def stop(self) -> None:
        """Send what is still here, and disconnect."""
        if self._producer is not None:
            await self._producer.stop()
            self._producer = None

    async def send(self, topic: str, value: Mapping[str, Any] | list[Any] | bytes, key: str = "") -> None:
        """Send a JSON value (or bytes as they are), and return when the broker has acked it."""
        if self._producer is None:
            msg = "the client is not started"
            raise RuntimeError(msg)
        data = value if isinstance(value, bytes) else json.dumps(value).encode()
        await self._producer.send_and_wait(f"{self.prefix}.{topic}", data, key=key.encode() or None)

    async def read(self, *topics: str) -> AsyncIterator[tuple[str, bytes]]:
        """Read the topics from their beginning, for ever: (topic without prefix, value)."""
        # The embedded broker's control batches bear a wrong CRC (app.broker.embedded).
        consumer = AIOKafkaConsumer(
            *(f"{self.prefix}.{topic}" for topic in topics),
            bootstrap_servers=self.bootstrap_servers,
            group_id=None,
            auto_offset_reset="earliest",
            check_crcs=False,
            metadata_max_age_ms=5_000,
        )
        await consumer.start()
        try:
            async for message in consumer:
                if message.value is not None:
                    yield message.topic.removeprefix(f"{self.prefix}."), message.value
        finally:
            await consumer.stop()
