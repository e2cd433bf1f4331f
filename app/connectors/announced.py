"""Connectors' announcements: reading them, and making those of our own connectors."""

from __future__ import annotations

import time
from collections.abc import Callable

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from app.connectors.kafka import client_config
from app.connectors.reading import End, Reader
from app.core.served import Announced
from app.model.connectors import Connector
from app.model.topics import CONNECTORS
from app.settings import Settings
from app.wire.codec import Codec
from app.wire.decode import decode
from app.wire.errors import WireError

EVERY_S = 30.0
"""How often a connector announces itself."""


def read_announced(settings: Settings) -> list[Announced]:
    """Give the newest announcement of each connector that said something within about an hour.

    One that cannot be read says nothing, as for workers. Raises OutsideError where the brokers or the topic are not there.
    """
    found: dict[tuple[str, str], Announced] = {}
    full = f"{settings.topic_prefix}.{CONNECTORS}"
    with Reader(settings.bootstrap_servers, full, name=CONNECTORS) as reader:
        for message in reader.existing():
            if isinstance(message, End) or message.value is None:
                continue
            try:
                connector = decode(message.value, Connector)
            except WireError:
                continue
            key, known = (connector.kind, connector.instance), Announced(connector, message.timestamp)
            if key not in found or found[key].at <= known.at:
                found[key] = known
    return [found[key] for key in sorted(found)]


class Announcer:
    """Announces one connector every 30 seconds. That it cannot is told once, and stops nothing."""

    def __init__(self, settings: Settings, connector: Connector, say: Callable[[str], None]) -> None:
        self._topic = f"{settings.topic_prefix}.{CONNECTORS}"
        self._key, self._value = connector.instance.encode(), Codec(settings.output_format).encode(connector)
        self._say, self._has_told, self._next = say, False, 0.0
        self._producer = Producer(client_config(settings.bootstrap_servers, message_timeout_ms=10_000))

    def announce(self) -> None:
        """Announce it, if it is time to; does not wait. Call it at least every few seconds."""
        self._producer.poll(0)
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + EVERY_S
        try:
            self._producer.produce(self._topic, key=self._key, value=self._value, on_delivery=self._sent)
        except (KafkaException, BufferError) as error:
            self._tell(str(error))

    def _sent(self, error: KafkaError | None, _: Message) -> None:
        if error is not None:
            self._tell(error.str())

    def _tell(self, why: str) -> None:
        if not self._has_told:
            self._has_told = True
            self._say(f"{self._topic}: this connector cannot announce itself ({why}); it goes on without")
