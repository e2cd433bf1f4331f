"""The road's ports over the brokers in memory. Each effect takes time before and after, in which its process may die."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from app.model.library import Library
from app.model.messages import Message, Outgoing
from app.model.topics import SIGNALS
from app.road.clock import BrokerClock
from app.road.ports import AheadError, Store
from app.simulate.brokers import Brokers, Place
from app.simulate.process import Process

CHANGELOG = "changelog"


@dataclass(eq=False)
class SimulatedLog:
    """Appends outside transactions; acks set the clock, as they do on Kafka."""

    brokers: Brokers
    process: Process
    clock: BrokerClock

    async def append(self, messages: Sequence[Outgoing]) -> None:
        """Append all, in order; the process may die between any two of them."""
        for message in messages:
            await self.process.effect()
            appended = self.brokers.append(message)
            if message.topic == SIGNALS:
                self.clock.acked(appended.timestamp)
        await self.process.effect()


@dataclass(eq=False)
class SimulatedTransaction:
    """The transactions of one partition; every operation is refused once another holds the id."""

    brokers: Brokers
    process: Process
    transactional_id: str
    partition: int
    changelog_offset: int = -1
    _epoch: int = -1
    _last_record: int = -1

    async def start(self) -> None:
        """Take the id over."""
        await self.process.effect()
        self._epoch = self.brokers.take_over(self.transactional_id)
        await self.process.effect()

    async def stop(self) -> None:
        """Let go of it; what is open stays open until its timeout, as with a producer that is closed."""
        await self.process.effect()

    async def begin(self) -> None:
        """Begin; the brokers hear of it with the first message."""
        self.changelog_offset = self._last_record = -1

    async def send(self, messages: Sequence[Outgoing]) -> None:
        """Send outputs."""
        for message in messages:
            await self.process.effect()
            self._append(message)
        await self.process.effect()

    async def send_records(self, records: dict[str, bytes]) -> None:
        """Send changelog records."""
        for domain, record in records.items():
            await self.process.effect()
            self._last_record = self._append(
                Outgoing(CHANGELOG, domain.encode(), record, self.partition)
            ).offset
        await self.process.effect()

    async def send_offset(self, next_offset: int) -> None:
        """Send the offset."""
        await self.process.effect()
        transaction = self.brokers.transaction_of(self.transactional_id, self._epoch)
        transaction.offsets[SIGNALS, self.partition] = next_offset
        await self.process.effect()

    async def commit(self) -> None:
        """Commit."""
        await self.process.effect()
        self.brokers.commit(self.transactional_id, self._epoch)
        await self.process.effect()
        self.changelog_offset = self._last_record

    def _append(self, outgoing: Outgoing) -> Message:
        return self.brokers.append(outgoing, self.brokers.transaction_of(self.transactional_id, self._epoch))


@dataclass
class Disk:
    """What a worker has on its disk: for each partition its records and how far its changelog is in them."""

    records: dict[int, dict[str, bytes]] = field(default_factory=dict)
    offsets: dict[int, int] = field(default_factory=dict)


@dataclass(eq=False)
class SimulatedStore:
    """The store of one partition, on a disk that outlives the process."""

    disk: Disk
    process: Process
    partition: int
    transaction: SimulatedTransaction | None = None

    def get(self, domain: str) -> bytes | None:
        """Give the domain's record."""
        return self._records.get(domain)

    def put(self, records: dict[str, bytes]) -> None:
        """Write records, and how far the changelog is."""
        if self.process.dead:
            return
        self._records.update(records)
        if self.transaction is not None and self.transaction.changelog_offset >= 0:
            self.disk.offsets[self.partition] = self.transaction.changelog_offset

    def items(self) -> Iterator[tuple[bytes, bytes]]:
        """Give every record."""
        for domain, record in list(self._records.items()):
            yield domain.encode(), record

    def wipe(self) -> None:
        """Begin anew, empty."""
        self.disk.records.pop(self.partition, None)
        self.disk.offsets.pop(self.partition, None)

    @property
    def _records(self) -> dict[str, bytes]:
        return self.disk.records.setdefault(self.partition, {})


async def restore(brokers: Brokers, process: Process, stores: Mapping[int, Store]) -> None:
    """Bring stores up to the end of their changelogs: committed records only, until the position is there."""
    for number, store in cast("Mapping[int, SimulatedStore]", stores).items():
        place: Place = (CHANGELOG, number)
        end, position = len(brokers.log(place)), store.disk.offsets.get(number, -1) + 1
        if position > end:
            raise AheadError(number)
        while position < end:
            found, position = brokers.committed(place, position)
            store.put({cast("bytes", each.key).decode(): cast("bytes", each.value) for each in found})
            if position < end:
                await brokers.changed(place)
            await process.effect()
        store.disk.offsets[number] = end - 1


@dataclass(eq=False)
class SimulatedLibraries:
    """Libraries that are published at given seconds; each worker hears of them a little later."""

    libraries: Sequence[tuple[float, Library]]
    process: Process
    lag: float

    async def get(self, library_hash: str) -> Library:
        """Give a library, waiting until it is published."""
        while (found := self._known().get(library_hash)) is None:
            await self.process.sleep(0.2)
        return found

    def current(self) -> Library:
        """Give the library that this worker takes to be in force."""
        return list(self._known().values())[-1]

    def _known(self) -> dict[str, Library]:
        now = asyncio.get_running_loop().time() - self.lag
        return {each.hash: each for at, each in self.libraries if at <= max(0.0, now)}
