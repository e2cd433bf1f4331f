"""Dead letters for input that cannot be understood: whole, with the place it was read, and why."""

from __future__ import annotations

from app.core.identity import output_id, source_identity
from app.intake.limits import LETTER_VALUE
from app.model.commands import DeadLetter, Header
from app.model.messages import Message
from app.model.signals import Source
from app.wire.errors import WireError


def source_of(message: Message, index: int = 0) -> Source:
    """Give where an input was read."""
    return Source(topic=message.topic, partition=message.partition, offset=message.offset, index=index)


def letter_for(
    message: Message, error: WireError, *, index: int | None = None, entry: bytes | None = None
) -> DeadLetter:
    """Give the dead letter of a message, or of one entry of its list."""
    value = message.value if entry is None else entry
    place = source_identity(source_of(message, index or 0))
    return DeadLetter(
        id=output_id("", place, "dead-letter"),
        topic=message.topic,
        partition=message.partition,
        offset=message.offset,
        index=index,
        reason=error.reason,
        field=error.field,
        detail=error.detail,
        key=message.key,
        value=value[:LETTER_VALUE] if value is not None else None,
        value_size=len(value or b""),
        headers=[Header(name=name, value=content) for name, content in message.headers],
        timestamp=message.timestamp,
    )
