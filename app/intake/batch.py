"""A batch of input messages becomes few, full `signals` messages: one a domain, in order, below the size limit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.intake.placed import Placed, silenced
from app.intake.read import read_message
from app.model.library import Library
from app.model.messages import Message
from app.model.outputs import DeadLetter
from app.model.signals import Signal, SignalBatch
from app.model.silences import Silence
from app.model.words import Mode

MAX_BYTES = 512 * 1024
"""The most a `signals` message may take, in any format."""
_ENVELOPE = 24 * 1024
"""What the message has besides: names, hash, mode, and its domain, which answers may make long."""
MAX_SIGNALS = 1000
"""The most signals of one `signals` message, so that a batch is decided in little time."""


@dataclass(frozen=True)
class IntakeResult:
    """What a batch of messages came to."""

    batches: list[SignalBatch]
    dead_letters: list[DeadLetter]


def intake_batch(
    messages: Sequence[Message],
    library: Library,
    mode: Mode | None,
    library_hash: str,
    silences: Sequence[Silence] = (),
) -> IntakeResult:
    """Read messages, in order, and group what they hold by domain; an alert is told the silences that match it."""
    by_domain: dict[str, list[Placed]] = {}
    letters: list[DeadLetter] = []
    for message in messages:
        for read in read_message(message, library):
            if isinstance(read, Placed):
                by_domain.setdefault(read.domain, []).append(silenced(read, silences))
            else:
                letters.append(read)
    batches = [
        SignalBatch(domain=domain, library=library_hash, mode=mode, signals=part)
        for domain, placed in by_domain.items()
        for part in split(placed)
    ]
    return IntakeResult(batches, letters)


def split(placed: Sequence[Placed]) -> list[list[Signal]]:
    """Split signals, in order, so that each part stays below the limits."""
    parts: list[list[Signal]] = [[]]
    size = 0
    for each in placed:
        if parts[-1] and (size + each.size > MAX_BYTES - _ENVELOPE or len(parts[-1]) >= MAX_SIGNALS):
            parts.append([])
            size = 0
        parts[-1].append(each.signal)
        size += each.size
    return parts
