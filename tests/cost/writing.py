"""The same batches written both ways, by production's `apply_batch`, and how long each part of it took."""

from __future__ import annotations

import gc
import time
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from app.road.apply import Partition, apply_batch
from app.road.failpoints import AFTER_BEGIN, AFTER_COMMIT, AFTER_OFFSET, AFTER_OUTPUTS, AFTER_RECORDS
from app.road.timekeeper import Timekeeper
from app.stream.places import Places
from app.stream.transaction import KafkaTransaction
from tests.cost.at_least_once import AtLeastOnce, committing
from tests.cost.history import PARTITION
from tests.support.ports import MemoryLibraries, MemoryStore

TRANSACTION, AT_LEAST_ONCE = "transaction", "at least once"
_PARTS = {
    AFTER_OUTPUTS: "outputs",
    AFTER_RECORDS: "records",
    AFTER_OFFSET: "offset",
    AFTER_COMMIT: "commit",
}
_WARM_UP = 3
"""Batches at the start that are not counted: producers ask for topics, code is loaded."""


@dataclass
class Timed:
    """One pass over a history. Times in seconds."""

    batches: int = 0
    signals: int = 0
    outputs: int = 0
    total: float = 0.0
    writes: list[float] = field(default_factory=list)
    """Of each batch, from the begin of its write until it is committed."""
    parts: Counter = field(default_factory=Counter)
    """Of the write, by what was awaited; of the rest, `decide`."""


class Stopwatch:
    """A failpoint hook that notes when each point was reached."""

    def __init__(self):
        self.at = {}

    def __call__(self, point):
        self.at[point] = time.perf_counter()


async def write(way, history, estate, settings):
    """Apply a history by one way, upon the records it begins with; give the Timed."""
    async with _opened(way, settings) as transaction:
        await transaction.start()
        try:
            return await _timed(transaction, history, estate)
        finally:
            await transaction.stop()


@asynccontextmanager
async def _opened(way, settings):
    places = Places(settings)
    if way == TRANSACTION:
        yield KafkaTransaction(settings, places, PARTITION)
    else:
        async with committing(settings, PARTITION) as commit_offset:
            yield AtLeastOnce(settings, places, PARTITION, commit_offset)


async def _timed(transaction, history, estate):
    watch, done = Stopwatch(), Timed()
    store, libraries = MemoryStore(history.records), MemoryLibraries(estate.library)
    partition = Partition(PARTITION, transaction, store, libraries, Timekeeper(), estate.wire, watch)
    gc.collect()
    for place, batch in enumerate(history.batches):
        begun = time.perf_counter()
        outputs = await apply_batch(batch.messages, partition)
        ended = time.perf_counter()
        if place >= _WARM_UP:
            _count(done, batch, outputs, watch.at, begun, ended)
    return done


def _count(done, batch, outputs, at, begun, ended):
    done.batches += 1
    done.signals += batch.signals
    done.outputs += outputs
    done.total += ended - begun
    done.writes.append(at[AFTER_COMMIT] - at[AFTER_BEGIN])
    done.parts["decide"] += at[AFTER_BEGIN] - begun
    since = at[AFTER_BEGIN]
    for point, part in _PARTS.items():
        done.parts[part] += at[point] - since
        since = at[point]
