"""Whom a policy would page, level by level, if nobody answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.core.schedules.final import duty, is_away
from app.model.catalog import Policy
from app.model.library import Library
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


def ladder(policy: Policy, library: Library, at: datetime) -> Sequence[Rung]:
    """Give every target of every level, each resolved at the time at which its level's turn comes."""
    rungs: list[Rung] = []
    for number, level in enumerate(policy.levels, 1):
        rungs += [_rung(number, target, level.ack_timeout, library, at) for target in level.targets]
        at += level.ack_timeout
    return rungs


def _rung(number: int, target: str, ack_timeout: timedelta, library: Library, at: datetime) -> Rung:
    kind, _, name = target.partition(":")
    if kind == "schedule":
        schedule = library.schedules.get(name)
        found = duty(schedule, at) if schedule is not None else Duty()
        return Rung(number, at, target, ack_timeout, found.person, found)
    if kind == "user":
        return Rung(number, at, target, ack_timeout, name, is_away=is_away(library.away, name, at))
    return Rung(number, at, target, ack_timeout)
