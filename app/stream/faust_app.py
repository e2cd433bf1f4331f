"""The worker: the order in which it comes up, takes partitions over, keeps time and goes."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from typing import cast

import faust
from aiokafka.errors import KafkaError
from faust.transport.drivers.aiokafka import Consumer
from faust.types import TP

from app.model.library import Library
from app.model.topics import SIGNALS, TAKEN_IN
from app.road.in_force import tell_in_force
from app.road.intake_lanes import IntakeLanes
from app.road.liveness import Place, Progress, as_applied
from app.road.ownership import BrokenInvariantError, Ownership
from app.road.timekeeper import fire_due
from app.settings import Settings
from app.stream import preflight
from app.stream.crash import die, leave_within, refuse
from app.stream.machine import MachineError, hold_folder, require_port
from app.stream.runtime import Runtime
from app.stream.topics import changelog_name, full_name

_LOOK_EVERY_S = 5.0
_STOP_WITHIN_S = 15.0
"""Seconds; less than the 30 s that Kubernetes waits before it kills."""
_log = logging.getLogger(__name__)


class OncallApp(faust.App):
    """The worker. Faust fetches, balances and serves the web; the road does the work."""

    settings: Settings
    runtime: Runtime
    ownership: Ownership
    lanes: IntakeLanes
    files: dict[str, str]
    lock: int
    """Holds the data folder for as long as it is open."""

    async def on_first_start(self) -> None:
        """Before anything is read: see that topics and folder are right, connect, and have a library in force."""
        self._take_place()
        await super().on_first_start()
        problems, self.files = await preflight.examine(self.settings)
        if problems:
            refuse(problems)
        try:
            await self.runtime.log.start()
            await self.runtime.libraries.start(self.runtime.log, self.files, self._tell_in_force)
            await self.runtime.silences.start()
        except Exception as error:  # noqa: BLE001 - whatever it is, it ends the worker
            die("the worker could not connect", error)
        self.add_future(self._keep_time())
        self.add_future(self._watch_progress())

    async def _tell_in_force(self, library: Library, version: int) -> None:
        """Tell those whom it concerns that a library is in force."""
        settings, wire = self.settings, self.ownership.wire
        shows_pages = settings.show_pages
        await tell_in_force(self.runtime.log, library, version, settings.mode, wire, shows_pages=shows_pages)

    def _take_place(self) -> None:
        """Take folder and port, as the settings name them, or Faust's own options."""
        try:
            self.lock = hold_folder(self.conf.datadir)
            if self.conf.web_enabled:
                require_port(self.conf.web_bind, self.conf.web_port)
        except MachineError as error:
            refuse([str(error)])

    async def on_stop(self) -> None:
        """End what is under way, while all that it needs is still there."""
        leave_within(_STOP_WITHIN_S, has_failed=lambda: self.crashed)
        await self.lanes.stop()
        await self.ownership.release()
        await super().on_stop()

    async def on_shutdown(self) -> None:
        """Disconnect, after everything else."""
        await super().on_shutdown()
        await self.runtime.libraries.stop()
        await self.runtime.silences.stop()
        await self.runtime.progress.stop()
        await self.runtime.markers.stop()
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
        if not assigned:
            return
        if numbers:
            count = await self.runtime.places.count(self.runtime.log.producer, SIGNALS)
            await self.ownership.take_over(sorted(numbers), count)
        # Only now: until its transactional id was ours, a former owner might still have committed.
        next_offsets = await self._next_offsets(assigned)
        if numbers:
            self.ownership.begin(
                next_offsets, await self._ends([TP(signals, each) for each in sorted(numbers)])
            )

    async def _next_offsets(self, assigned: set[TP]) -> dict[int, int]:
        """Give the next offset of each partition of `signals`; see that nothing is gone that was still to be taken."""
        consumer = cast("Consumer", self.consumer)
        signals, inputs = (
            full_name(self.settings, SIGNALS),
            {full_name(self.settings, name) for name in TAKEN_IN},
        )
        places = [place for place in assigned if place.topic in {signals, *inputs}]
        committed = await consumer.seek_to_committed()
        earliest = await self.consumer.earliest_offsets(*places)
        nexts = {place: max(earliest[place] or 0, committed.get(place) or 0) for place in places}
        known = {place: committed[place] for place in places if committed.get(place) is not None}
        gone = {place: offset for place, offset in known.items() if offset < nexts[place]}
        losses = [
            f"{place.topic}/{place.partition}: retention deleted {nexts[place] - was} messages (offsets {was} to"
            f" {nexts[place] - 1}) before they were taken"
            for place, was in sorted(gone.items())
        ]
        if losses and not self.settings.accept_loss:
            refuse([*losses, "to go on without them: --accept-loss (ONCALL_ACCEPT_LOSS=1), once"])
        for loss in losses:
            _log.error("%s; accepted", loss)
        # Also where nothing was committed yet: what retention deletes there from now on is to be told as well.
        if anew := {place: nexts[place] for place in places if place in gone or place not in known}:
            await consumer._commit(anew)  # noqa: SLF001 - its public one goes by acks
        return {place.partition: next_ for place, next_ in nexts.items() if place.topic == signals}

    async def _ends(self, places: list[TP]) -> dict[int, int]:
        return {place.partition: end for place, end in (await self.consumer.highwaters(*places)).items()}

    async def _watch_progress(self) -> None:
        """Look again and again how far the owned partitions are; a broker that does not answer is not our standstill."""
        liveness, mine = (
            self.runtime.liveness,
            {full_name(self.settings, name): name for name in (*TAKEN_IN, SIGNALS)},
        )
        while not self.should_stop:
            await asyncio.sleep(min(self.settings.stuck_after / 6, _LOOK_EVERY_S))
            if not self.runtime.ready()[0]:
                liveness.forget()
                continue
            owned = [(mine[tp.topic], tp.partition) for tp in self.consumer.assignment() if tp.topic in mine]
            liveness.ask(time.monotonic())
            try:
                seen = await self.runtime.progress.of(owned)
                if self.settings.embedded:  # it tells nobody what was committed in transactions
                    seen = as_applied(seen, self.ownership.next_offsets)
                await self._pass_markers(seen)
            except KafkaError as error:
                _log.warning("the group's progress cannot be read: %r", error)
                continue
            liveness.see(time.monotonic(), seen)
            for words in liveness.stuck:
                _log.error("stuck: %s", words)

    async def _pass_markers(self, seen: Mapping[Place, Progress]) -> None:
        """Commit past the markers that producers' transactions leave at the end of a topic that intake reads."""
        inputs = {place: progress for place, progress in seen.items() if place[0] != SIGNALS}
        for place in await self.runtime.markers.passable(inputs):
            await self.lanes.pass_over(place, seen[place].end)

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
