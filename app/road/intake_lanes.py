"""The input partitions that a worker owns: a lane each, whose offsets are committed after its appends were acked."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from app.road.intake import Intake, take_in
from app.road.lane import Fail, Handle, Lane
from app.road.ports import Message

Place = tuple[str, int]
"""An input topic, without the prefix, and a partition of it."""
Commit = Callable[[Place, int], Awaitable[object]]
"""Commits the offset that is to be read next. It may fail quietly where the partition went to another worker."""


@dataclass(slots=True)
class IntakeLanes:
    """The lanes of the owned input partitions; each begins with its first message."""

    batch: int
    intake: Intake
    commit: Commit
    fail: Fail
    taken: Callable[[int], None] = lambda _messages: None
    """Told after every batch how many messages it had."""
    _lanes: dict[Place, Lane] = field(default_factory=dict)
    _next: dict[Place, int] = field(default_factory=dict)
    """The highest offset that was to be committed as the next one to read."""
    _stopped: bool = False

    async def put(self, message: Message) -> None:
        """Hand a message over; one that comes after the end is dropped: it will be read again."""
        if self._stopped:
            return
        place = (message.topic, message.partition)
        if place not in self._lanes:
            name = f"{message.topic}/{message.partition}"
            self._lanes[place] = Lane(name, self._handler(place), self.batch, self.fail)
        await self._lanes[place].put(message)

    async def stop(self) -> None:
        """Let what is under way end, and take nothing in any more."""
        self._stopped = True
        await self.release()

    async def release(self) -> None:
        """Let what is under way end, and drop the rest: it will be read again by whoever owns it then."""
        lanes, self._lanes, self._next = self._lanes, {}, {}
        await asyncio.gather(*(lane.close() for lane in lanes.values()))

    async def pass_over(self, place: Place, next_offset: int) -> None:
        """Commit past offsets that hold no message; never back behind what was taken meanwhile."""
        if next_offset > self._next.get(place, 0) and not self._stopped:
            await self._commit(place, next_offset)

    async def _commit(self, place: Place, next_offset: int) -> None:
        self._next[place] = next_offset
        await self.commit(place, next_offset)

    def _handler(self, place: Place) -> Handle:
        async def handle(messages: list[Message]) -> None:
            await take_in(messages, self.intake)
            # Where it fails because the partition went to another, that one takes the messages in again.
            await self._commit(place, messages[-1].offset + 1)
            self.taken(len(messages))

        return handle
