"""A simulated worker: production's ownership, lanes, intake and timekeeper, started, killed and started again."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from app.model.library import Library
from app.model.topics import SIGNALS, TAKEN_IN
from app.model.words import Mode
from app.road.apply import Wire
from app.road.clock import BrokerClock
from app.road.in_force import tell_in_force
from app.road.intake import Intake, Understand
from app.road.intake_lanes import IntakeLanes
from app.road.ownership import Ownership
from app.road.timekeeper import Timekeeper, fire_due
from app.road.transactional_id import transactional_id
from app.simulate.brokers import EPOCH, Brokers, Place
from app.simulate.group import HEARTBEAT_S, Group
from app.simulate.ports import (
    Disk,
    SimulatedLibraries,
    SimulatedLog,
    SimulatedStore,
    SimulatedTransaction,
    restore,
)
from app.simulate.process import Fault, Killed, Process

APP_ID = "simulated"
BATCH = 20
TICK_S = 1.0
RESTART_S = 2.0


@dataclass(frozen=True)
class Cluster:
    """What all workers of a simulation share."""

    brokers: Brokers
    group: Group
    wire: Wire
    understand: Understand
    libraries: tuple[tuple[float, Library], ...]
    struck: Counter[tuple[str, str]] = field(default_factory=Counter)
    last_words: list[str] = field(default_factory=list)
    mistakes: list[BaseException] = field(default_factory=list)
    """What went wrong in the simulator itself."""

    def look_at_end(self, task: asyncio.Task[None]) -> None:
        """Note a task of the simulator's own that ended in a mistake."""
        error = None if task.cancelled() else task.exception()
        if error is not None and not isinstance(error, Killed):
            self.mistakes.append(error)


@dataclass(eq=False)
class Worker:
    """One worker over all its lives; its disk outlives them."""

    number: int
    cluster: Cluster
    seed: str
    clock_offset: float
    """Seconds that its wall clock is off."""
    faults: list[Fault]
    disk: Disk = field(default_factory=Disk)
    lives: int = 0
    life: Life | None = None

    async def run(self) -> None:
        """Live, die, and be started again by a supervisor, for ever."""
        while True:
            self.lives += 1
            random = Random(f"{self.seed}/{self.number}/{self.lives}")
            process = Process(self.number, random, self.faults, self.cluster.struck)
            self.life = Life(self, process)
            task = asyncio.get_running_loop().create_task(self.life.live())
            task.add_done_callback(self.cluster.look_at_end)
            await process.ended.wait()
            self.cluster.last_words.extend([process.last_words] if process.last_words else [])
            fault = process.ended_by
            if fault is not None and fault.kind == "kill_and_wipe":
                self.disk = Disk()
            await asyncio.sleep(fault.lasts if fault is not None else RESTART_S)


class Life:
    """One process of a worker."""

    def __init__(self, worker: Worker, process: Process) -> None:
        cluster = worker.cluster
        self.worker, self.process, self.cluster, self.brokers = worker, process, cluster, cluster.brokers
        self.clock = BrokerClock(asyncio.get_running_loop().time, self._wall)
        self.log = SimulatedLog(cluster.brokers, process, self.clock)
        self.libraries = SimulatedLibraries(cluster.libraries, process, process.random.uniform(0, 3))
        self.timekeeper = Timekeeper()
        self.generation = -1
        self.ownership = self._ownership()
        self.lanes = self._lanes()

    async def live(self) -> None:
        """Join the group, work on what is given, let go when a generation ends, and again."""
        await self.process.effect()
        self._spawn(self._keep_time())
        while True:
            await self.process.effect()
            self.generation, mine = await self.cluster.group.join(self.process)
            await self.process.effect()
            working = self._spawn(self._work(mine))
            await self._until_disturbed()
            working.cancel()
            await self.lanes.release()
            await self.ownership.release()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        task.add_done_callback(self.cluster.look_at_end)
        return task

    async def _until_disturbed(self) -> None:
        while self.cluster.group.beat(self.process, self.generation):
            await self.process.sleep(HEARTBEAT_S)

    async def _work(self, mine: tuple[int, ...]) -> None:
        try:
            await self.ownership.take_over(mine, self.brokers.partitions)
            offsets = {number: self.brokers.offsets.get((SIGNALS, number), 0) for number in mine}
            self.ownership.begin(
                offsets, {number: len(self.brokers.log((SIGNALS, number))) for number in mine}
            )
        except Exception as error:  # noqa: BLE001 - as in production, it ends the worker
            self.process.fail("the assigned partitions could not be taken over", error)
            return
        places = [(topic, number) for topic in (*TAKEN_IN, SIGNALS) for number in mine]
        await asyncio.gather(*(self._read(place) for place in places))

    async def _read(self, place: Place) -> None:
        """Hand the messages of a partition over, from its committed offset on, as the agents do."""
        position = self.brokers.offsets.get(place, 0)
        while True:
            messages, position = self.brokers.committed(place, position, BATCH)
            for message in messages:
                if place[0] == SIGNALS:
                    self.clock.seen(message.timestamp)
                    await self.ownership.put(message)
                else:
                    await self.lanes.put(message)
            if not messages:
                await self.brokers.changed(place)
            await self.process.effect()

    async def _keep_time(self) -> None:
        told = ""
        while True:
            await self.process.sleep(TICK_S)
            try:
                library = self.libraries.current()
                if library.hash != told:
                    version = [each for _, each in self.cluster.libraries].index(library)
                    await tell_in_force(self.log, library, version, None, self.cluster.wire, shows_pages=True)
                    told = library.hash
                await fire_due(
                    self.timekeeper, self.clock, self.log, self.libraries, None, self.cluster.wire.encode
                )
            except Exception as error:  # noqa: BLE001 - as in production, it ends the worker
                self.process.fail("the timekeeper failed", error)

    def _ownership(self) -> Ownership:
        def new_transaction(number: int) -> SimulatedTransaction:
            return SimulatedTransaction(self.brokers, self.process, transactional_id(APP_ID, number), number)

        return Ownership(
            batch=BATCH,
            libraries=self.libraries,
            timekeeper=self.timekeeper,
            wire=self.cluster.wire,
            hit=self.process.hit,
            fail=self.process.fail,
            new_transaction=new_transaction,
            open_store=lambda number, transaction: SimulatedStore(
                self.worker.disk,
                self.process,
                number,
                transaction,  # type: ignore[arg-type]  # ours, from above
            ),
            restore=lambda stores: restore(self.brokers, self.process, stores),
        )

    def _lanes(self) -> IntakeLanes:
        mode: Mode | None = None
        intake = Intake(
            log=self.log,
            libraries=self.libraries,
            mode=mode,
            wire=self.cluster.wire,
            understand=self.cluster.understand,
            hit=self.process.hit,
        )
        return IntakeLanes(BATCH, intake, self._commit, self.process.fail)

    async def _commit(self, place: Place, next_offset: int) -> None:
        await self.process.effect()
        if self.cluster.group.is_current(self.process, self.generation):
            self.brokers.offsets[place] = next_offset
        await self.process.effect()

    def _wall(self) -> datetime:
        offset = self.worker.clock_offset + asyncio.get_running_loop().time()
        return EPOCH + timedelta(seconds=offset)
