"""Dead letters that connectors write: a message they could not use, whole, with why."""

from __future__ import annotations

from app.core.identity import output_id, source_identity
from app.model.commands import DeadLetter, Header
from app.model.signals import Source
from app.road.ports import Message


def dead_letter(message: Message, reason: str, detail: str, *, field: str = "") -> DeadLetter:
    """Give the dead letter of a message; equal for every repeat of the same."""
    source = Source(topic=message.topic, partition=message.partition, offset=message.offset)
    return DeadLetter(
        id=output_id("", source_identity(source), f"dead-letter/{reason}"),
        topic=message.topic,
        partition=message.partition,
        offset=message.offset,
        reason=reason,
        field=field,
        detail=detail,
        key=message.key,
        value=message.value,
        value_size=len(message.value or b""),
        headers=[Header(name=name, value=value) for name, value in message.headers],
        timestamp=message.timestamp,
    )
