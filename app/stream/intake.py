"""Intake on the stream: a lane for each input partition, whose offsets we commit after its appends were acked."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from faust.types import TP

from app.road.intake import Intake, take_in
from app.road.ports import Message
from app.settings import Settings
from app.stream.lane import Handle, Lane
from app.stream.topics import full_name

Commit = Callable[[dict[TP, int]], Awaitable[bool]]
"""Commits the offsets that are to be read next; False if the partitions went to others meanwhile."""


@dataclass(slots=True)
class IntakeLanes:
    """The lanes of the owned input partitions; each begins with its first message."""

    settings: Settings
    intake: Intake
    commit: Commit
    taken: Callable[[int], None] = lambda _messages: None
    """Told after every batch how many messages it had."""
    _lanes: dict[TP, Lane] = field(default_factory=dict)
    _stopped: bool = False

    async def put(self, message: Message) -> None:
        """Hand a message over; one that comes after the end is dropped: it will be read again."""
        if self._stopped:
            return
        place = TP(full_name(self.settings, message.topic), message.partition)
        if place not in self._lanes:
            name = f"{message.topic}/{message.partition}"
            self._lanes[place] = Lane(name, self._handler(place), self.settings.batch)
        await self._lanes[place].put(message)

    async def stop(self) -> None:
        """Let what is under way end, and take nothing in any more."""
        self._stopped = True
        await self.release()

    async def release(self) -> None:
        """Let what is under way end, and drop the rest: it will be read again by whoever owns it then."""
        lanes, self._lanes = self._lanes, {}
        await asyncio.gather(*(lane.close() for lane in lanes.values()))

    def _handler(self, place: TP) -> Handle:
        async def handle(messages: list[Message]) -> None:
            await take_in(messages, self.intake)
            # Where it fails because the partition went to another, that one takes the messages in again.
            await self.commit({place: messages[-1].offset + 1})
            self.taken(len(messages))

        return handle
