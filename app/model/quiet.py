"""What a domain remembers of noise: alerts that are muted, and those that keep others quiet."""

from __future__ import annotations

from pydantic import Field

from app.model.base import Frozen, Instant
from app.model.inputs import AlertSignal


class Held(Frozen):
    """An alert that fires and is muted; it takes effect if it still fires when the quiet ends."""

    signal: AlertSignal
    """The alert as it came last."""
    identity: str
    """What it is known by."""
    by: str
    """What mutes it: `silence:ID`, `maintenance:NAME` or `inhibit:NAME`."""
    source: str = ""
    """For an inhibition: the fingerprint of the alert that keeps it quiet."""
    since: Instant
    """Since when it is muted, by broker time."""
    began: Instant | None = None
    """When it began, by broker time, as was known when it came; unset in records of releases before."""
    until: Instant | None = None
    """When the quiet ends by itself; unset where no moment is known."""
    is_asked: bool = False
    """Whether `control` is asked which silences match it now: nothing else mutes it any more."""
    is_told: bool = False
    """Whether that was answered."""


class Inhibitor(Frozen):
    """An alert that fires and may keep others quiet."""

    labels: dict[str, str]
    """Its labels."""
    starts_at: Instant | None = None
    """When it began, by its source."""
    since: Instant
    """When it was last known to fire, by broker time."""
    service: str = ""
    """The service that it is of; empty where that is not known."""
    environment: str = ""
    """The environment that it is of."""


class Flap(Frozen):
    """An alert that changes between firing and resolved."""

    fires: bool
    """Whether it fired last."""
    starts_at: Instant | None = None
    """When it began last, by its source."""
    changes: list[Instant] = Field(default_factory=list)
    """When it changed, the newest that count, by broker time."""
    incident_id: str = ""
    """The incident that it flaps in; empty while it does not flap."""
    count: int = 0
    """How often it changed since it flaps."""
    signal: AlertSignal | None = None
    """While it flaps: the alert as it came last."""


class Quiet(Frozen):
    """What a domain remembers of noise."""

    version: int = 0
    """Rises with each change of what is muted."""
    held: dict[str, Held] = Field(default_factory=dict)
    """Fingerprint to muted alert, at most 100."""
    beyond: int = 0
    """How many alerts were muted and not held, for there were too many, since the last time that none was held."""
    inhibitors: dict[str, Inhibitor] = Field(default_factory=dict)
    """Fingerprint to alert that may keep others quiet, at most 200."""
    flaps: dict[str, Flap] = Field(default_factory=dict)
    """Fingerprint to alert that changed of late, at most 200; of those at most 50 flap."""
    library: str = ""
    """The library by which what is held was judged last."""
