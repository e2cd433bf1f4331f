"""Where an incident stands on an escalation policy, and what was not yet decided to page: both are part of the record."""

from __future__ import annotations

from pydantic import Field

from app.model.base import Frozen, Instant
from app.model.words import LadderStatus


class Ladder(Frozen):
    """How far an incident has come on an escalation policy, which it keeps as it stood when the incident opened."""

    policy: str
    """The escalation policy."""
    library: str
    """The hash of the library that holds the policy."""
    service: str = ""
    """The second service whose owner it is for; empty: it is for the incident's own."""
    status: LadderStatus = LadderStatus.CLIMBING
    """Whether the next level's turn will come."""
    level: int = 0
    """The newest level whose turn has come, from 1; 0: none yet."""
    round: int = 1
    """How often the policy is gone through, with this time."""
    next_level: int = 0
    """The level that is put in effect when `due` comes; 0: which one is found then."""
    next_round: int = 1
    """The round of that level."""
    due: Instant | None = None
    """When the next thing happens unless somebody acknowledges: a level is put in effect, or an ack timeout ends."""
    reason: str = ""
    """Why people are paged, by name."""
    why: str = ""
    """The same in words."""
    is_paging: bool = False
    """Whether any level was put in effect."""
    exhausted: list[str] = Field(default_factory=list)
    """The policies that were exhausted before this one took over."""


class AwaitedEvent(Frozen):
    """A system event that pages unless another one says in time that it is over."""

    rule: str
    """The event rule."""
    event_id: str
    """The event's id, or where it was read."""
    attributes: dict[str, str]
    """Its attributes."""
    summary: str = ""
    """One line for people."""
    due: Instant
    """When it pages."""
    since: Instant | None = None
    """When it came, by broker time; unset of one that a release before awaited."""
