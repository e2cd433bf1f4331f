"""Kafka for tools: bounded waits, clear errors, and no more of confluent-kafka than they need."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from operator import methodcaller
from typing import Any, Self, cast

from confluent_kafka import (
    TIMESTAMP_NOT_AVAILABLE,
    KafkaError,
    KafkaException,
    Producer,
)
from confluent_kafka import Message as Received
from confluent_kafka.admin import AdminClient

from app.connectors.errors import KafkaUnreachableError, NotAckedError, TopicMissingError
from app.road.ports import Message
from app.security import Security

ANSWER_WITHIN_S = 10.0
"""How long a broker may take to answer before it counts as unreachable."""
ACK_WITHIN_S = 30.0
"""How long a message may take to be acknowledged."""
POLL_S = 0.2

# librdkafka repeats every refused connection on stderr; we say it once, in our own words.
_SILENT = logging.getLogger("oncall.librdkafka")
_SILENT.addHandler(logging.NullHandler())
_SILENT.propagate = False


def client_config(servers: str, **more: object) -> dict[str, Any]:
    """Give the configuration of a client: the servers, short waits between tries, and silence; names with `_` for `.`."""
    named = {name.replace("_", "."): value for name, value in more.items()}
    return (
        {
            "bootstrap.servers": servers,
            "client.id": "oncall",
            "reconnect.backoff.max.ms": 1000,
            "logger": _SILENT,
        }
        | Security().for_librdkafka()
        | named
    )


def topics_of(servers: str, topic: str | None = None) -> dict[str, list[int]]:
    """Give the cluster's topics, or the one of this name, with their partitions.

    The embedded broker makes a topic that is asked for by its name. KafkaUnreachableError if it does not answer within 10 s.
    """
    try:
        known = AdminClient(client_config(servers)).list_topics(topic, timeout=ANSWER_WITHIN_S).topics
    except (KafkaException, ValueError) as error:
        raise unreachable(servers, error) from error
    return {name: sorted(topic.partitions) for name, topic in known.items()}


def unreachable(servers: str, error: Exception) -> KafkaUnreachableError:
    """Say that nothing answers there, and what to do."""
    told = error.args[0].str() if error.args and isinstance(error.args[0], KafkaError) else str(error)
    return KafkaUnreachableError(
        f"cannot reach Kafka at {servers} within {ANSWER_WITHIN_S:.0f} s ({told})",
        "start it (`oncall broker` for one to try things on) or name another with --bootstrap-servers"
        f" or ONCALL_BOOTSTRAP_SERVERS{Security().also_right}",
    )


def partitions_of(servers: str, topic: str) -> list[int]:
    """Give the topic's partitions; TopicMissingError if there is none of that name.

    On the embedded broker there always is: nothing else makes topics there, and one that is made here is empty.
    """
    known = topics_of(servers, topic if Security().embedded else None)
    if topic not in known:
        unseen = " or ask for the right to see it: `oncall topics acls`" if Security().uses_sasl else ""
        raise TopicMissingError(
            f"there is no topic {topic} on {servers}", f"make the topics with `oncall topics create`{unseen}"
        )
    return known[topic]


class Writer:
    """Writes messages and waits for the acks of all of them. Used as a context: leaving it waits.

    Keys choose partitions by murmur2, as Java clients and the workers do.
    """

    def __init__(self, servers: str) -> None:
        self._servers = servers
        self._failed: list[str] = []
        self.acked = 0
        """How many messages the broker has acknowledged."""
        self._producer = Producer(
            client_config(
                servers,
                acks="all",
                enable_idempotence=True,
                partitioner="murmur2_random",
                linger_ms=5,
                message_timeout_ms=int(ACK_WITHIN_S * 1000),
                message_max_bytes=5_242_880,
            )
        )

    def send(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        headers: Sequence[tuple[str, bytes | None]] = (),
    ) -> None:
        """Send one; NotAckedError at once if it is too large for any broker we know."""
        while True:
            try:
                self._producer.produce(
                    topic, key=key, value=value, headers=list(headers), on_delivery=self._delivered
                )
            except BufferError:  # the local queue is full: let it drain
                self._producer.poll(POLL_S)
            except KafkaException as error:
                raise NotAckedError(f"{topic}: {error.args[0].str()}", _mend_of(error.args[0])) from error
            else:
                self._producer.poll(0)
                return

    def flush(self) -> None:
        """Wait for the acks of all that was sent; NotAckedError if one of them failed or is late."""
        left = self._producer.flush(ACK_WITHIN_S + 5)
        if self._failed:
            raise NotAckedError(
                f"{len(self._failed)} not acknowledged by {self._servers}, the first: {self._failed[0]}"
            )
        if left:
            raise NotAckedError(
                f"{left} messages not acknowledged by {self._servers} within {ACK_WITHIN_S:.0f} s"
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.flush()
        else:
            self._producer.purge()

    def _delivered(self, error: KafkaError | None, message: Received) -> None:
        if error is None:
            self.acked += 1
        else:
            mend = _mend_of(error)
            self._failed.append(f"{message.topic()}: {error.str()}" + (f"; {mend}" if mend else ""))


def _mend_of(error: KafkaError) -> str:
    if error.code() == KafkaError.MSG_SIZE_TOO_LARGE:
        return "make it smaller, or raise max.message.bytes of the topic"
    if error.code() in (KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError._UNKNOWN_TOPIC):  # noqa: SLF001  # librdkafka's public name
        return "make the topics with `oncall topics create`"
    return ""


_HEADERS_OF = methodcaller("headers")


def to_message(received: Received, name: str) -> Message:
    """Give what was received as the road's message; `name` is the topic without the prefix."""
    kind, millis = received.timestamp()
    return Message(
        topic=name,
        partition=received.partition() or 0,
        offset=received.offset() or 0,
        key=_bytes(received.key()),
        value=_bytes(received.value()),
        timestamp=_instant(0 if kind == TIMESTAMP_NOT_AVAILABLE else millis),
        headers=_headers(received),
    )


def _instant(millis: int) -> datetime:
    """Give the moment; one that no calendar holds becomes the epoch, as it does for workers."""
    try:
        return datetime.fromtimestamp(millis / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return datetime.fromtimestamp(0, UTC)


def _headers(received: Received) -> tuple[tuple[str, bytes | None], ...]:
    """Give the headers; none where one has a name that is no UTF-8, for then the client gives none of them.

    It returns with the failure still pending, which only a call that is checked brings up: `methodcaller` makes such a one.
    """
    try:
        found = cast(
            "Iterable[tuple[str, Any]]", _HEADERS_OF(received) or ()
        )  # pairs, whatever its type says
    except (SystemError, UnicodeDecodeError):
        return ()
    return tuple((name, _bytes(value)) for name, value in found)


def _bytes(value: Any) -> bytes | None:
    return value.encode() if isinstance(value, str) else value
