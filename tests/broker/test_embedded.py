"""The embedded broker: what it can do, and that it ends."""

import socket

import pytest

from app.broker import EmbeddedBroker
from tests.support.clients import producing, read


async def test_what_is_produced_is_consumed(embedded_broker, topic_prefix):
    topic = f"{topic_prefix}.echo"
    async with producing(embedded_broker.bootstrap_servers) as producer:
        for value in (b"one", b"two", b"three"):
            await producer.send_and_wait(topic, value, key=b"same")

    records = await read(embedded_broker.bootstrap_servers, topic, 3)

    assert [record.value for record in records] == [b"one", b"two", b"three"]


async def test_a_topic_appears_on_first_use_with_four_partitions(embedded_broker, topic_prefix):
    topic = f"{topic_prefix}.new"
    async with producing(embedded_broker.bootstrap_servers) as producer:
        await producer.send_and_wait(topic, b"first")
        assert await producer.partitions_for(topic) == {0, 1, 2, 3}


def test_it_is_not_there_before_start_and_gone_after_stop():
    broker = EmbeddedBroker()
    with pytest.raises(RuntimeError, match="not started"):
        _ = broker.bootstrap_servers

    broker.start()
    broker.start()  # changes nothing
    host, port = broker.bootstrap_servers.split(":")
    socket.create_connection((host, int(port)), timeout=1).close()

    broker.stop()
    broker.stop()  # changes nothing
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, int(port)), timeout=1)
    with pytest.raises(RuntimeError, match="not started"):
        _ = broker.bootstrap_servers


async def test_a_new_start_is_empty():
    with EmbeddedBroker() as broker:
        async with producing(broker.bootstrap_servers) as producer:
            await producer.send_and_wait("kept", b"by nobody", partition=0)
    with broker:
        async with producing(broker.bootstrap_servers) as producer:
            sent = await producer.send_and_wait("kept", b"the first again", partition=0)

    assert sent.offset == 0
