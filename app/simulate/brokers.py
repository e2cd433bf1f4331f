"""Brokers in memory: logs with append times, transactions with fencing, offsets of a group. All at once, nothing lost.

What Kafka guarantees is taken as given here, and no more: an append is acked or its producer never hears of it; a
transactional id has one living holder; a reader of committed messages stops before the first open transaction.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

from app.model.base import Instant, to_instant
from app.model.messages import Message, Outgoing
from app.road.partitioner import partition_of

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
"""The broker time at which a simulation begins."""
TRANSACTION_TIMEOUT_S = 60.0
Place = tuple[str, int]


class FencedError(Exception):
    """Another producer holds the transactional id now."""


@dataclass(slots=True, eq=False)
class OpenTransaction:
    """One transaction, while it lasts and after."""

    state: Literal["open", "committed", "aborted"] = "open"
    places: dict[Place, None] = field(default_factory=dict)
    offsets: dict[Place, int] = field(default_factory=dict)


@dataclass(slots=True)
class Stored:
    """A record as the log holds it; a marker has neither key nor value."""

    message: Message
    transaction: OpenTransaction | None
    is_marker: bool = False

    @property
    def is_committed(self) -> bool:
        """Whether readers of committed messages ever see it."""
        return not self.is_marker and (self.transaction is None or self.transaction.state == "committed")


class Brokers:
    """All topics, each with the same number of partitions, and what a group has committed."""

    def __init__(self, partitions: int) -> None:
        self.partitions = partitions
        self.logs: dict[Place, list[Stored]] = {}
        self.offsets: dict[Place, int] = {}
        self._epochs: dict[str, int] = {}
        self._open: dict[str, OpenTransaction] = {}
        self._changed: dict[Place, asyncio.Event] = {}

    def now(self) -> Instant:
        """Give broker time."""
        return to_instant(EPOCH + timedelta(seconds=asyncio.get_running_loop().time()))

    def log(self, place: Place) -> list[Stored]:
        """Give a partition's log."""
        return self.logs.setdefault(place, [])

    def append(self, outgoing: Outgoing, transaction: OpenTransaction | None = None) -> Message:
        """Append a message where its key belongs; give it as it stands on the log."""
        partition = outgoing.partition
        if partition is None:
            partition = partition_of(outgoing.key, self.partitions) if outgoing.key else 0
        place = (outgoing.topic, partition)
        log = self.log(place)
        message = Message(
            outgoing.topic, partition, len(log), outgoing.key, outgoing.value, self.now(), outgoing.headers
        )
        log.append(Stored(message, transaction))
        if transaction is not None:
            transaction.places[place] = None
        self._wake(place)
        return message

    def committed(self, place: Place, start: int, most: int = 1_000_000) -> tuple[list[Message], int]:
        """Give committed messages from an offset on, and the offset that is to be read next."""
        log, position = self.log(place), start
        found: list[Message] = []
        while position < len(log) and len(found) < most:
            stored = log[position]
            if stored.transaction is not None and stored.transaction.state == "open":
                break
            if stored.is_committed:
                found.append(stored.message)
            position += 1
        return found, position

    async def changed(self, place: Place) -> None:
        """Wait until something happens in a partition."""
        await self._changed.setdefault(place, asyncio.Event()).wait()

    def take_over(self, transactional_id: str) -> int:
        """Take a transactional id over: what its holder left open is aborted; give the new epoch."""
        self._epochs[transactional_id] = self._epochs.get(transactional_id, -1) + 1
        left = self._open.pop(transactional_id, None)
        if left is not None:
            self._finish(left, "aborted")
        return self._epochs[transactional_id]

    def transaction_of(self, transactional_id: str, epoch: int) -> OpenTransaction:
        """Give the open transaction of a producer; one begins with its first message.

        Raises FencedError if another holds the id.
        """
        if self._epochs[transactional_id] != epoch:
            raise FencedError(transactional_id)
        if transactional_id not in self._open:
            transaction = self._open[transactional_id] = OpenTransaction()
            asyncio.get_running_loop().call_later(
                TRANSACTION_TIMEOUT_S, self._time_out, transactional_id, transaction
            )
        return self._open[transactional_id]

    def commit(self, transactional_id: str, epoch: int) -> None:
        """Commit what a producer has open. Raises FencedError if another holds the id."""
        self._finish(self.transaction_of(transactional_id, epoch), "committed")
        del self._open[transactional_id]

    def _time_out(self, transactional_id: str, transaction: OpenTransaction) -> None:
        if self._open.get(transactional_id) is transaction:
            self.take_over(transactional_id)

    def _finish(self, transaction: OpenTransaction, state: Literal["committed", "aborted"]) -> None:
        transaction.state = state
        if state == "committed":
            self.offsets |= transaction.offsets
        for place in transaction.places:
            log = self.log(place)
            log.append(Stored(Message(*place, len(log), None, None, self.now()), transaction, is_marker=True))
            self._wake(place)

    def _wake(self, place: Place) -> None:
        event = self._changed.pop(place, None)
        if event is not None:
            event.set()
