from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.connectors.kafka import Writer
from app.connectors.reading import End, Reader, in_time_order
from app.road.ports import Message


def at(partition, offset, seconds):
    time = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    return Message("t", partition, offset, None, None, time)


def test_partitions_are_merged_by_time():
    read = [at(0, 0, 1), at(0, 1, 5), End(0), at(1, 0, 0), at(1, 1, 3), End(1), End(2)]
    order = [(m.partition, m.offset) for m in in_time_order(read, (0, 1, 2))]
    assert order == [(1, 0), (0, 0), (1, 1), (0, 1)]


def test_nothing_waits_longer_than_it_must():
    given_out = []

    def reading():
        yield End(0)
        yield at(1, 0, 0)
        given_out.append(len(seen))
        yield at(1, 1, 1)
        yield End(1)

    seen = []
    seen.extend(in_time_order(reading(), (0, 1)))
    assert given_out == [1]
    assert len(seen) == 2


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 9)), max_size=30))
def test_every_message_comes_once_and_partitions_keep_their_order(said):
    counts = [0, 0, 0]
    read = []
    for partition, seconds in said:
        read.append(at(partition, counts[partition], seconds))
        counts[partition] += 1
    got = list(in_time_order([*read, End(2), End(0), End(1)], (0, 1, 2)))
    assert len(got) == len(read)
    for partition in range(3):
        assert [m.offset for m in got if m.partition == partition] == list(range(counts[partition]))


@pytest.fixture
def written(embedded_broker, topic_prefix):
    topic = f"{topic_prefix}.alerts"
    with Writer(embedded_broker.bootstrap_servers) as writer:
        for number in range(20):
            writer.send(topic, f"k{number}".encode(), str(number).encode())
    assert writer.acked == 20
    return embedded_broker.bootstrap_servers, topic


def test_reading_what_is_there(written):
    with Reader(*written, name="alerts") as reader:
        got = list(reader.existing())
    assert sorted(int(m.value) for m in got if isinstance(m, Message)) == list(range(20))
    assert sorted(end.partition for end in got if isinstance(end, End)) == reader.partitions


def test_following_loses_nothing_that_came_in_between(written):
    servers, topic = written
    with Reader(servers, topic, name="alerts") as reader:
        with Writer(servers) as writer:
            writer.send(topic, b"k", b"later")
        existing = [m.value for m in reader.existing() if isinstance(m, Message)]
        assert b"later" not in existing
        assert next(iter(reader.following())).value == b"later"
