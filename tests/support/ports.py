"""The road's ports in memory: what a simulator or a test drives production's functions with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from app.road.ports import Outgoing

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


class Crash(Exception):  # noqa: N818 - no error: the end of a worker
    """The worker ended here."""


def crash_at(point, nth=1):
    """A failpoint hook that crashes at the n-th passing of a point."""
    left = [nth]

    def hit(reached):
        if reached == point:
            left[0] -= 1
            if not left[0]:
                raise Crash(point)

    return hit


class Cluster:
    """What the brokers hold. `sent` is every record of outputs, also of aborted transactions: what uncommitted readers see."""

    def __init__(self):
        self.sent: list[Outgoing] = []
        self.committed: list[Outgoing] = []
        self.changelog: dict[str, bytes] = {}
        self.offset = 0
        self.appended: list[Outgoing] = []


class MemoryTransaction:
    """Transactions over a Cluster; `effects` is every call, in order."""

    def __init__(self, cluster):
        self.cluster = cluster
        self.effects: list[str] = []
        self._open = None

    async def begin(self):
        self.effects.append("begin")
        self._open = ([], {}, None)

    async def send(self, messages):
        self.effects.append("outputs")
        self.cluster.sent += messages
        self._open[0].extend(messages)

    async def send_records(self, records):
        self.effects.append("records")
        self._open[1].update(records)

    async def send_offset(self, next_offset):
        self.effects.append("offset")
        self._open = (*self._open[:2], next_offset)

    async def commit(self):
        self.effects.append("commit")
        outputs, records, offset = self._open
        self.cluster.committed += outputs
        self.cluster.changelog |= records
        self.cluster.offset = offset
        self._open = None


class MemoryStore:
    def __init__(self, records=None, effects=None):
        self.records = dict(records or {})
        self.effects = effects if effects is not None else []

    def get(self, domain):
        return self.records.get(domain)

    def put(self, records):
        self.effects.append("store")
        self.records |= records


class MemoryLog:
    def __init__(self, cluster=None):
        self.cluster = cluster or Cluster()

    async def append(self, messages):
        self.cluster.appended += messages


class MemoryLibraries:
    def __init__(self, *libraries):
        self.by_hash = {library.hash: library for library in libraries}
        self.newest = libraries[-1] if libraries else None
        self.asked: list[str] = []

    async def get(self, library_hash):
        self.asked.append(library_hash)
        return self.by_hash[library_hash]

    def current(self):
        return self.newest


class ManualClock:
    def __init__(self, now=EPOCH, *, is_set=True):
        self.time, self.is_set = now, is_set

    def now(self):
        return self.time

    def pass_(self, seconds):
        self.time += timedelta(seconds=seconds)
