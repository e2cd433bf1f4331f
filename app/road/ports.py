"""The ports of the road: what it needs of the outside. Faust and the simulator both implement them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from app.model.base import Instant
from app.model.library import Library
from app.model.messages import Message, Outgoing

__all__ = ["AheadError", "Clock", "Libraries", "Log", "Message", "Outgoing", "Store", "Transaction"]


class Log(Protocol):
    """Appends to topics outside transactions."""

    async def append(self, messages: Sequence[Outgoing]) -> None:
        """Append all, in order, and return when the broker has acked each."""


class Transaction(Protocol):
    """The transactions of one partition of `signals`: the id of their producer belongs to that partition."""

    async def start(self) -> None:
        """Take the transactional id over: on return what its former holder left is committed or aborted for good."""

    async def stop(self) -> None:
        """Let go of it."""

    async def begin(self) -> None:
        """Begin one."""

    async def send(self, messages: Sequence[Outgoing]) -> None:
        """Send outputs within it."""

    async def send_records(self, records: dict[str, bytes]) -> None:
        """Send changelog records (domain to record) to the changelog's equal partition within it."""

    async def send_offset(self, next_offset: int) -> None:
        """Say within it which offset of `signals` is to be read next."""

    async def commit(self) -> None:
        """Commit it: all or nothing."""


class Store(Protocol):
    """The local store of one partition. It is written after the commit, never before."""

    def get(self, domain: str) -> bytes | None:
        """Give the domain's record."""

    def put(self, records: dict[str, bytes]) -> None:
        """Write records."""

    def items(self) -> Iterator[tuple[bytes, bytes]]:
        """Give every record with its domain."""

    def wipe(self) -> None:
        """Begin anew, empty."""


class AheadError(Exception):
    """A local store holds more than the changelog: it was built from another log, and must be wiped."""

    def __init__(self, partition: int) -> None:
        super().__init__(f"the store of partition {partition} is ahead of its changelog")
        self.partition = partition


class Libraries(Protocol):
    """The libraries that are or were in force."""

    async def get(self, library_hash: str) -> Library:
        """Give the library, waiting until its blobs are here."""

    def current(self) -> Library:
        """Give the library in force now."""


class Clock(Protocol):
    """The worker's own clock: only timers are woken by it, nothing is decided by it."""

    @property
    def is_set(self) -> bool:
        """Whether a broker has said what time it is."""

    def now(self) -> Instant:
        """Give the best estimate of broker time."""
