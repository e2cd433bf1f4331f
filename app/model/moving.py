"""Services that move to another correlation domain: what the library says of it, and what a domain remembers of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, PlainSerializer

from app.model.base import Frozen, Instant
from app.model.signals import Signal


@dataclass(frozen=True)
class Move:
    """How often a service moved, and where it was before, as the published library says."""

    number: int
    """How often it moved; of two libraries that say different things, the one with the higher number is newer."""
    home: str
    """Where it is: its domain without the environment."""
    formers: tuple[str, ...]
    """Where it was before, the oldest first, without the environment."""


class Place(Frozen):
    """Where a service is, as far as a domain knows."""

    number: int
    """How often it moved."""
    domain: str
    """The domain it is in."""
    formers: list[str] = Field(default_factory=list)
    """The domains it was in, the oldest first."""
    is_settled: bool = False
    """Of the domain it is in: whether all that it was in said that they hold nothing of it any more."""


class Away(Frozen):
    """An incident that is in another domain, to which what concerns it is forwarded."""

    to: str
    """The domain that it was handed over to."""
    alerts: list[str] = Field(default_factory=list)
    """The fingerprints of its alerts that may still come here."""
    ids: list[str] = Field(default_factory=list)
    """Short hashes of its objects, commands, questions and permits: what answers name."""
    since: Instant
    """Since when, by broker time."""


Whole = Annotated[Signal, PlainSerializer(lambda signal: signal.model_dump(mode="json"), when_used="json")]
"""A signal that is written with its defaults, for one of them says which kind of input it is."""


class Waiting(Frozen):
    """A signal on its way: it was forwarded here, or waits for word of a domain that its service was in."""

    signal: Whole
    """The signal."""
    carrier: str
    """What it is known by on its way: the place it was read at, or the notice that brought it."""
    sender: str = ""
    """The domain that forwarded it; empty where it came here by itself."""
    hops: int = 0
    """How often it was forwarded."""
    was_held: bool = False
    """Whether it waited here already."""


class Asking(Frozen):
    """The domains that a service was in are asked to hand over what they hold of it, one after the other."""

    left: list[str]
    """Those that have not answered, the first of which is asked."""
    held: list[Waiting] = Field(default_factory=list)
    """What came for the service meanwhile."""
    size: int = 0
    """How many characters that takes."""
    ended: dict[str, Waiting] = Field(default_factory=dict)
    """Fingerprint to the newest end of an alert that was decided without word of them: it counts for what they hand over late."""


class Moving(Frozen):
    """What a domain remembers of services that moved."""

    places: dict[str, Place] = Field(default_factory=dict)
    """Service to where it is."""
    away: dict[str, Away] = Field(default_factory=dict)
    """Incident id to where it is."""
    asking: dict[str, Asking] = Field(default_factory=dict)
    """Service to who is asked."""
    arriving: dict[str, str] = Field(default_factory=dict)
    """Letter id to what has come of a letter in several parts."""
    arriving_since: dict[str, Instant] = Field(default_factory=dict)
    """Letter id to when the newest part came."""
    letters: int = 0
    """How many parcels were sent: a part of their ids."""
