"""What operators say of alerts that must keep coming, and of those whose end nobody tells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from app.model.matchers import Match
from app.model.words import Severity

DOMAIN = "heartbeat:"
"""What the domain of a heartbeat begins with; its name follows. No other domain is without a slash, but `control` and `library`."""


class Resolves(StrEnum):
    """What ends an alert of a source."""

    ALERT = "alert"
    AFTER = "after"
    MANUAL = "manual"


@dataclass(frozen=True)
class AlertSource:
    """Alerts that end in the same way."""

    name: str
    match: Match
    resolves: Resolves = Resolves.ALERT
    """alert: its source says so; after: it is not repeated for so long; manual: only a person says so."""
    after: timedelta = timedelta()


@dataclass(frozen=True)
class Heartbeat:
    """An alert that must keep coming: that it comes is good, that it stays away is an incident."""

    name: str
    match: Match
    every: timedelta
    """How often it comes."""
    grace: timedelta
    """How much longer to wait for it."""
    service: str = ""
    """The service that is suspected when it stays away."""
    severity: Severity = Severity.CRITICAL
    title: str = ""


def domain_of(name: str) -> str:
    """Give the correlation domain of a heartbeat."""
    return f"{DOMAIN}{name}"
