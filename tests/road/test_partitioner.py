"""Kafka's own values, so that any producer's partitioner and ours agree."""

import pytest
from aiokafka.partitioner import murmur2 as reference
from hypothesis import given
from hypothesis import strategies as st

from app.road.partitioner import murmur2, partition_of


# org.apache.kafka.common.utils.UtilsTest.testMurmur2, as unsigned numbers
@pytest.mark.parametrize(
    ("key", "hashed"),
    [
        (b"21", -973932308),
        (b"foobar", -790332482),
        (b"a-little-bit-long-string", -985981536),
        (b"a-little-bit-longer-string", -1486304829),
        (b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
        (b"abc", 479470107),
    ],
)
def test_hashes_as_java_does(key, hashed):
    assert murmur2(key) == hashed % 2**32


@given(st.binary(max_size=64), st.integers(1, 500))
def test_agrees_with_another_implementation(key, partitions):
    assert murmur2(key) == reference(key) & 0xFFFFFFFF
    assert partition_of(key, partitions) == (reference(key) & 0x7FFFFFFF) % partitions
