"""What happens in an estate, before anybody tells of it: alerts that fire for a time, changes, and outages."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Firing:
    """One firing of an alert, by the true clock, in seconds from the start."""

    labels: dict[str, str]
    summary: str
    begins: float
    ends: float
    outage: str | None
    """The outage that raised it; None: noise."""
    origin: str
    """The area whose monitoring sees it: what is late or off by the clock is so for a whole area."""


@dataclass
class Event:
    """A system event."""

    id: str
    type: str
    service: str
    at: float
    summary: str
    environment: str
    origin: str


@dataclass
class Trouble:
    """An outage and its root."""

    id: str
    root: str
    begins: float
    ends: float
    environment: str
    touched: dict[str, float] = field(default_factory=dict)
    """What it reached, and when."""
    change: str | None = None


@dataclass
class Story:
    """All that happens."""

    firings: list[Firing] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)

    def untangle(self) -> None:
        """Take out what cannot be: an alert that begins while it fires already."""
        last: dict[tuple[tuple[str, str], ...], float] = {}
        kept = []
        for firing in sorted(self.firings, key=lambda each: (each.begins, sorted(each.labels.items()))):
            key = tuple(sorted(firing.labels.items()))
            if firing.begins > last.get(key, -1.0):
                last[key] = firing.ends
                kept.append(firing)
        self.firings = kept
