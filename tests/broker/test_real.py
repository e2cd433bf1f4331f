"""What the design takes from real Kafka and the mock broker cannot give."""

import asyncio
import time

import pytest
from aiokafka.errors import ProducerFenced

from tests.support.clients import create_topic, producing, read

FENCED_WITHIN_S = 20


async def test_what_is_produced_is_consumed(real_kafka, topic_prefix):
    topic = f"{topic_prefix}.echo"
    await create_topic(real_kafka.bootstrap_servers, topic)
    async with producing(real_kafka.bootstrap_servers) as producer:
        for value in (b"one", b"two", b"three"):
            await producer.send_and_wait(topic, value)

    records = await read(real_kafka.bootstrap_servers, topic, 3)

    assert [record.value for record in records] == [b"one", b"two", b"three"]


async def test_an_aborted_transaction_is_not_seen_by_read_committed(real_kafka, topic_prefix):
    topic = f"{topic_prefix}.aborted"
    await create_topic(real_kafka.bootstrap_servers, topic)
    async with producing(real_kafka.bootstrap_servers, f"{topic_prefix}-writer") as producer:
        await producer.begin_transaction()
        await producer.send_and_wait(topic, b"aborted")
        await producer.abort_transaction()
        async with producer.transaction():
            await producer.send_and_wait(topic, b"committed")

    committed = await read(real_kafka.bootstrap_servers, topic, 1, isolation_level="read_committed")
    everything = await read(real_kafka.bootstrap_servers, topic, 2)

    assert [record.value for record in committed] == [b"committed"]
    assert [record.value for record in everything] == [b"aborted", b"committed"]


async def test_the_older_of_two_producers_with_one_transactional_id_is_fenced(real_kafka, topic_prefix):
    topic, transactional_id = f"{topic_prefix}.fenced", f"{topic_prefix}-partition-0"
    await create_topic(real_kafka.bootstrap_servers, topic)
    async with (
        producing(real_kafka.bootstrap_servers, transactional_id) as older,
        asyncio.timeout(FENCED_WITHIN_S),
    ):
        await older.begin_transaction()
        await older.send_and_wait(topic, b"of the paused worker")
        async with producing(real_kafka.bootstrap_servers, transactional_id) as newer:
            with pytest.raises(ProducerFenced):
                await older.commit_transaction()
            async with newer.transaction():
                await newer.send_and_wait(topic, b"of its successor")

    committed = await read(real_kafka.bootstrap_servers, topic, 1, isolation_level="read_committed")

    assert [record.value for record in committed] == [b"of its successor"]


async def test_log_append_time_is_the_brokers_time(real_kafka, topic_prefix):
    topic = f"{topic_prefix}.appended"
    await create_topic(real_kafka.bootstrap_servers, topic, message_timestamp_type="LogAppendTime")
    async with producing(real_kafka.bootstrap_servers) as producer:
        sent = await producer.send_and_wait(topic, b"late", timestamp_ms=1)

    [record] = await read(real_kafka.bootstrap_servers, topic, 1)

    assert record.timestamp_type == 1  # LogAppendTime
    assert record.timestamp == sent.timestamp
    assert abs(record.timestamp - time.time() * 1000) < 60_000


async def test_a_killed_node_comes_back_with_what_it_acknowledged(kafka_node, topic_prefix):
    topic = f"{topic_prefix}.kept"
    await create_topic(kafka_node.bootstrap_servers, topic)
    async with producing(kafka_node.bootstrap_servers) as producer:
        await producer.send_and_wait(topic, b"before the kill")

    await asyncio.to_thread(kafka_node.node.restart)

    [record] = await read(kafka_node.bootstrap_servers, topic, 1)
    assert record.value == b"before the kill"
