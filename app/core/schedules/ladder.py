"""Whom a policy would page, level by level, if nobody answered: once through, without its repeats and its last resort."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from app.core.escalation.hours import low_urgency_at, may_page_at
from app.core.escalation.ladder import next_level
from app.core.escalation.targets import Aim, Resolver
from app.core.schedules.final import duty, is_away
from app.model.library import Library
from app.model.policy import Level, Policy
from app.model.schedule import Duty

_OPENINGS = 50
"""So often a level is looked at anew: who is on call when business hours begin may have others."""


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
    waited: bool = False
    """Whether the level had to wait: a page of low urgency goes out in business hours, and outside of quiet hours."""


def ladder(
    policy: Policy,
    library: Library,
    at: datetime,
    holds: Callable[[datetime], Callable[[Level], bool]] = lambda _: lambda _: True,
    waits: str | None = None,
) -> Sequence[Rung]:
    """Give every target of every level that applies then (`holds`), each resolved at the time at which its level's turn comes.

    `waits` is the team of an incident of low urgency, whose levels wait for business hours; None: nothing waits.
    """
    rungs: list[Rung] = []
    found = next_level(policy, 0, 1, holds(at))
    while found is not None and found.round == 1:
        level = policy.levels[found.level - 1]
        turn = at + level.delay
        named = _level(found.level, level, Resolver(library, library, turn, holds(turn)), waits)
        rungs += named
        at = (named[0].at if named else turn) + level.ack_timeout
        found = next_level(policy, found.level, 1, holds(at))
    return rungs


def _level(number: int, level: Level, resolver: Resolver, waits: str | None) -> list[Rung]:
    """Give the targets of a level; where it waits, those that have business hours when the first of them has."""
    library, turn = resolver.library, resolver.at
    rungs: list[Rung] = []
    for _ in range(_OPENINGS):
        rungs = [rung for each in level.targets for rung in _rungs(number, each, level.ack_timeout, resolver)]
        if waits is None:
            return rungs
        begins = low_urgency_at(resolver.resolve(level.targets), waits, library, resolver.at)
        if begins <= resolver.at:
            there = [
                each for each in rungs if may_page_at(_aim(each, library), waits, library, begins) <= begins
            ]
            return [replace(each, waited=begins > turn) for each in there]
        resolver = replace(resolver, at=begins)
    return rungs


def _aim(rung: Rung, library: Library) -> Aim:
    return Aim(rung.target, library.people.get(rung.person))


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
