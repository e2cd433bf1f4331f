"""What the domain `control` remembers: permits, what was spent, how pages did, and whether automation is paused."""

from __future__ import annotations

from pydantic import Field

from app.model.base import Frozen, Instant
from app.model.silences import Silence
from app.model.standings import TriedWay


class Permit(Frozen):
    """Leave to carry out one attempt of a step; `granted_at` is unset while it waits for a slot."""

    id: str
    domain: str
    incident_id: str
    execution_id: str
    step: str
    runbook_id: str
    action: str
    service: str = ""
    team: str = ""
    targets: int = 1
    must_earn: bool = False
    """Whether the page is to act alone, without that people agreed to this attempt."""
    asked_at: Instant
    granted_at: Instant | None = None
    expires_at: Instant


class Spent(Frozen):
    """Targets that an action was permitted to touch within one minute."""

    minute: Instant
    targets: int


class PageRecord(Frozen):
    """How a page did."""

    version: int = 0
    """Rises with each change."""
    good: int = 0
    """Runs in a row that people agreed to: approved ones that succeeded, and shadow ones judged right."""
    failures: list[Instant] = Field(default_factory=list)
    """When its runs failed, the newest 20."""
    failed_verification_at: Instant | None = None
    """When a verification failed last."""


class Run(Frozen):
    """An execution that holds a slot, from its first permit to its end."""

    runbook_id: str
    service: str = ""
    team: str = ""
    since: Instant


class Trial(Frozen):
    """The newest test page of a person."""

    version: int = 0
    """Rises with each change, over all test pages of the person."""
    person_id: str
    at: Instant
    """When it went out."""
    by: str = ""
    """Who asked for it."""
    ways: list[TriedWay] = Field(default_factory=list)
    """The ways that it tries, and what became of each."""
    acknowledged_by: str = ""
    is_over: bool = False
    """Whether it was stopped."""


class Control(Frozen):
    """The record of the domain `control`, besides what every record has."""

    version: int = 0
    """Rises with each pause and resumption."""
    paused_at: Instant | None = None
    """Since when automation is paused, overall."""
    paused_by: str = ""
    """Who paused it."""
    pause_reason: str = ""
    """Why it is paused, in that person's words."""
    permits: dict[str, Permit] = Field(default_factory=dict)
    """Permit id to permit, in the order they were asked for."""
    runs: dict[str, Run] = Field(default_factory=dict)
    """Execution id to the executions that act."""
    spent: dict[str, list[Spent]] = Field(default_factory=dict)
    """Action to what was spent in each minute of the last hour."""
    pages: dict[str, PageRecord] = Field(default_factory=dict)
    """Runbook id to its record."""
    silences: dict[str, Silence] = Field(default_factory=dict)
    """Silence id to silence, until a day after its end; at most 500."""
    silences_version: int = 0
    """Rises with each change of them."""
    muting: dict[str, list[str]] = Field(default_factory=dict)
    """Silence id to the domains that mute by it, at most 500, which are told when it ends early."""
    trials: dict[str, Trial] = Field(default_factory=dict)
    """Person to the newest test page; at most 100."""
