"""Intake's work, whole: understand a batch of input messages and append what they come to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from app.model.library import Library
from app.model.outputs import DeadLetter
from app.model.signals import SignalBatch
from app.model.topics import SIGNALS, key_of, topic_of
from app.model.words import Mode
from app.road import failpoints
from app.road.apply import Wire
from app.road.ports import Libraries, Log, Message, Outgoing


class Understood(Protocol):
    """What a batch of input came to."""

    @property
    def batches(self) -> Sequence[SignalBatch]:
        """The signals, one batch or more for each domain, in order."""

    @property
    def dead_letters(self) -> Sequence[DeadLetter]:
        """What could not be understood."""


Understand = Callable[[Sequence[Message], Library, Mode | None], Understood]


@dataclass(frozen=True, slots=True)
class Intake:
    """All that taking messages in needs."""

    log: Log
    libraries: Libraries
    mode: Mode | None
    wire: Wire
    understand: Understand
    hit: failpoints.Hit = failpoints.never


async def take_in(messages: Sequence[Message], intake: Intake) -> int:
    """Take messages in, in order; on return the brokers have acked all that came of them. Give how many that were.

    Should the worker end before the input's offsets are committed, the same messages are taken in again; their
    signals have the same identities, and so change nothing.
    """
    understood = intake.understand(messages, intake.libraries.current(), intake.mode)
    encode = intake.wire.encode
    letters = [
        Outgoing(topic_of(letter), key_of(letter), encode(letter)) for letter in understood.dead_letters
    ]
    signals = [Outgoing(SIGNALS, batch.domain.encode(), encode(batch)) for batch in understood.batches]
    await intake.log.append([*letters, *signals])
    intake.hit(failpoints.AFTER_APPEND)
    return len(letters) + len(signals)
