"""The Faust app: topics, table and agents, and the order in which a worker comes up and goes."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, cast

import faust
from faust.transport.drivers.aiokafka import Consumer
from faust.types import TP

from app.model.topics import SIGNALS
from app.road.clock import BrokerClock
from app.road.failpoints import parse
from app.road.intake import Intake
from app.road.ports import Message
from app.road.timekeeper import Timekeeper, fire_due
from app.settings import Settings
from app.stream import agents, preflight
from app.stream.crash import die, refuse
from app.stream.intake import IntakeLanes
from app.stream.library import LibraryTopic
from app.stream.log import KafkaLog
from app.stream.ownership import BrokenInvariantError, Ownership
from app.stream.patches import read_committed
from app.stream.places import Places
from app.stream.recovery import RoadTables
from app.stream.runtime import Runtime
from app.stream.store import PartitionStore
from app.stream.topics import TABLE, changelog_name, full_name
from app.stream.transaction import KafkaTransaction
from app.stream.understanding import new_understand, new_wire

_ROCKS = {
    "driver": "rocksdict",
    "block_cache_size": 16 * 1024 * 1024,  # by default each partition takes 2 GiB
    "write_buffer_size": 8 * 1024 * 1024,
    "max_write_buffer_number": 2,
}
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


def create_app(settings: Settings) -> tuple[OncallApp, Runtime]:
    """Make the worker's app, without the web's own pages."""
    web_port = settings.web_port or _free_port(settings.web_host)
    app = _configured(settings, web_port)
    read_committed(app)
    runtime = _runtime(settings, web_port)
    app.settings, app.runtime = settings, runtime
    table = app.Table(
        TABLE,
        partitions=settings.partitions,
        key_type=bytes,
        value_type=bytes,
        options=_ROCKS,
        recovery_buffer_size=1000,
    )
    app.ownership = _ownership(app, table, runtime)
    app.lanes = _lanes(app, runtime)
    agents.add_agents(app, settings, app.lanes.put, _signals_put(app))
    app.on_partitions_revoked.connect(_release_of(app), weak=False)
    runtime.partitions = lambda: app.ownership.partitions
    runtime.probe = lambda: _ready(app)
    return app, runtime


def _configured(settings: Settings, web_port: int) -> OncallApp:
    return OncallApp(
        settings.app_id,
        broker=[f"aiokafka://{address}" for address in settings.bootstrap_servers.split(",")],
        store="rocksdb://",
        datadir=Path(settings.data_dir),
        TableManager=RoadTables,
        topic_allow_declare=False,
        topic_disable_leader=True,
        topic_replication_factor=settings.replication,
        topic_partitions=settings.partitions,
        web_bind=settings.web_host,
        web_host=settings.web_host,
        web_port=web_port,
        web_tables_enabled=False,
        consumer_auto_offset_reset="earliest",
        broker_check_crcs=not settings.embedded,
        broker_session_timeout=settings.session_timeout,
        broker_request_timeout=max(90.0, settings.session_timeout + 10),
        broker_heartbeat_interval=min(3.0, settings.session_timeout / 3),
        stream_recovery_delay=0.0,
        stream_wait_empty=False,
        table_standby_replicas=0,
        broker_max_poll_records=2000,
        worker_redirect_stdouts=False,
    )


def _runtime(settings: Settings, web_port: int) -> Runtime:
    clock, places = BrokerClock(), Places(settings)
    return Runtime(
        settings=settings,
        log=KafkaLog(settings, places, clock),
        libraries=LibraryTopic(settings),
        timekeeper=Timekeeper(),
        clock=clock,
        places=places,
        hit=parse(settings.failpoint),
        web_port=web_port,
    )


def _free_port(host: str) -> int:
    """Pick a port: Faust takes none that is 0."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port


def _ownership(app: OncallApp, table: Any, runtime: Runtime) -> Ownership:
    def open_store(number: int, transaction: KafkaTransaction) -> PartitionStore:
        return PartitionStore(table.data, number, transaction)

    def count(messages: int, outputs: int) -> None:
        runtime.counters.signals_applied += messages
        runtime.counters.outputs += outputs

    return Ownership(
        settings=app.settings,
        places=runtime.places,
        libraries=runtime.libraries,
        timekeeper=runtime.timekeeper,
        wire=new_wire(app.settings),
        hit=runtime.hit,
        open_store=open_store,
        applied=count,
    )


def _lanes(app: OncallApp, runtime: Runtime) -> IntakeLanes:
    def count(messages: int) -> None:
        runtime.counters.messages_in += messages

    async def commit(offsets: dict[TP, int]) -> bool:
        consumer = cast("Consumer", app.consumer)
        return await consumer._commit(offsets)  # noqa: SLF001 - its public commit goes by acks, which are off

    intake = Intake(
        log=runtime.log,
        libraries=runtime.libraries,
        mode=app.settings.mode,
        wire=app.ownership.wire,
        understand=new_understand(),
        hit=runtime.hit,
    )
    return IntakeLanes(app.settings, intake, commit, count)


def _signals_put(app: OncallApp) -> agents.Put:
    async def put(message: Message) -> None:
        app.runtime.clock.seen(message.timestamp)
        await app.ownership.put(message)

    return put


def _release_of(app: OncallApp) -> Callable[..., Awaitable[None]]:
    async def release(*_: object, **__: object) -> None:
        await app.release()

    return release


def _ready(app: OncallApp) -> tuple[bool, str]:
    if not app.runtime.libraries.ready:
        return False, "no library is in force yet"
    if app.should_stop:
        return False, "the worker is stopping"
    if app.rebalancing or app.in_recovery or not app.tables.actives_ready:
        return False, "the tables are being recovered"
    return True, f"at work on partitions {list(app.ownership.partitions)}"
