"""The read model: the highest version wins, it stays bounded, and on a broker it says when it is whole."""

import asyncio
from contextlib import asynccontextmanager
from types import SimpleNamespace

import pytest

from app.settings import OutputFormat
from app.web.follow import follow, gather, newest
from app.web.read_model import ReadModel
from app.web.views import decode_snapshot
from app.wire.codec import Codec
from tests.support.clients import create_topic, producing
from tests.support.incidents import a_page, ago, an_execution, an_id, an_incident, resolved
from tests.web.conftest import until


def put(model, incident):
    model.put(incident.id.encode(), value_of(incident))


def value_of(incident):
    return incident.model_dump_json().encode()


def a_model(**options):
    return ReadModel(decode_snapshot, **options)


@pytest.mark.parametrize("versions", [(1, 2, 3), (3, 2, 1), (2, 3, 1), (3, 3)])
def test_the_highest_version_is_kept_in_whatever_order(versions):
    model = a_model()
    for version in versions:
        put(model, an_incident("one", version=version, title=f"version {version}"))
    assert model.get(an_id("one")).title == "version 3"
    assert [brief.title for brief in model.all()] == ["version 3"]


@pytest.mark.parametrize("fmt", OutputFormat)
def test_snapshots_are_read_as_the_service_writes_them(fmt):
    model = a_model()
    whole = an_incident("one", executions=[an_execution()], escalations=[a_page()])
    model.put(b"key", Codec(fmt).encode(whole))
    assert model.get(whole.id) == whole


def test_what_is_listed_is_slim_and_what_is_shown_is_whole():
    model = a_model()
    put(model, an_incident("one"))
    assert model.all()[0].timeline == []
    assert model.get(an_id("one")) == an_incident("one")


def test_a_tombstone_takes_the_incident_away():
    model = a_model()
    put(model, an_incident("one"))
    model.put(an_id("one").encode(), None)
    assert (model.all(), model.get(an_id("one")), model.ids("")) == ([], None, [])


@pytest.mark.parametrize("value", [b"", b"{}", b"\xc3\x01nonsense", b"\xff\xff"])
def test_what_cannot_be_read_is_counted_and_changes_nothing(value):
    model = a_model()
    put(model, an_incident("one"))
    model.put(b"key", value)
    assert (model.unreadable, len(model.all())) == (1, 1)


def test_only_the_newest_of_those_that_are_over_are_kept_and_all_that_are_open():
    model = a_model(keep_closed=3)
    for age in range(20, 0, -1):
        put(model, resolved(f"closed {age}", status="closed", opened=ago(hours=age + 1)))
        put(model, an_incident(f"open {age}", opened_at=ago(hours=age)))
    closed = [brief.id for brief in model.all() if brief.status == "closed"]
    assert closed[:3] == [an_id("closed 1"), an_id("closed 2"), an_id("closed 3")]
    assert len(closed) <= 6
    assert len(closed) + model.forgotten == 20
    assert len([brief for brief in model.all() if brief.status == "triggered"]) == 20


def test_an_incident_that_closes_counts_once():
    model = a_model(keep_closed=1)
    for version, status in enumerate(["triggered", "resolved", "closed", "closed"]):
        put(model, an_incident("one", version=version, status=status))
    put(model, resolved("two", status="closed"))
    assert (len(model.all()), model.forgotten) == (2, 0)


def test_of_many_versions_at_once_only_the_last_is_read():
    keys = [b"a", b"b", b"a", None, None, b"a"]
    records = [SimpleNamespace(key=key, offset=offset) for offset, key in enumerate(keys)]
    assert sorted(record.offset for record in newest(records)) == [1, 3, 4, 5]


class OneAtATime:
    """A consumer whose broker gives one record a look, as one that answers with a transaction at a time."""

    def __init__(self):
        self.looks = 0

    async def getmany(self, timeout_ms):
        self.looks += 1
        return {f"place {self.looks % 2}": [self.looks]}


async def test_what_comes_a_little_at_a_time_is_gathered_in_order():
    consumer = OneAtATime()
    found = await gather(consumer, 2.0)
    assert consumer.looks >= 4
    assert found == {
        f"place {n}": [look for look in range(1, consumer.looks + 1) if look % 2 == n] for n in (0, 1)
    }


async def test_one_look_is_taken_at_least():
    assert await gather(OneAtATime(), 0) == {"place 1": [1]}


@asynccontextmanager
async def following(broker, topic):
    model = a_model()
    task = asyncio.create_task(follow(model, topic, broker.bootstrap_servers, check_crcs=False))
    try:
        yield model
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def write(producer, topic, *incidents):
    async with producer.transaction():
        for incident in incidents:
            await producer.send_and_wait(topic, value_of(incident), key=incident.id.encode())


async def test_it_is_ready_once_it_has_read_what_was_there_and_goes_on(embedded_broker, topic_prefix):
    topic = f"{topic_prefix}.incidents"
    async with producing(embedded_broker.bootstrap_servers, transactional_id=topic_prefix) as producer:
        many = [an_incident(f"{n}") for n in range(200)]
        await write(producer, topic, *many)
        await write(producer, topic, an_incident("0", version=2, title="changed"))
        async with following(embedded_broker, topic) as model:
            assert not model.ready
            await until(lambda: model.ready)
            assert (
                len(model.all()) == 200
            )  # over all partitions, and transaction markers at the ends do not hold it up
            assert model.get(an_id("0")).title == "changed"
            await write(producer, topic, an_incident("later"))
            await until(lambda: model.get(an_id("later")) is not None)


async def test_it_is_ready_on_an_empty_topic(embedded_broker, topic_prefix):
    async with following(embedded_broker, f"{topic_prefix}.incidents") as model:
        await until(lambda: model.ready)
        assert model.all() == []


async def test_aborted_snapshots_are_not_shown(real_kafka, topic_prefix):
    topic = f"{topic_prefix}.incidents"
    await create_topic(real_kafka.bootstrap_servers, topic)
    async with producing(real_kafka.bootstrap_servers, transactional_id=topic_prefix) as producer:
        await write(producer, topic, an_incident("kept"))
        await producer.begin_transaction()
        await producer.send_and_wait(topic, value_of(an_incident("aborted")), key=b"k")
        await producer.abort_transaction()
    async with following(real_kafka, topic) as model:
        await until(lambda: model.ready)
        assert [brief.id for brief in model.all()] == [an_id("kept")]


async def test_while_the_broker_is_away_it_says_so_and_tries_again():
    model = a_model()
    task = asyncio.create_task(follow(model, "x.incidents", "127.0.0.1:1"))
    await until(lambda: "cannot be read" in model.why_not)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert not model.ready
