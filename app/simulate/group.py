"""The consumer group: who lives, and who reads which partitions. Eager: all let go before anybody begins."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from app.simulate.process import Process

SESSION_S = 6.0
HEARTBEAT_S = 2.0
_LOOK_S = 1.0


@dataclass(eq=False)
class Membership:
    """A process in the group."""

    process: Process
    seen: float
    joined: asyncio.Future[tuple[int, ...] | None] | None = None
    """What it waits for between letting go and beginning anew: its partitions, or that it was thrown out meanwhile."""


@dataclass(eq=False)
class Group:
    """Members by process; a generation lasts until a member comes or goes."""

    partitions: int
    generation: int = 0
    _members: dict[Process, Membership] = field(default_factory=dict)
    _unsettled: bool = False

    async def watch(self) -> None:
        """Throw members out that have been silent for too long."""
        while True:
            await asyncio.sleep(_LOOK_S)
            now = asyncio.get_running_loop().time()
            for process, member in list(self._members.items()):
                if now - member.seen > SESSION_S:
                    self.leave(process)

    async def join(self, process: Process) -> tuple[int, tuple[int, ...]]:
        """Join, or join again after letting go; give the generation and the partitions that are one's own."""
        loop = asyncio.get_running_loop()
        while True:
            member = self._members.get(process)
            if member is None:
                member = self._members[process] = Membership(process, 0.0)
                self._unsettled = True
            member.seen = loop.time()
            joined = member.joined = loop.create_future()
            self._settle()
            mine = await joined
            if mine is not None:
                return self.generation, mine

    def leave(self, process: Process) -> None:
        """Leave, or be thrown out."""
        gone = self._members.pop(process, None)
        if gone is not None:
            self._unsettled = True
            if gone.joined is not None:
                gone.joined.set_result(None)
            self._settle()

    def beat(self, process: Process, generation: int) -> bool:
        """Say that one lives; the answer is whether one's generation still holds."""
        member = self._members.get(process)
        if member is not None:
            member.seen = asyncio.get_running_loop().time()
        return member is not None and generation == self.generation and not self._unsettled

    def is_current(self, process: Process, generation: int) -> bool:
        """Say whether the coordinator takes offsets from this member: also while the next generation forms."""
        return process in self._members and generation == self.generation

    def _settle(self) -> None:
        """Begin the next generation, once all members have let go."""
        members = list(self._members.values())
        if not self._unsettled or not members or any(each.joined is None for each in members):
            return
        self.generation += 1
        self._unsettled = False
        for place, member in enumerate(members):
            mine = tuple(range(place, self.partitions, len(members)))
            joined, member.joined = member.joined, None
            if joined is not None:
                joined.set_result(mine)
