"""What an incident stands on: its alerts, the changes that may have caused it, and how likely each did."""

from __future__ import annotations

from pydantic import Field

from app.model.base import Frozen, Instant
from app.model.words import AlertStatus, Severity


class AlertView(Frozen):
    """An alert of an incident as people and expressions see it."""

    fingerprint: str
    """The hash of its label set."""
    name: str
    """Its `alertname`."""
    status: AlertStatus
    """Whether it fires."""
    severity: Severity
    """Its severity."""
    service: str = ""
    """Its service of the catalog."""
    labels: dict[str, str]
    """Its labels."""
    annotations: dict[str, str] = Field(default_factory=dict)
    """Its annotations."""
    starts_at: Instant | None = None
    """When it began, by its source."""
    ends_at: Instant | None = None
    """When it ended, by its source."""
    generator_url: str = ""
    """Where its source shows it."""


class Change(Frozen):
    """A system event that may have caused the incident."""

    id: str
    """The event's id."""
    type: str
    """The event's type."""
    service: str = ""
    """The service it concerns."""
    subject: str = ""
    """What it happened to."""
    summary: str = ""
    """One line for people."""
    at: Instant
    """When it reached us, by broker time."""
    happened_at: Instant | None = None
    """When it happened, by broker time: what its source says, set right by how late its news usually is."""


class Suspect(Frozen):
    """How likely a system event caused the incident, and why."""

    change_id: str
    """The event's id; the event itself is among `changes`."""
    score: float
    """From 0 to 1; of two the higher is likelier."""
    reasons: list[str] = Field(default_factory=list)
    """Why, in words: its place, its time, its type."""
