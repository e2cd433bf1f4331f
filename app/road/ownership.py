"""What a worker does when partitions of `signals` become its own, and when they go."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field

from app.core import record as records
from app.model.incident import DomainRecord
from app.model.topics import SIGNALS
from app.road.apply import Partition, Wire, apply_batch
from app.road.failpoints import Hit
from app.road.lane import Fail, Lane
from app.road.partitioner import partition_of
from app.road.ports import AheadError, Libraries, Message, Store, Transaction
from app.road.timekeeper import Timekeeper

_YIELD_EVERY = 100
_STOP_WITHIN_S = 5.0
_log = logging.getLogger(__name__)


class BrokenInvariantError(Exception):
    """Log, changelog and table do not belong together; the message says what was found and how to mend it."""


@dataclass(slots=True)
class _Owned:
    transaction: Transaction
    partition: Partition
    lane: Lane | None = None
    expected: int = -1
    """The offset of `signals` that must come next; -1 before it is known."""


@dataclass(slots=True)
class Ownership:
    """The owned partitions of `signals`: their transactions, stores, timers and lanes."""

    batch: int
    libraries: Libraries
    timekeeper: Timekeeper
    wire: Wire
    hit: Hit
    fail: Fail
    new_transaction: Callable[[int], Transaction]
    open_store: Callable[[int, Transaction], Store]
    restore: Callable[[Mapping[int, Store]], Awaitable[None]]
    """Brings stores, by partition, up to the end of their changelogs; AheadError for a store of another log."""
    applied: Callable[[int, int], None] = lambda _messages, _outputs: None
    """Told after every batch how many messages and outputs it had."""
    _owned: dict[int, _Owned] = field(default_factory=dict)

    @property
    def partitions(self) -> tuple[int, ...]:
        """The numbers of the owned partitions that are being worked on."""
        return tuple(sorted(number for number, owned in self._owned.items() if owned.lane is not None))

    @property
    def next_offsets(self) -> dict[int, int]:
        """The offset of `signals` that is to be applied next, of each partition that is being worked on."""
        return {number: owned.expected for number, owned in self._owned.items() if owned.lane is not None}

    async def take_over(self, numbers: Iterable[int], count: int) -> None:
        """Make partitions ours: fence their former owners, restore their stores, rebuild their timers.

        The order matters: once the transactional ids are ours nobody else can write to the changelogs, so what is
        read up to their ends is all there is.
        """
        for number in numbers:
            transaction = self.new_transaction(number)
            self._owned[number] = _Owned(transaction, self._partition(number, transaction))
        await asyncio.gather(*(owned.transaction.start() for owned in self._owned.values()))
        await self._restore()
        for number in self._owned:
            await self._rebuild(number, count)

    def begin(self, next_offsets: Mapping[int, int], ends: Mapping[int, int]) -> None:
        """Begin to work, from these offsets of `signals`."""
        for number, owned in self._owned.items():
            newest = owned.expected
            if newest >= ends[number]:
                raise BrokenInvariantError(
                    f"partition {number} of `{SIGNALS}` ends at {ends[number]}, but its table has applied {newest}:"
                    " the topic was deleted and made anew; give the service a new ONCALL_APP_ID (or delete its"
                    " changelog too) and empty ONCALL_DATA_DIR"
                )
            owned.expected = next_offsets[number]
            owned.lane = Lane(f"signals/{number}", self._handler(owned), self.batch, self.fail)

    async def put(self, message: Message) -> None:
        """Hand a message of `signals` over; one of a partition that is not ours now is dropped: it will be read again."""
        owned = self._owned.get(message.partition)
        if owned is not None and owned.lane is not None:
            await owned.lane.put(message)

    async def release(self) -> None:
        """Let all partitions go: what is under way ends, then the transactional ids are given up."""
        owned, self._owned = self._owned, {}
        self._forget(owned)
        await asyncio.gather(*(self._let_go(each) for each in owned.values()))
        self._forget(owned)  # the batch that was under way has had its timers learnt once more

    def _forget(self, numbers: Iterable[int]) -> None:
        """Drop the timers of partitions that are not ours."""
        for number in numbers:
            if number not in self._owned:
                self.timekeeper.forget(number)

    async def _let_go(self, owned: _Owned) -> None:
        if owned.lane is not None:
            await owned.lane.close()
        try:
            await asyncio.wait_for(owned.transaction.stop(), _STOP_WITHIN_S)
        except TimeoutError:
            _log.warning(
                "signals/%d: its producer did not stop in time; the next owner fences it",
                owned.partition.number,
            )

    async def _restore(self) -> None:
        try:
            await self.restore(self._stores())
        except AheadError as ahead:
            _log.warning("%s: it is wiped and built anew from the changelog", ahead)
            self._stores()[ahead.partition].wipe()
            await self._restore()

    def _stores(self) -> dict[int, Store]:
        return {number: self.open_store(number, owned.transaction) for number, owned in self._owned.items()}

    def _partition(self, number: int, transaction: Transaction) -> Partition:
        return Partition(
            number=number,
            transaction=transaction,
            store=self.open_store(number, transaction),
            libraries=self.libraries,
            timekeeper=self.timekeeper,
            wire=self.wire,
            hit=self.hit,
        )

    async def _rebuild(self, number: int, count: int) -> None:
        """Read the partition's table: its timers, and whether it is what it should be."""
        owned, newest = self._owned.get(number), -1
        if owned is None:
            return
        store = self.open_store(number, owned.transaction)
        for place, (key, value) in enumerate(store.items()):
            if place % _YIELD_EVERY == 0:
                await asyncio.sleep(0)
                if self._owned.get(number) is not owned:
                    return
            record = records.load(value)
            _check_place(key, record, number, count)
            self.timekeeper.learn(number, record)
            newest = max(newest, record.applied_offset)
        owned.expected = newest

    def _handler(self, owned: _Owned) -> Callable[[list[Message]], asyncio.Future[None]]:
        async def handle(messages: list[Message]) -> None:
            fresh = [message for message in messages if message.offset >= owned.expected]
            _check_gapless(fresh, owned)
            outputs = await apply_batch(fresh, owned.partition)
            if fresh:
                owned.expected = fresh[-1].offset + 1
                self.applied(len(fresh), outputs)

        return handle  # type: ignore[return-value]  # a coroutine function is an awaitable's maker


def _check_place(key: bytes, record: DomainRecord, number: int, count: int) -> None:
    if partition_of(key, count) != number or record.domain.encode() != key:
        raise BrokenInvariantError(
            f"the table's record of domain {key!r} is in partition {number}, but belongs to"
            f" {partition_of(key, count)} of {count}: the number of partitions was changed; it never may be"
        )


def _check_gapless(messages: list[Message], owned: _Owned) -> None:
    """Every message of `signals` must come, in order: the log has no gaps, for it is not written in transactions."""
    expected = owned.expected
    for message in messages:
        if message.offset != expected:
            raise BrokenInvariantError(
                f"signals/{message.partition}: {expected} was to come next, and {message.offset} came; what lies between"
                " was not read, or retention deleted it before it was applied"
            )
        expected += 1
