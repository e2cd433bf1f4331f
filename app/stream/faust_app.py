"""The worker: the order in which it comes up, takes partitions over, keeps time and goes."""

from __future__ import annotations

import asyncio
import logging
from typing import cast

import faust
from faust.transport.drivers.aiokafka import Consumer
from faust.types import TP

from app.model.topics import SIGNALS
from app.road.intake_lanes import IntakeLanes
from app.road.ownership import BrokenInvariantError, Ownership
from app.road.timekeeper import fire_due
from app.settings import Settings
from app.stream import preflight
from app.stream.crash import die, refuse
from app.stream.runtime import Runtime
from app.stream.topics import changelog_name, full_name

_log = logging.getLogger(__name__)


class OncallApp(faust.App):
    """The worker. Faust fetches, balances and serves the web; the road does the work."""

    settings: Settings
    runtime: Runtime
    ownership: Ownership
    lanes: IntakeLanes
    files: dict[str, str]

    async def on_first_start(self) -> None:
        """Before anything is read: see that topics and folder are right, connect, and have a library in force."""
        await super().on_first_start()
        problems, self.files = await preflight.examine(self.settings)
        if problems:
            refuse(problems)
        try:
            await self.runtime.log.start()
            await self.runtime.libraries.start(self.runtime.log, self.files)
        except Exception as error:  # noqa: BLE001 - whatever it is, it ends the worker
            die("the worker could not connect", error)
        self.add_future(self._keep_time())

    async def on_stop(self) -> None:
        """End what is under way, while all that it needs is still there."""
        await self.lanes.stop()
        await self.ownership.release()
        await super().on_stop()

    async def on_shutdown(self) -> None:
        """Disconnect, after everything else."""
        await super().on_shutdown()
        await self.runtime.libraries.stop()
        await self.runtime.log.stop()

    async def release(self) -> None:
        """Let all partitions go."""
        await self.lanes.release()
        await self.ownership.release()

    async def take_over(self, assigned: set[TP]) -> None:
        """Take over what was assigned; called by our recovery before Faust's."""
        await self.release()
        signals, changelog = full_name(self.settings, SIGNALS), changelog_name(self.settings)
        numbers = {place.partition for place in assigned if place.topic == signals}
        tables = {place.partition for place in assigned if place.topic == changelog}
        if numbers != tables:
            raise BrokenInvariantError(
                f"this worker has partitions {sorted(numbers)} of {signals}, but {sorted(tables)} of {changelog}:"
                " their counts differ; run `oncall topics check`"
            )
        if not numbers:
            return
        count = await self.runtime.places.count(self.runtime.log.producer, SIGNALS)
        await self.ownership.take_over(sorted(numbers), count)
        places = [TP(signals, number) for number in sorted(numbers)]
        self.ownership.begin(await self._next_offsets(places), await self._ends(places))

    async def _next_offsets(self, places: list[TP]) -> dict[int, int]:
        consumer = cast("Consumer", self.consumer)
        committed = await consumer.seek_to_committed()
        earliest = await self.consumer.earliest_offsets(*places)
        given = {}
        for place in places:
            first, next_ = earliest[place] or 0, committed.get(place)
            if next_ is not None and next_ < first:
                _log.error(
                    "%s/%d: retention deleted messages %d to %d before they were applied",
                    place.topic,
                    place.partition,
                    next_,
                    first - 1,
                )
            given[place.partition] = max(first, next_ or 0)
        return given

    async def _ends(self, places: list[TP]) -> dict[int, int]:
        return {place.partition: end for place, end in (await self.consumer.highwaters(*places)).items()}

    async def _keep_time(self) -> None:
        """Look for due timers again and again, while the worker is at work."""
        runtime, was_ready = self.runtime, False
        while not self.should_stop:
            await asyncio.sleep(self.settings.timer_interval)
            is_ready, why = runtime.ready()
            if is_ready != was_ready:
                _log.info("%s: %s", "ready" if is_ready else "not ready", why)
                was_ready = is_ready
            if not is_ready:
                continue
            try:
                runtime.counters.timers_fired += await fire_due(
                    runtime.timekeeper,
                    runtime.clock,
                    runtime.log,
                    runtime.libraries,
                    self.settings.mode,
                    self.ownership.wire.encode,
                )
            except Exception as error:  # noqa: BLE001 - whatever it is, it ends the worker
                if not self.should_stop:
                    die("the timekeeper failed", error)
