"""Rebuilding local stores from the changelog: read committed, up to the end, whatever the end is.

Faust counts records up to the high-water mark, where now commit markers and aborted transactions sit, and waits for ever
for records that never come. Here a partition is restored when the reading position has reached the end.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping

from aiokafka import AIOKafkaConsumer, TopicPartition

from app.road.ports import AheadError
from app.settings import Settings
from app.stream.store import PartitionStore
from app.stream.topics import changelog_name

_POLL_MS = 200
_log = logging.getLogger(__name__)


def new_reader(settings: Settings) -> AIOKafkaConsumer:
    """Make a consumer of committed messages without a group, not yet started."""
    return AIOKafkaConsumer(
        bootstrap_servers=settings.bootstrap_servers,
        **settings.for_aiokafka(),
        client_id=f"{settings.app_id}-reader",
        isolation_level="read_committed",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        check_crcs=not settings.embedded,  # the mock cluster's control batches have a wrong one
        fetch_max_wait_ms=_POLL_MS,
        max_partition_fetch_bytes=8 * 1024 * 1024,
    )


async def restore(settings: Settings, stores: Mapping[int, PartitionStore]) -> None:
    """Bring the stores (by partition) up to the end of their changelogs. Their writers must be fenced already.

    Raises AheadError for a store of another log, and aiokafka's KafkaError if the changelog cannot be read.
    """
    if not stores:
        return
    began, count = time.monotonic(), 0
    topic = changelog_name(settings)
    consumer = new_reader(settings)
    await consumer.start()
    try:
        places = {TopicPartition(topic, number): store for number, store in stores.items()}
        consumer.assign(list(places))
        ends = await consumer.end_offsets(list(places))
        starts = await consumer.beginning_offsets(list(places))
        for place, store in places.items():
            if store.changelog_offset >= ends[place]:
                raise AheadError(place.partition)
            consumer.seek(place, max(store.changelog_offset + 1, starts[place]))
        open_places = {place for place in places if await consumer.position(place) < ends[place]}
        while open_places:
            for place, records in (await consumer.getmany(*open_places, timeout_ms=_POLL_MS)).items():
                newest = {record.key: record.value for record in records if record.key is not None}
                places[place].restore(newest, records[-1].offset)
                count += len(records)
            for place in list(open_places):
                if await consumer.position(place) >= ends[place]:
                    open_places.discard(place)
        for place, store in places.items():
            store.restore({}, ends[place] - 1)  # Faust's own recovery then finds nothing left to do
    finally:
        await consumer.stop()
    _log.info("restored %d records of %d partitions in %.1f s", count, len(stores), time.monotonic() - began)
