"""Dead letters as operators meet them: parts joined, those that were put back marked, and putting them back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from app.connectors.errors import OutsideError
from app.connectors.kafka import Writer
from app.core.letters import PUT_BACK
from app.model.messages import Message
from app.model.outputs import DeadLetter
from app.model.topics import DEAD_LETTERS, SIGNALS, TAKEN_IN
from app.wire.codec import Codec

RETRIED = (*TAKEN_IN, SIGNALS)
"""Topics that a letter can be put back on: the service reads them."""


class CannotPutBackError(OutsideError):
    """A letter cannot be put back; the message says why, and what to do instead."""


@dataclass
class Buried:
    """One message, or one entry of a list, that could not be used: its letter, and the parts of its value."""

    letter: DeadLetter
    """The first part."""
    buried_at: datetime
    """When it came to the dead letters."""
    parts: dict[int, bytes | None] = field(default_factory=dict)

    @property
    def missing(self) -> list[int]:
        """The numbers of the parts that are not there."""
        return [number for number in range(1, self.letter.parts + 1) if number not in self.parts]

    @property
    def value(self) -> bytes | None:
        """The value, whole. Raises CannotPutBackError where a part of it is missing."""
        if self.missing:
            raise CannotPutBackError(
                f"{self.letter.id}: part {', '.join(map(str, self.missing))} of {self.letter.parts} is not on `{DEAD_LETTERS}`",
                "retention may have taken it; what is left is shown by `oncall dead-letters show`",
            )
        return self.left

    @property
    def left(self) -> bytes | None:
        """What is there of the value."""
        pieces = [self.parts[number] for number in sorted(self.parts)]
        return None if pieces == [None] else b"".join(piece or b"" for piece in pieces)

    @property
    def place(self) -> str:
        """Where it was read."""
        entry = "" if self.letter.index is None else f"[{self.letter.index}]"
        return f"{self.letter.topic}/{self.letter.partition}@{self.letter.offset}{entry}"


def gather(letters: Iterable[tuple[Message, DeadLetter]]) -> list[Buried]:
    """Join the letters of the topic, each with the message that bore it, in the order they came; repeats of a letter are one."""
    found: dict[tuple[object, ...], Buried] = {}
    for message, letter in letters:
        place = (letter.topic, letter.partition, letter.offset, letter.index, letter.reason)
        buried = found.setdefault(place, Buried(letter, message.timestamp))
        buried.parts.setdefault(letter.part, letter.value)
        if letter.part == 1:
            buried.letter = letter  # the newest says whether it was put back
    return list(found.values())


def put_back(
    chosen: Iterable[Buried], writer: Writer, full: Callable[[str], str], codec: Codec, now: datetime
) -> int:
    """Put letters back on the topics they were read from; mark them when the broker has acked all. Give how many.

    Ended in between, they are there and not marked: put back again they may take effect twice, unless they bear an id.

    Raises:
        CannotPutBackError: one of them cannot be; nothing was put back.
        NotAckedError: the broker has not acked them all.

    """
    ready = [(each.letter, each.value) for each in chosen if check(each)]
    for letter, value in ready:
        old = [(header.name, header.value) for header in letter.headers if header.name != PUT_BACK]
        writer.send(full(letter.topic), letter.key, value, [*old, (PUT_BACK, letter.id.encode())])
    writer.flush()
    for letter, _ in ready:
        mark = letter.model_copy(update={"put_back_at": now})
        writer.send(full(DEAD_LETTERS), letter.key, codec.encode(mark))
    return len(ready)


def check(buried: Buried) -> bool:
    """Say that a letter can be put back, or raise CannotPutBackError."""
    if buried.letter.topic not in RETRIED:
        raise CannotPutBackError(
            f"{buried.letter.id}: it was read from `{buried.letter.topic}`, which the service does not read itself",
            "whoever read it there must take it again",
        )
    return True
