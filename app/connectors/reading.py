"""Reading a topic as a person looks at it: what is there, in order of time, and then what comes."""

from __future__ import annotations

import threading
import uuid
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Self, TypeVar

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from app.connectors.errors import UnreadableError
from app.connectors.kafka import (
    ANSWER_WITHIN_S,
    POLL_S,
    client_config,
    partitions_of,
    to_message,
    unreachable,
)
from app.model.base import Frozen
from app.road.ports import Message
from app.wire.decode import decode
from app.wire.errors import WireError

F = TypeVar("F", bound=Frozen)


@dataclass(frozen=True, slots=True)
class End:
    """All that was there of a partition has been read."""

    partition: int


@dataclass(frozen=True, slots=True)
class Span:
    """What a partition holds: offsets from `low`, up to but not with `high`."""

    partition: int
    low: int
    high: int


class Reader:
    """Reads a topic without a group and without leaving a trace: committed messages only. Used as a context."""

    def __init__(self, servers: str, topic: str, *, name: str, stop: threading.Event | None = None) -> None:
        """Take the topic's whole name, and the `name` that its messages are to bear. `stop` ends reading.

        Raises TopicMissingError and KafkaUnreachableError.
        """
        self._servers, self._topic, self._name = servers, topic, name
        self._stop = stop or threading.Event()
        self.partitions = partitions_of(servers, topic)
        """The topic's partitions."""
        self._consumer = Consumer(
            client_config(
                servers,
                group_id=f"oncall-look-{uuid.uuid4().hex[:8]}",
                enable_auto_commit=False,
                enable_partition_eof=True,
                isolation_level="read_committed",
                auto_offset_reset="earliest",
                fetch_wait_max_ms=100,  # by default the end of each topic is known half a second late
            )
        )
        self._spans = self._measure()

    @property
    def lows(self) -> dict[int, int]:
        """Where each partition begins: not at 0 where retention has taken its beginning."""
        return {span.partition: span.low for span in self._spans}

    def existing(self, last: int | None = None) -> Iterator[Message | End]:
        """Give what was there when the reader was made, each partition closed by an End.

        `last` limits it to the newest so many offsets of each partition; with transactions and compaction these are
        fewer messages.
        """
        full = {span.partition: span for span in self._spans if span.high > span.low}
        yield from (End(p) for p in self.partitions if p not in full)
        self._assign({p: s.low if last is None else max(s.low, s.high - last) for p, s in full.items()})
        while full and not self._stop.is_set():
            got = self._next()
            span = full.get(got.partition) if got is not None else None
            if got is None or span is None:
                continue
            if isinstance(got, Message) and got.offset < span.high:
                yield got
            # The last offset may be a transaction's marker, which is never given: then the End says so.
            if isinstance(got, End) or got.offset >= span.high - 1:
                del full[got.partition]
                yield End(got.partition)

    def following(self) -> Iterator[Message]:
        """Give what came since the reader was made, and what comes, until told to stop."""
        self._assign({span.partition: span.high for span in self._spans})
        while not self._stop.is_set():
            got = self._next()
            if isinstance(got, Message):
                yield got

    def close(self) -> None:
        """Close the connections."""
        self._consumer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _measure(self) -> list[Span]:
        try:
            marks = [(p, self._marks(p)) for p in self.partitions]
        except KafkaException as error:
            raise unreachable(self._servers, error) from error
        return [Span(partition, *mark) for partition, mark in marks if mark is not None]

    def _marks(self, partition: int) -> tuple[int, int] | None:
        place = TopicPartition(self._topic, partition)
        return self._consumer.get_watermark_offsets(place, timeout=ANSWER_WITHIN_S)

    def _assign(self, starts: dict[int, int]) -> None:
        self._consumer.assign([TopicPartition(self._topic, p, offset) for p, offset in starts.items()])

    def _next(self) -> Message | End | None:
        received = self._consumer.poll(POLL_S)
        if received is None:
            return None
        error = received.error()
        if error is None:
            return to_message(received, self._name)
        if error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001  # librdkafka's public name
            return End(received.partition() or 0)
        if error.fatal() or not error.retriable():
            raise unreachable(self._servers, KafkaException(error))
        return None


def decoded(message: Message, model: type[F]) -> F:
    """Give a message's value, of a topic that only the service itself writes to. Raises UnreadableError with its place."""
    try:
        return decode(message.value, model)
    except WireError as error:
        raise UnreadableError(
            f"{message.topic}, partition {message.partition}, offset {message.offset}: cannot be read: {error}",
            f"a newer release may have written it: use its command; `oncall tail {message.topic} --raw` shows it",
        ) from error


def in_time_order(read: Iterable[Message | End], partitions: Iterable[int]) -> Iterator[Message]:
    """Merge partitions by their messages' times, keeping the order within each; each must be closed by an End."""
    waiting: dict[int, deque[Message]] = {partition: deque() for partition in partitions}
    still_open = set(waiting)
    for each in read:
        if isinstance(each, End):
            still_open.discard(each.partition)
        else:
            waiting[each.partition].append(each)
        # Only when every open partition has shown its next message is the oldest of them the oldest of all.
        while all(waiting[p] for p in still_open) and (
            heads := [queue for queue in waiting.values() if queue]
        ):
            yield min(heads, key=lambda queue: (queue[0].timestamp, queue[0].partition)).popleft()
