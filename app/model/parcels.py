"""What one domain hands over to another when a service moves."""

from __future__ import annotations

from pydantic import Field

from app.model.base import Frozen
from app.model.evidence import Change
from app.model.incident import Incident
from app.model.ladder import AwaitedEvent
from app.model.moving import Away, Place, Whole
from app.model.quiet import Flap, Held, Inhibitor
from app.model.timers import Timer


class Parcel(Frozen):
    """Incidents with all that a domain held of them, and what it held muted of their service."""

    incidents: list[Incident] = Field(default_factory=list)
    """The incidents, with those that were merged into them."""
    timers: list[Timer] = Field(default_factory=list)
    """Their timers."""
    held: dict[str, Held] = Field(default_factory=dict)
    """Fingerprint to muted alert of the service."""
    flaps: dict[str, Flap] = Field(default_factory=dict)
    """Fingerprint to alert of theirs that changed of late."""
    inhibitors: dict[str, Inhibitor] = Field(default_factory=dict)
    """Fingerprint to alert of theirs that may keep others quiet."""
    awaited: list[AwaitedEvent] = Field(default_factory=list)
    """System events of the service that page unless they are over in time."""


class Memory(Frozen):
    """What a domain tells that holds nothing of a service any more."""

    seen: list[str] = Field(default_factory=list)
    """What it remembers of the identities that it applied."""
    changes: list[Change] = Field(default_factory=list)
    """The system events of the service."""
    away: dict[str, Away] = Field(default_factory=dict)
    """Incident id to where alerts of the service belong that are of an incident of another service."""
    lags: list[int] = Field(default_factory=list)
    """How late the newest alerts came there, in seconds."""
    clocks: dict[str, list[int]] = Field(default_factory=dict)
    """The same for each clock."""


class Letter(Frozen):
    """The content of a notice between two domains of a service."""

    service: str = ""
    """The service that moved; empty where only an incident did."""
    place: Place | None = None
    """Where it is, as the sender knows."""
    signal: Whole | None = None
    """A signal that is forwarded."""
    hops: int = 0
    """How often it was forwarded, this time included."""
    returned: bool = False
    """Whether it comes back, because no incident has its alert any more."""
    parcel: Parcel | None = None
    """What is handed over."""
    memory: Memory | None = None
    """What goes with the answer."""
