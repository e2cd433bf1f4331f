"""Dead letters: what could not be used, whole, with the place it was read, and why."""

from __future__ import annotations

from app.core.identity import output_id, source_identity
from app.model.messages import Message
from app.model.outputs import DeadLetter, Header
from app.model.signals import Source

LETTER_VALUE = 900_000
"""Bytes of a value that one dead letter holds; a longer one takes several, numbered."""

PUT_BACK = "oncall-put-back"
"""The header of a message that was put back: the id of its dead letter."""


def source_of(message: Message, index: int = 0) -> Source:
    """Give where a message, or an entry of its list, was read."""
    return Source(topic=message.topic, partition=message.partition, offset=message.offset, index=index)


def dead_letters(
    message: Message,
    reason: str,
    detail: str,
    *,
    field: str = "",
    index: int | None = None,
    entry: bytes | None = None,
) -> list[DeadLetter]:
    """Give the dead letter of a message, or of one entry of its list; equal for every repeat of the same.

    One letter, or as many as the value takes; the headers are in the first.
    """
    value = message.value if entry is None else entry
    place = source_identity(source_of(message, index or 0))
    pieces = _pieces(value)
    whole = DeadLetter(
        id=output_id("", place, "dead-letter"),
        topic=message.topic,
        partition=message.partition,
        offset=message.offset,
        index=index,
        reason=reason,
        field=field,
        detail=detail,
        key=message.key,
        value=pieces[0],
        value_size=len(value or b""),
        headers=[Header(name=name, value=content) for name, content in message.headers],
        timestamp=message.timestamp,
        parts=len(pieces),
    )
    return [whole, *(_part(whole, number, piece, place) for number, piece in enumerate(pieces[1:], 2))]


def _pieces(value: bytes | None) -> list[bytes | None]:
    if not value:
        return [value]
    return [value[start : start + LETTER_VALUE] for start in range(0, len(value), LETTER_VALUE)]


def _part(whole: DeadLetter, number: int, piece: bytes | None, place: str) -> DeadLetter:
    id_ = output_id("", place, f"dead-letter/{number}")
    return whole.model_copy(update={"id": id_, "part": number, "value": piece, "headers": []})
