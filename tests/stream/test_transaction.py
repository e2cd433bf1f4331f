"""The adapters on a real Kafka: fencing, and restoring whatever a changelog ends in."""

import asyncio
import time
from contextlib import asynccontextmanager

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from app.road.clock import BrokerClock
from app.road.ports import AheadError, Outgoing
from app.settings import Settings
from app.stream.log import KafkaLog
from app.stream.places import Places
from app.stream.restore import restore
from app.stream.topics import changelog_name, create_topics
from app.stream.transaction import KafkaTransaction


@pytest.fixture
def settings(real_kafka, topic_prefix):
    made = Settings(
        bootstrap_servers=real_kafka.bootstrap_servers, topic_prefix=topic_prefix, app_id=topic_prefix
    )
    create_topics(made)
    return made


class Store:
    """What restore writes to."""

    def __init__(self, offset=-1):
        self.changelog_offset, self.records = offset, {}

    def restore(self, records, offset):
        self.records |= records
        if offset >= 0:
            self.changelog_offset = offset


@asynccontextmanager
async def holding(settings, partition):
    transaction = KafkaTransaction(settings, Places(settings), partition)
    await transaction.start()
    try:
        yield transaction
    finally:
        await asyncio.wait_for(transaction.stop(), 10)


async def end_of(transaction):
    await transaction.send_offset(1)
    await transaction.commit()


async def committed(transaction, records, next_offset=1):
    await transaction.begin()
    await transaction.send([Outgoing("chat-commands", b"k", b"v")])
    await transaction.send_records(records)
    await transaction.send_offset(next_offset)
    await transaction.commit()


async def test_who_takes_the_transactional_id_over_fences_its_former_holder(settings):
    async with holding(settings, 0) as old:
        await old.begin()
        await old.send([Outgoing("chat-commands", b"k", b"stale")])
        await old.send_records({"d": b"stale"})
        async with holding(settings, 0) as new:  # aborts what the old one had begun
            await committed(new, {"d": b"fresh"})
            with pytest.raises(KafkaError):
                await end_of(old)
            with pytest.raises(
                AssertionError, match="FATAL_ERROR"
            ):  # aiokafka's, of a producer that is done for
                await committed(old, {"d": b"staler"})
    store = Store()
    await restore(settings, {0: store})
    assert store.records == {b"d": b"fresh"}


@pytest.mark.parametrize("end", ["nothing", "a commit marker", "an aborted transaction", "a plain record"])
async def test_restoring_ends_promptly_whatever_the_changelog_ends_in(settings, end):
    transaction = KafkaTransaction(settings, Places(settings), 1)
    await transaction.start()
    wanted = {}
    if end != "nothing":
        await committed(transaction, {"a": b"1", "b": b"2"})
        await committed(transaction, {"a": b"3"})
        wanted = {b"a": b"3", b"b": b"2"}
        assert transaction.changelog_offset == 3  # two records, a marker, a record
    if end == "an aborted transaction":
        await transaction.begin()
        await transaction.send_records({"a": b"aborted"})
        fencer = KafkaTransaction(settings, Places(settings), 1)
        await fencer.start()
        await fencer.stop()
    if end == "a plain record":
        producer = AIOKafkaProducer(bootstrap_servers=settings.bootstrap_servers)
        await producer.start()
        await producer.send_and_wait(changelog_name(settings), None, b"b", 1)
        await producer.stop()
        wanted = {b"a": b"3", b"b": None}
    stores = {number: Store() for number in range(4)}
    began = time.monotonic()
    await restore(settings, stores)
    assert time.monotonic() - began < 5
    assert stores[1].records == wanted
    # Again: nothing is left to read, and a store that is ahead of its changelog is found out.
    again = Store(stores[1].changelog_offset)
    await restore(settings, {1: again})
    assert again.records == {}
    with pytest.raises(AheadError):
        await restore(settings, {1: Store(stores[1].changelog_offset + 1)})
    await asyncio.wait_for(transaction.stop(), 10)


async def test_acks_of_signals_set_the_clock(settings):
    class Machine:
        seconds = 0.0

    clock = BrokerClock(lambda: Machine.seconds)
    before = clock.now()
    Machine.seconds = -3600.0
    log = KafkaLog(settings, Places(settings), clock)
    await log.start()
    await log.append([Outgoing("signals", b"k", b"v")])
    assert abs((clock.now() - before).total_seconds()) < 60
    await log.stop()
