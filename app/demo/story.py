"""What a scenario is made of: stories, each about one incident, and how it is to end. Times are seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from app.model.base import Values

Labels = Mapping[str, str]
Feature = Literal[
    "parallel_diagnosis",
    "approval_given",
    "approval_timed_out",
    "unknown_probed",
    "rolled_back",
    "sub_runbook",
    "breaker_tripped",
    "promotion_refused",
    "level_two",
    "exhausted",
    "ack_stale",
    "event_escalates",
    "other_channel",
    "follow_up_reminded",
    "review_written",
]
"""What a story may show besides how it ends (app.demo.shown)."""


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
    """What the executor answers to one attempt of a step, and after how long.

    `silent`: nothing is done and nothing answered; `lost`: it is done, and the answer never comes.
    """

    status: Literal["succeeded", "failed", "silent", "lost"] = "succeeded"
    output: Values = field(default_factory=dict)
    reason: str = ""
    after: float = 0.6


@dataclass(frozen=True, slots=True)
class Person:
    """What the people who are paged do: acknowledge, then mend it or say that it is over."""

    acknowledges_after: float = 2.0
    then: Literal["mends", "resolves", "watches"] = "watches"
    after: float = 3.0
    """Seconds between acknowledgement and that."""
    words: str = ""
    silent: tuple[str, ...] = ()
    """People who do not hear their pager."""
    dead: tuple[str, ...] = ()
    """Contact channels whose connector is down, so that it answers nothing."""
    forgets: int = 0
    """How often they acknowledge and do nothing."""


@dataclass(frozen=True, slots=True)
class Press:
    """Somebody presses a button under a chat message."""

    button: str
    """Its id, such as `approve:undo` or `report:undo`."""
    by: str
    """The person's id in chat."""
    after: float = 2.0
    """Seconds after the message came."""
    passes_over: int = 0
    """How many messages with that button they leave be before."""
    words: str = ""
    cures: bool = False
    """Whether the person has mended it by hand just before."""


@dataclass(frozen=True, slots=True)
class Expected:
    """How the incident is to end. Every incident is to be resolved."""

    alerts: int
    why: str
    """Why that runbook or none was selected, by name."""
    runbook: str = ""
    steps: Mapping[str, str] = field(default_factory=dict)
    """Step to status, of all steps of the runbook; those of a runbook that step `a` uses are `a/step`."""
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
    presses: tuple[Press, ...] = ()
    """What people do in chat, in this order for each message."""
    shows: tuple[Feature, ...] = ()
    """What of the step language and of the guards is to be seen in it."""
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
    past: Mapping[str, int] = field(default_factory=dict)
    """Runbook to its good runs in a row before the hour."""

    def story(self, domain: str) -> Story | None:
        """Give the story of a correlation domain."""
        return next((story for story in self.stories if story.domain == domain), None)
