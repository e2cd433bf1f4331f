"""Dead letters: what could not be used, whole, with the place it was read, and why."""

from __future__ import annotations

from app.core.identity import output_id, source_identity
from app.model.commands import DeadLetter, Header
from app.model.messages import Message
from app.model.signals import Source

LETTER_VALUE = 900_000
"""Bytes of a value that one dead letter holds; of a longer one it holds the beginning, and says its size."""


def source_of(message: Message, index: int = 0) -> Source:
    """Give where a message, or an entry of its list, was read."""
    return Source(topic=message.topic, partition=message.partition, offset=message.offset, index=index)


def dead_letter(
    message: Message,
    reason: str,
    detail: str,
    *,
    field: str = "",
    index: int | None = None,
    entry: bytes | None = None,
) -> DeadLetter:
    """Give the dead letter of a message, or of one entry of its list; equal for every repeat of the same."""
    value = message.value if entry is None else entry
    place = source_identity(source_of(message, index or 0))
    return DeadLetter(
        id=output_id("", place, "dead-letter"),
        topic=message.topic,
        partition=message.partition,
        offset=message.offset,
        index=index,
        reason=reason,
        field=field,
        detail=detail,
        key=message.key,
        value=value[:LETTER_VALUE] if value is not None else None,
        value_size=len(value or b""),
        headers=[Header(name=name, value=content) for name, content in message.headers],
        timestamp=message.timestamp,
    )
