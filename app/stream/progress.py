"""How far the group is, as the brokers tell it: asked for by a client of its own, so that a stuck one cannot hide it."""

from __future__ import annotations

from collections.abc import Iterable

from aiokafka import AIOKafkaConsumer, TopicPartition

from app.road.liveness import Place, Progress
from app.settings import Settings
from app.stream.topics import full_name


class GroupProgress:
    """Committed offsets and ends of the group's partitions."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client: AIOKafkaConsumer | None = None

    async def of(self, places: Iterable[Place]) -> dict[Place, Progress]:
        """Give how far these partitions are; those without a committed offset are at their beginning.

        Raises aiokafka's KafkaError if the brokers do not answer.
        """
        if self._client is None:
            client = AIOKafkaConsumer(
                bootstrap_servers=self._settings.bootstrap_servers,
                **self._settings.for_aiokafka(),
                client_id=f"{self._settings.app_id}-progress",
                group_id=self._settings.app_id,
                enable_auto_commit=False,
            )
            await client.start()
            self._client = client
        full = {
            TopicPartition(full_name(self._settings, topic), partition): (topic, partition)
            for topic, partition in places
        }
        if not full:
            return {}
        ends = await self._client.end_offsets(list(full))
        starts = await self._client.beginning_offsets(list(full))
        committed = {place: await self._client.committed(place) for place in full}
        return {
            name: Progress(starts[place] if committed[place] is None else committed[place], ends[place])
            for place, name in full.items()
        }

    async def stop(self) -> None:
        """Disconnect."""
        client, self._client = self._client, None
        if client is not None:
            await client.stop()
