"""When all people of a policy are away at once, so that whoever is paged by it is nobody.

Schedules are looked at for themselves (`rosters`), and a channel is there at any time: here it is about people and teams that
policies name. It depends on the time that is looked at, so it is lint, and no part of compiling.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import reduce

from app.library.problems import Problem
from app.model.library import Library
from app.model.policy import Policy

Span = tuple[datetime, datetime]


def check_deserted(library: Library, start: datetime, end: datetime) -> Iterator[Problem]:
    """Tell of the policies of which nobody is there for a time between two moments (UTC), where the first one's leave is said."""
    for policy in library.policies.values():
        people = _people(policy, library, frozenset())
        away = [_away(library, each, start, end) for each in sorted(people or ())]
        spans = reduce(_both, away) if away else []
        if people and spans:
            yield _problem(policy, sorted(people), spans, library)


def _problem(policy: Policy, people: Sequence[str], spans: Sequence[Span], library: Library) -> Problem:
    first, last = spans[0]
    said = next(each for each in library.away[people[0]] if each.when.active(first) is not None).said
    who = (
        f"{people[0]}, who alone is named,"
        if len(people) == 1
        else f"all that it names ({', '.join(people)})"
    )
    more = f", and {len(spans) - 1} times more" if len(spans) > 1 else ""
    words = (
        f"policy {policy.id} pages nobody from {first:%a %Y-%m-%d %H:%M} UTC to {last:%a %Y-%m-%d %H:%M} UTC{more}: "
        f"{who} {'is' if len(people) == 1 else 'are'} away"
    )
    mend = "name somebody else at one of its levels, a schedule, or a last resort under exhausted:"
    return Problem(said.path, said.line, said.column, "error", words, mend)


def _people(policy: Policy, library: Library, gone_through: frozenset[str]) -> set[str] | None:
    """Give all people that a policy may page, with those of its last resort; None where it names what is no person."""
    if policy.id in gone_through:
        return set()
    names = [each for level in policy.levels for each in level.targets]
    names += [f"policy:{policy.exhausted}"] if policy.exhausted else []
    found: set[str] = set()
    for target in names:
        kind, _, name = target.partition(":")
        if kind == "user":
            found.add(name)
        elif kind == "team" and name in library.teams:
            found |= set(library.teams[name].members)
        elif kind == "policy" and name in library.policies:
            others = _people(library.policies[name], library, gone_through | {policy.id})
            if others is None:
                return None
            found |= others
        else:
            return None
    return found


def _away(library: Library, person: str, start: datetime, end: datetime) -> list[Span]:
    """Give when somebody is away, in order, what meets or overlaps as one."""
    spans = sorted(span for each in library.away.get(person, ()) for span in each.when.spans(start, end))
    whole: list[Span] = []
    for begins, ends in spans:
        if whole and begins <= whole[-1][1]:
            whole[-1] = (whole[-1][0], max(whole[-1][1], ends))
        else:
            whole.append((begins, ends))
    return whole


def _both(ones: list[Span], others: list[Span]) -> list[Span]:
    """Give the times that two lists have in common."""
    met = [(max(a, c), min(b, d)) for a, b in ones for c, d in others]
    return sorted(each for each in met if each[0] < each[1])
