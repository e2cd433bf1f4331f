"""Offsets at the end of a partition that hold no message: markers of transactions, and what was aborted.

Nobody takes them, so no offset of theirs would ever be committed: a partition at rest would seem to lag, and once retention
deletes a marker, something would seem to be lost.
"""

from __future__ import annotations

from collections.abc import Mapping

from aiokafka import AIOKafkaConsumer, TopicPartition

from app.road.liveness import Place, Progress
from app.settings import Settings
from app.stream.restore import new_reader
from app.stream.topics import full_name

_LOOK_MS = 300


class Markers:
    """Looks at partitions that stand still, by a client of its own."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._reader: AIOKafkaConsumer | None = None
        self._before: Mapping[Place, Progress] = {}

    async def passable(self, seen: Mapping[Place, Progress]) -> list[Place]:
        """Give those that stood still since the last call and have no message between their committed offset and their end.

        Raises aiokafka's KafkaError if the brokers do not answer.
        """
        still = {
            TopicPartition(full_name(self._settings, place[0]), place[1]): place
            for place, progress in seen.items()
            if progress.lag and self._before.get(place) == progress
        }
        self._before = dict(seen)
        if not still:
            return []
        reader = await self._started()
        reader.assign(list(still))
        for full, place in still.items():
            reader.seek(full, seen[place].committed)
        found = await reader.getmany(timeout_ms=_LOOK_MS, max_records=1)
        return [
            place
            for full, place in still.items()
            if full not in found and await reader.position(full) >= seen[place].end
        ]

    async def stop(self) -> None:
        """Disconnect."""
        reader, self._reader = self._reader, None
        if reader is not None:
            await reader.stop()

    async def _started(self) -> AIOKafkaConsumer:
        if self._reader is None:
            reader = new_reader(self._settings)
            await reader.start()
            self._reader = reader
        return self._reader
