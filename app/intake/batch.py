"""A batch of input messages becomes few, full `signals` messages: one a domain, in order, below the size limit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.intake.placed import Placed
from app.intake.read import read_message
from app.model.commands import DeadLetter
from app.model.library import Library
from app.model.messages import Message
from app.model.signals import Signal, SignalBatch
from app.model.words import Mode

MAX_BYTES = 512 * 1024
"""The most a `signals` message may take, in any format."""
MAX_SIGNALS = 1000
"""The most signals of one `signals` message, so that a batch is decided in little time."""


@dataclass(frozen=True)
class IntakeResult:
    """What a batch of messages came to."""

    batches: list[SignalBatch]
    dead_letters: list[DeadLetter]


def intake_batch(
    messages: Sequence[Message], library: Library, mode: Mode | None, library_hash: str
) -> IntakeResult:
    """Read messages, in order, and group what they hold by domain."""
    by_domain: dict[str, list[Signal]] = {}
    letters: list[DeadLetter] = []
    for message in messages:
        for read in read_message(message, library):
            if isinstance(read, Placed):
                by_domain.setdefault(read.domain, []).append(read.signal)
            else:
                letters.append(read)
    batches = [
        SignalBatch(domain=domain, library=library_hash, mode=mode, signals=part)
        for domain, signals in by_domain.items()
        for part in split(signals)
    ]
    return IntakeResult(batches, letters)


def split(signals: Sequence[Signal]) -> list[list[Signal]]:
    """Split signals, in order, so that each part stays below the limits; sizes are taken as JSON, the largest format."""
    parts: list[list[Signal]] = [[]]
    size = 0
    for signal in signals:
        takes = len(signal.model_dump_json()) + 1
        if parts[-1] and (size + takes > MAX_BYTES - 1024 or len(parts[-1]) >= MAX_SIGNALS):
            parts.append([])
            size = 0
        parts[-1].append(signal)
        size += takes
    return parts
