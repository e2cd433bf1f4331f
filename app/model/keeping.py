"""What a record remembers to keep people in step: what is to be said together, and tasks that are left when an incident is over."""

from __future__ import annotations

from pydantic import Field

from app.model.base import Frozen, Instant
from app.model.words import Mode, Severity, Urgency


class Digest(Frozen):
    """How much was said of late, and what waits to be said together."""

    since: Instant | None = None
    """When the window began in which it is counted."""
    said: int = 0
    """How many messages were sent in it."""
    lines: list[str] = Field(default_factory=list)
    """What waits, the newest 20."""
    beyond: int = 0
    """How many older ones are not kept."""


class Task(Frozen):
    """A follow-up of an incident that is over, with a ticket of its own, until that is closed."""

    id: str
    """A UUIDv5; the `object_id` of its ticket."""
    text: str
    """What is to be done."""
    owner: str = ""
    """The team or person."""
    due: Instant | None = None
    """Until when, by broker time."""
    incident_id: str
    """The incident."""
    service: str = ""
    """The incident's service."""
    home: str = ""
    """The service that the incident was opened for."""
    team: str = ""
    """The incident's team."""
    environment: str = ""
    """The incident's environment."""
    severity: Severity
    """The incident's severity."""
    urgency: Urgency
    """The incident's urgency."""
    mode: Mode
    """The incident's mode."""
    key: str = ""
    """What the ticketing system calls its ticket."""
    url: str = ""
    """Where people see that."""
    revision: int = 1
    """The newest revision of the ticket."""
    reminded: int = 0
    """How often its owner was reminded."""
