"""The probable root service of an incident, and why; it moves when another explains clearly more.

What most of the affected services depend on, what fired first, what was changed just before. A service without an alert of
its own may be it where several that are affected share it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from app.core.memory import SEVERAL, affected_of
from app.core.suspects import AFTERWARDS, before, began, kind_of, timeliness, when
from app.core.topology import below
from app.model.evidence import Change
from app.model.incident import Affected, Incident
from app.model.library import Library
from app.model.words import Severity

EXPLAINS, OWN_ALERTS, BEGAN_FIRST, CHANGED = 1.0, 0.3, 0.3, 0.3
"""What speaks for a service at its strongest: that it explains the others, fires itself, fired first, was changed."""
FADES = 0.1
"""By how much a service explains another less with each step between them."""
HEAD_START = timedelta(minutes=2)
"""A service that fired so much later than the first counts half as one that fired first."""
SHARED_BY = 2
"""A service without alerts of its own is a candidate if at least so many affected ones depend on it."""
BESIDE = 3
"""What is on one machine counts like what is so many steps away."""
PLACES = 4


@dataclass(frozen=True)
class Root:
    """A candidate, and what speaks for it."""

    service: str
    score: float
    reasons: tuple[str, ...]


def find_root(incident: Incident, library: Library) -> Root | None:
    """Give the probable root: the likeliest candidate, or the service of the incident unless that one is clearly likelier.

    None where the catalog knows none of the services. The margin grows with each move, so that the root does not wander.
    """
    affected = {name: each for name, each in affected_of(incident).items() if name in library.services}
    if not affected:
        return None
    candidates = _candidates(affected, incident, library)
    best = max(candidates.values(), key=lambda root: (root.score, root.service))
    current = candidates.get(incident.service)
    margin = library.correlation.move_at * (1 + incident.root_moves)
    if current is not None and best.score < round(current.score + margin, PLACES):
        return current
    return best


def _candidates(affected: Mapping[str, Affected], incident: Incident, library: Library) -> dict[str, Root]:
    explained: dict[str, dict[str, int]] = {}
    for name in sorted(affected):
        for other, far in below(library.services, name, library.correlation.distance).items():
            explained.setdefault(other, {})[name] = far
    return {
        name: _judge(name, users, affected, incident, library)
        for name, users in explained.items()
        if name in affected or len(users) >= SHARED_BY or name == incident.service
    }


def _judge(
    name: str,
    users: Mapping[str, int],
    affected: Mapping[str, Affected],
    incident: Incident,
    library: Library,
) -> Root:
    first = min(each.first for each in affected.values())
    users = {**_beside(name, affected), **users}
    explains = sum(_explains(name, user, far, affected) for user, far in users.items()) / len(affected)
    score, reasons = EXPLAINS * explains, [_how_many(name, users, affected)]
    if name in affected:
        later = affected[name].first - first
        score += OWN_ALERTS * affected[name].severity.rank / Severity.CRITICAL.rank
        score += BEGAN_FIRST * _promptness(later)
        reasons.append(_how_early(later))
    else:
        reasons.append("it has no alert of its own")
    change = _likely_change(name, incident, library)
    if change is not None:
        moment = began(incident)
        score += CHANGED * timeliness(change, moment, library.rules.change_window) * kind_of(change)[1]
        reasons.append(f"{change.type} of it {before(change, moment)}")
    return Root(name, round(score, PLACES), tuple(reasons))


def _beside(name: str, affected: Mapping[str, Affected]) -> dict[str, int]:
    """Give the other affected services, each as far as one beyond a few steps, where all alerts name one and the same machine.

    Whatever went wrong there first may have taken the machine from all the others.
    """
    machines = {each.machine for each in affected.values() if each.machine}
    if len(machines) != 1 or SEVERAL in machines or name not in affected:
        return {}
    return {other: BESIDE for other, each in affected.items() if each.machine and affected[name].machine}


def _explains(name: str, user: str, far: int, affected: Mapping[str, Affected]) -> float:
    """Give how much a service explains one that depends on it: less with each step, and less the later it fired itself."""
    later = affected[name].first - affected[user].first if name in affected else timedelta()
    return (1.0 - FADES * max(0, far - 1)) * _promptness(later)


def _promptness(later: timedelta) -> float:
    return float(0.5 ** (max(later, timedelta()) / HEAD_START))


def _likely_change(name: str, incident: Incident, library: Library) -> Change | None:
    """Give the change of a service that fits the incident's beginning best, of those before it."""
    first = began(incident)
    own = [each for each in incident.changes if each.service == name and when(each) <= first + AFTERWARDS]
    return max(
        own,
        key=lambda each: (timeliness(each, first, library.rules.change_window), each.at, each.id),
        default=None,
    )


def _how_many(name: str, users: Mapping[str, int], affected: Mapping[str, Affected]) -> str:
    need, others = len(users) - (name in affected), len(affected) - (name in affected)
    if not others:
        return "it is the only affected service"
    if others == 1:
        return f"the other affected service {'depends' if need else 'does not depend'} on it"
    return f"{'all' if need == others else need} of the {others} other affected services depend on it"


def _how_early(later: timedelta) -> str:
    seconds = int(later.total_seconds())
    return "its alerts began first" if not seconds else f"its alerts began {seconds} s after the first"
