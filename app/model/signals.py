"""The one log: signals, and the messages that carry them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from app.model.base import Frozen
from app.model.inputs import Body
from app.model.words import Mode


class Source(Frozen):
    """Where an input was read."""

    topic: str = ""
    """The input topic, without the prefix; `timers` for the timekeeper's."""
    partition: int = -1
    """The partition; -1 where there is none."""
    offset: int = -1
    """The offset; -1 where there is none."""
    index: int = 0
    """The place in the message's list, from 0."""


class Signal(Frozen):
    """Any input after intake."""

    identity: str
    """What the input is known by, the same however often it is sent or read."""
    source: Source = Field(default_factory=Source)
    """Where it was read first."""
    body: Annotated[Body, Field(discriminator="kind")]
    """The input itself."""


class SignalBatch(Frozen):
    """The value of a `signals` message: all signals of one domain from one intake batch, in order."""

    schema_version: int = 1
    """The version of this schema."""
    domain: str
    """The correlation domain of every signal in it; the message's key as well."""
    library: str
    """The hash of the library that these signals are to be decided with."""
    mode: Mode | None = None
    """The mode the worker that took them in was limited to; null where it set no limit."""
    signals: list[Signal]
    """The signals, in the order they are to be applied."""
