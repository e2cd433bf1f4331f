"""What a scenario is made of: stories, each about one incident, and how it is to end. Times are seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from app.model.base import Values

Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that breaks: its alerts fire from `at` on, and end `after` seconds after the cure."""

    at: float
    alerts: tuple[Labels, ...]
    summary: str
    cure: str
    """`step:ID` of the runbook, `person`, or `time` (then `after` counts from `at`)."""
    after: float = 1.5


@dataclass(frozen=True, slots=True)
class Event:
    """A system event."""

    at: float
    type: str
    service: str
    summary: str


@dataclass(frozen=True, slots=True)
class Report:
    """A person's words about a symptom."""

    at: float
    text: str
    reporter: str
    service: str
    severity: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What the executor answers to one attempt of a step, and after how long."""

    status: Literal["succeeded", "failed", "silent"] = "succeeded"
    output: Values = field(default_factory=dict)
    reason: str = ""
    after: float = 0.6


@dataclass(frozen=True, slots=True)
class Person:
    """What the person who is paged does: acknowledges, then mends it or says that it is over."""

    acknowledges_after: float = 2.0
    then: Literal["mends", "resolves", "watches"] = "watches"
    after: float = 3.0
    """Seconds between acknowledgement and that."""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Expected:
    """How the incident is to end. Every incident is to be resolved."""

    alerts: int
    why: str
    """Why that runbook or none was selected, by name."""
    runbook: str = ""
    steps: Mapping[str, str] = field(default_factory=dict)
    """Step to status, of all steps of the runbook."""
    attempts: Mapping[str, int] = field(default_factory=dict)
    """Step to number of attempts, where it is not one."""
    paged: tuple[str, ...] = ()
    """Why people were paged, by name; empty: nobody was."""
    acknowledged: bool = False
    resolved: str = "alerts_resolved"
    """Why it was resolved, by name."""
    mitigated: bool = False
    ticket: bool = False
    reopened: int = 0
    changes: int = 0
    """How many system events are suspected."""


@dataclass(frozen=True, slots=True)
class Story:
    """One incident, from its cause to its end."""

    id: str
    domain: str
    """Its correlation domain; no two stories share one."""
    tells: str
    """What it shows, in a few words."""
    expected: Expected
    faults: tuple[Fault, ...] = ()
    events: tuple[Event, ...] = ()
    reports: tuple[Report, ...] = ()
    replies: Mapping[str, tuple[Reply, ...]] = field(default_factory=dict)
    """Step to what the executor answers, attempt by attempt; the last one stands for further ones."""
    person: Person = Person()
    feedback: Literal["right", "wrong", ""] = ""
    """What the reader of the review says of the runbook."""


@dataclass(frozen=True, slots=True)
class Noise:
    """A message that cannot be understood, and the topic it is thrown on."""

    at: float
    topic: str
    value: bytes
    tells: str


@dataclass(frozen=True, slots=True)
class Scenario:
    """All that happens."""

    stories: tuple[Story, ...]
    noise: tuple[Noise, ...] = ()
    """Each is to become one dead letter."""
    quiet: tuple[Fault, ...] = ()
    """Alerts that are to open no incident."""

    def story(self, domain: str) -> Story | None:
        """Give the story of a correlation domain."""
        return next((story for story in self.stories if story.domain == domain), None)
