"""What we change in Faust: each change with the case that it is there for."""

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from app.stream.patches import WholeAssignor, seek_to_committed, untold
from tests.support.clients import create_topic, producing


@pytest.fixture
async def place(real_kafka, topic_prefix):
    """A partition with three messages."""
    topic = f"{topic_prefix}.three"
    await create_topic(real_kafka.bootstrap_servers, topic)
    async with producing(real_kafka.bootstrap_servers) as producer:
        for value in (b"0", b"1", b"2"):
            await producer.send_and_wait(topic, value, partition=0)
    return TopicPartition(topic, 0)


@pytest.mark.parametrize(("committed", "comes_next"), [(None, 0), (0, 0), (2, 2)])
async def test_what_was_fetched_and_dropped_is_read_again(
    real_kafka, topic_prefix, place, committed, comes_next
):
    consumer = AIOKafkaConsumer(
        bootstrap_servers=real_kafka.bootstrap_servers,
        group_id=topic_prefix,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    await consumer.start()
    try:
        consumer.assign([place])
        while await consumer.position(place) < 3:
            await consumer.getmany(timeout_ms=100)  # and dropped
        if committed is not None:
            await consumer.commit({place: committed})
        assert await seek_to_committed(consumer) == {place: committed}
        assert (await consumer.getone()).offset == comes_next
        await consumer.seek_to_end(place)
        if not committed:
            await seek_to_committed(consumer, but_not={place.topic})
            assert await consumer.position(place) == 3
    finally:
        await consumer.stop()


async def test_a_topic_that_the_broker_does_not_tell_of_is_named(real_kafka, place):
    consumer = AIOKafkaConsumer(bootstrap_servers=real_kafka.bootstrap_servers)
    await consumer.start()
    try:
        await consumer.topics()
        await consumer._client.force_metadata_update()
        cluster = consumer._client.cluster
        assert untold(cluster, [place.topic]) == []
        assert untold(cluster, ["no.such", place.topic]) == ["no.such"]
    finally:
        await consumer.stop()


def test_the_worker_shares_out_by_it():
    from app.settings import Settings
    from app.stream.assembly import create_app

    app, _ = create_app(Settings(web_port=0))
    assert app.conf.PartitionAssignor is WholeAssignor
