"""Kafka messages as the road sees them: bytes with a place."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.model.base import Instant


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it was read. `topic` is without the prefix; `timestamp` is the broker's append time where it keeps one."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    timestamp: Instant
    headers: tuple[tuple[str, bytes | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to be written. `topic` is without the prefix; without a partition the key's murmur2 hash decides."""

    topic: str
    key: bytes | None
    value: bytes | None
    partition: int | None = None
    headers: tuple[tuple[str, bytes], ...] = field(default=())
