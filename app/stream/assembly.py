"""Putting a worker together: the Faust app with its table and agents, and what the road needs of the outside."""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, cast

from faust.transport.drivers.aiokafka import Consumer
from faust.types import TP

from app.road.clock import BrokerClock
from app.road.failpoints import parse
from app.road.intake import Intake
from app.road.intake_lanes import IntakeLanes, Place
from app.road.liveness import Liveness
from app.road.ownership import Ownership
from app.road.ports import Message, Store, Transaction
from app.road.timekeeper import Timekeeper
from app.settings import Settings
from app.stream import agents
from app.stream.crash import die
from app.stream.credentials import credentials_of
from app.stream.faust_app import OncallApp
from app.stream.header_names import read_any_names
from app.stream.library import LibraryTopic
from app.stream.log import KafkaLog
from app.stream.markers import Markers
from app.stream.patches import WholeAssignor, read_committed
from app.stream.places import Places
from app.stream.progress import GroupProgress
from app.stream.recovery import RoadTables
from app.stream.restore import restore
from app.stream.runtime import Runtime
from app.stream.silences import Silences
from app.stream.store import PartitionStore
from app.stream.topics import TABLE, full_name
from app.stream.transaction import KafkaTransaction
from app.stream.understanding import new_understand, new_wire

_ROCKS = {
    "driver": "rocksdict",
    "block_cache_size": 16 * 1024 * 1024,  # by default each partition takes 2 GiB
    "write_buffer_size": 8 * 1024 * 1024,
    "max_write_buffer_number": 2,
}


def create_app(settings: Settings) -> tuple[OncallApp, Runtime]:
    """Make the worker's app, without the web's own pages."""
    web_port = settings.web_port or _free_port(settings.web_host)
    app = _configured(settings, web_port)
    read_committed(app)
    read_any_names()
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
        broker_credentials=credentials_of(settings),
        store="rocksdb://",
        datadir=Path(settings.data_dir),
        TableManager=RoadTables,
        PartitionAssignor=WholeAssignor,
        topic_allow_declare=False,
        topic_disable_leader=True,
        topic_replication_factor=settings.replication,
        topic_partitions=settings.partitions,
        web_bind=settings.web_host,
        web_host=settings.web_host,
        web_port=web_port,
        web_tables_enabled=False,
        # A member that comes back by its name is given its old assignment, where Faust wants to find its own address.
        canonical_url=f"http://{settings.instance}" if settings.instance else None,
        consumer_auto_offset_reset="earliest",
        consumer_group_instance_id=settings.instance or None,
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
    clock, places = BrokerClock(is_set=settings.embedded), Places(settings)
    return Runtime(
        settings=settings,
        log=KafkaLog(settings, places, clock),
        libraries=LibraryTopic(settings),
        silences=Silences(settings),
        timekeeper=Timekeeper(),
        clock=clock,
        places=places,
        hit=parse(settings.failpoint),
        web_port=web_port,
        liveness=Liveness(settings.stuck_after),
        progress=GroupProgress(settings),
        markers=Markers(settings),
    )


def _free_port(host: str) -> int:
    """Pick a port: Faust takes none that is 0."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port


def _ownership(app: OncallApp, table: Any, runtime: Runtime) -> Ownership:
    settings, places = app.settings, runtime.places

    def open_store(number: int, transaction: Transaction) -> PartitionStore:
        return PartitionStore(table.data, number, cast("KafkaTransaction", transaction))

    async def bring_up(stores: Mapping[int, Store]) -> None:
        await restore(settings, cast("Mapping[int, PartitionStore]", stores))

    def count(messages: int, outputs: int) -> None:
        runtime.counters.signals_applied += messages
        runtime.counters.outputs += outputs

    return Ownership(
        batch=settings.batch,
        libraries=runtime.libraries,
        timekeeper=runtime.timekeeper,
        wire=new_wire(settings),
        hit=runtime.hit,
        fail=die,
        new_transaction=lambda number: KafkaTransaction(settings, places, number),
        open_store=open_store,
        restore=bring_up,
        applied=count,
    )


def _lanes(app: OncallApp, runtime: Runtime) -> IntakeLanes:
    def count(messages: int) -> None:
        runtime.counters.messages_in += messages

    async def commit(place: Place, next_offset: int) -> None:
        consumer, (topic, partition) = cast("Consumer", app.consumer), place
        offsets = {TP(full_name(app.settings, topic), partition): next_offset}
        await consumer._commit(offsets)  # noqa: SLF001 - its public commit goes by acks, which are off

    intake = Intake(
        log=runtime.log,
        libraries=runtime.libraries,
        mode=app.settings.mode,
        wire=app.ownership.wire,
        understand=new_understand(runtime.silences.current),
        hit=runtime.hit,
    )
    return IntakeLanes(app.settings.batch, intake, commit, die, count)


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
