"""Which partition a key goes to: murmur2, as Java's default partitioner has it, so that any producer agrees with us."""

from __future__ import annotations

from functools import lru_cache

_SEED = 0x9747B28C
_M = 0x5BD1E995
_32 = 0xFFFFFFFF


def murmur2(data: bytes) -> int:
    """Give Kafka's 32-bit murmur2 of the bytes, unsigned."""
    length = len(data)
    h = _SEED ^ length
    whole = length & ~3
    for start in range(0, whole, 4):
        k = int.from_bytes(data[start : start + 4], "little") * _M & _32
        k = (k ^ k >> 24) * _M & _32
        h = (h * _M & _32) ^ k
    if whole < length:
        h = (h ^ int.from_bytes(data[whole:], "little")) * _M & _32
    h = (h ^ h >> 13) * _M & _32
    return h ^ h >> 15


@lru_cache(maxsize=65_536)
def partition_of(key: bytes, partitions: int) -> int:
    """Give the partition of a key among so many."""
    return (murmur2(key) & 0x7FFFFFFF) % partitions
