"""Escalation policies: who is paged in which order, and which system events page without an alert."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from app.model.expressions import Expression
from app.model.matchers import Matcher
from app.model.words import Severity

TARGETS = ("user", "schedule", "channel", "team", "policy")
"""What a target may be: `user:ID`, `schedule:ID`, `channel:NAME`, `team:ID`, `policy:ID`."""
DEFAULT_ACK_TIMEOUT = timedelta(minutes=5)


@dataclass(frozen=True)
class Level:
    """A level of an escalation policy: it pages its targets, or it jumps to another level."""

    targets: tuple[str, ...] = ()
    """Whom, as `KIND:ID` with a kind of `TARGETS`; a policy stands for its first level that applies. None: it jumps."""
    ack_timeout: timedelta = DEFAULT_ACK_TIMEOUT
    """How long they have before the next level's turn comes."""
    name: str = ""
    """What jumps call it."""
    delay: timedelta = timedelta()
    """How long the level waits once its turn has come."""
    round_robin: bool = False
    """Whether each time only the next of its people is paged."""
    condition: Expression | None = None
    """`if`: the level is passed over when it is false."""
    jump: str = ""
    """The name of the level to go on with."""


@dataclass(frozen=True)
class Policy:
    """An escalation policy."""

    id: str
    title: str = ""
    levels: tuple[Level, ...] = ()
    repeat: int = 0
    """How often it is gone through again when nobody acknowledged; a jump back to an earlier level counts as one."""
    exhausted: str = ""
    """The last resort: the policy that takes over when this one is exhausted; empty: nobody."""

    @property
    def rounds(self) -> int:
        """How often it is gone through at most."""
        return self.repeat + 1

    def place_of(self, name: str) -> int:
        """Give the number of the level with a name, from 1.

        Raises:
            KeyError: it has no such level.

        """
        for number, level in enumerate(self.levels, 1):
            if level.name and level.name == name:
                return number
        raise KeyError(name)


@dataclass(frozen=True)
class Unless:
    """The event that makes another one need no page: it comes within a time, and is equal in some attributes."""

    matchers: tuple[Matcher, ...]
    within: timedelta
    equal: tuple[str, ...] = ("subject",)

    @property
    def looks_at(self) -> frozenset[str]:
        """The attributes that it depends on."""
        return frozenset((*self.equal, *(each.name for each in self.matchers)))


@dataclass(frozen=True)
class EventRule:
    """System events that page without an alert."""

    name: str
    matchers: tuple[Matcher, ...]
    """What the attributes (`EventRule.attributes`) must satisfy, all of them."""
    policy: str = ""
    """Whose policy; empty: that of the service, as for an alert."""
    severity: Severity = Severity.ERROR
    title: str = ""
    """The incident's title; empty: what the event says."""
    unless: Unless | None = None

    def concerns(self, attributes: Mapping[str, str]) -> bool:
        """Whether an event with these attributes is one of its."""
        return all(each.matches(attributes) for each in self.matchers)

    def is_recovery(self, attributes: Mapping[str, str], of: Mapping[str, str]) -> bool:
        """Whether an event says that another one, of this rule, is over."""
        if self.unless is None or not all(each.matches(attributes) for each in self.unless.matchers):
            return False
        return all(attributes.get(name, "") == of.get(name, "") for name in self.unless.equal)
