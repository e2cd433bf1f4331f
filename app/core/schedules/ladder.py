"""Whom a policy would page, level by level, if nobody answered: once through, without its repeats and its last resort."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.core.escalation.ladder import next_level
from app.core.escalation.targets import Resolver
from app.core.schedules.final import duty, is_away
from app.model.library import Library
from app.model.policy import Level, Policy
from app.model.schedule import Duty


@dataclass(frozen=True)
class Rung:
    """One target of one level."""

    level: int
    """From 1."""
    at: datetime
    """When the level's turn comes, if all levels before it stayed silent."""
    target: str
    """As the policy writes it."""
    ack_timeout: timedelta
    person: str = ""
    """Who is rung; empty: nobody, or it is no person."""
    duty: Duty = field(default_factory=Duty)
    """Of a schedule: by what the person is on call."""
    is_away: bool = False
    """Whether the person is away, though the policy names them."""


def ladder(
    policy: Policy, library: Library, at: datetime, holds: Callable[[Level], bool] = lambda _: True
) -> Sequence[Rung]:
    """Give every target of every level that applies (`holds`), each resolved at the time at which its level's turn comes."""
    rungs: list[Rung] = []
    found = next_level(policy, 0, 1, holds)
    while found is not None and found.round == 1:
        level = policy.levels[found.level - 1]
        at += level.delay
        resolver = Resolver(library, library, at, holds)
        for target in level.targets:
            rungs += _rungs(found.level, target, level.ack_timeout, resolver)
        at += level.ack_timeout
        found = next_level(policy, found.level, 1, holds)
    return rungs


def _rungs(number: int, target: str, ack_timeout: timedelta, resolver: Resolver) -> Iterator[Rung]:
    """Give a target, or each of those that a team or a policy stands for."""
    if target.partition(":")[0] not in ("team", "policy"):
        yield _rung(number, target, ack_timeout, resolver.library, resolver.at)
        return
    for aim in resolver.resolve([target]):
        who = aim.person.id if aim.person else ""
        yield Rung(number, resolver.at, target, ack_timeout, who, is_away=bool(aim.absent and who))


def _rung(number: int, target: str, ack_timeout: timedelta, library: Library, at: datetime) -> Rung:
    kind, _, name = target.partition(":")
    if kind == "schedule":
        schedule = library.schedules.get(name)
        found = duty(schedule, at) if schedule is not None else Duty()
        return Rung(number, at, target, ack_timeout, found.person, found)
    if kind == "user":
        return Rung(number, at, target, ack_timeout, name, is_away=is_away(library.away, name, at))
    return Rung(number, at, target, ack_timeout)
