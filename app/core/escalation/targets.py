"""Whom a level names: its targets as people and channels, by the library in force when the level is put in effect."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.core.schedules.final import is_away, on_call
from app.model.catalog import Person
from app.model.library import Library
from app.model.policy import Level, Policy


@dataclass(frozen=True)
class Aim:
    """One target, and the person or channel that it stands for now."""

    target: str
    """As the policy names it."""
    person: Person | None = None
    absent: str = ""
    """Why it stands for nobody, in words; empty: it can be paged."""

    @property
    def key(self) -> str:
        """What it is known by: the person, whatever target named them."""
        return f"user:{self.person.id}" if self.person else self.target


@dataclass(frozen=True)
class Resolver:
    """What it takes to resolve targets."""

    library: Library
    """Whose people, teams and schedules: those in force."""
    pinned: Library
    """Whose policies: as they stood when the incident opened."""
    at: datetime
    holds: Callable[[Level], bool]
    """Whether a level of a policy applies."""

    def resolve(self, targets: Iterable[str]) -> list[Aim]:
        """Give whom targets stand for, each person and channel once; those that stand for nobody are there with why."""
        found: dict[str, Aim] = {}
        for each in targets:
            for aim in self._resolve(each, frozenset()):
                known = found.get(aim.key)
                if known is None or known.absent:
                    found[aim.key] = aim
        return list(found.values())

    def _resolve(self, target: str, gone_through: frozenset[str]) -> Iterator[Aim]:
        kind, _, name = target.partition(":")
        match kind:
            case "user":
                yield self._person(target, name)
            case "schedule":
                yield self._on_call(target, name)
            case "team":
                yield from self._members(target, name)
            case "policy":
                yield from self._policy(target, name, gone_through)
            case _:
                yield Aim(target)

    def _person(self, target: str, name: str) -> Aim:
        person = self.library.people.get(name)
        if person is None:
            return Aim(target, absent=f"there is no person {name!r}")
        if is_away(self.library.away, name, self.at):
            return Aim(target, person, f"{name} is away")
        return Aim(target, person)

    def _on_call(self, target: str, name: str) -> Aim:
        schedule = self.library.schedules.get(name)
        if schedule is None:
            return Aim(target, absent=f"there is no schedule {name!r}")
        person = on_call(schedule, self.at)
        return self._person(target, person) if person else Aim(target, absent=f"nobody is on call for {name}")

    def _members(self, target: str, name: str) -> Iterator[Aim]:
        team = self.library.teams.get(name)
        if team is None or not team.members:
            yield Aim(target, absent=f"team {name} has no members")
            return
        for member in team.members:
            yield self._person(target, member)

    def _policy(self, target: str, name: str, gone_through: frozenset[str]) -> Iterator[Aim]:
        policy = self.pinned.policies.get(name)
        level = None if name in gone_through else _first(policy, self.holds)
        if level is None:
            yield Aim(target, absent=f"no level of policy {name} applies")
            return
        for each in level.targets:
            yield from self._resolve(each, gone_through | {name})


def next_in_turn(aims: Sequence[Aim], turn: int) -> list[Aim]:
    """Give the one person whose turn it is; channels are for all turns."""
    people = [each for each in aims if each.person is not None]
    channels = [each for each in aims if each.person is None]
    return [*channels, people[turn % len(people)]] if people else channels


def _first(policy: Policy | None, holds: Callable[[Level], bool]) -> Level | None:
    levels = policy.levels if policy else ()
    return next((each for each in levels if each.targets and holds(each)), None)
