"""Which young incidents one change explains together: what was changed may be broken and silent, or break what the catalog does not tie to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.core.correlation import OPEN, is_young, same_side
from app.core.memory import affected_of
from app.core.suspects import began, when
from app.core.topology import below
from app.model.evidence import Change, Suspect
from app.model.incident import Incident
from app.model.library import Library
from app.model.words import Severity

TOGETHER = timedelta(seconds=60)
"""What one change broke begins to fire within so long of one another."""
SEVERAL = 3
"""So many services that need what was changed are no chance."""
MANY = 4
"""So many services are no chance where some may not need it."""
CERTAIN = 0.75
"""A change of what fails itself that is suspected so much broke it."""


@dataclass(frozen=True)
class Explained:
    """The incidents that one cause explains together with one."""

    others: tuple[Incident, ...]
    """They, the oldest first."""
    words: str
    """Why."""


def explained_with(
    incident: Incident, incidents: Iterable[Incident], library: Library, at: datetime
) -> Explained | None:
    """Give the open incidents that one change explains together with this one; None where none does."""
    if not _suspects_any(incident, library, at):
        return None
    first = began(incident)
    near = [
        each
        for each in sorted(incidents, key=lambda each: (each.opened_at, each.id))
        if each.id != incident.id
        and _suspects_any(each, library, at)
        and same_side(each, incident.mode)
        and abs(began(each) - first) <= TOGETHER
    ]
    return _needed_by_all(incident, near, library) or _broken_beside(incident, near, library)


def may_be_part(incident: Incident, library: Library, at: datetime) -> bool:
    """Tell whether an incident may turn out to be part of another: it is open, young, and about more than information."""
    is_new = incident.status in OPEN and is_young(incident, at, library.correlation)
    return is_new and incident.severity.rank >= Severity.WARNING.rank


def _suspects_any(incident: Incident, library: Library, at: datetime) -> bool:
    return bool(incident.suspects) and may_be_part(incident, library, at)


def _needed_by_all(incident: Incident, near: list[Incident], library: Library) -> Explained | None:
    """Find the likeliest change that several incidents suspect, of what all services need that they affect."""
    least = library.correlation.merge_suspect_at
    for suspect in incident.suspects:
        change = _change(incident, suspect)
        if change is None or suspect.score < least:
            continue
        others = [each for each in near if _suspects(each, change, least)]
        if not others or not _all_need(change.service, incident, library):
            continue
        others = [each for each in others if _all_need(change.service, each, library)]
        services = {name for each in (incident, *others) for name in affected_of(each)}
        if others and len(services) >= SEVERAL:
            words = f"{change.type} of {change.service}, which all that they affect needs"
            return Explained(tuple(others), words)
    return None


def _suspects(incident: Incident, change: Change, least: float) -> bool:
    return any(each.change_id == change.id and each.score >= least for each in incident.suspects)


def _all_need(service: str, incident: Incident, library: Library) -> bool:
    """Tell whether all that an incident affects depends on a service, by the catalog, or is it."""
    limit = library.correlation.distance
    return all(service in below(library.services, each, limit) for each in affected_of(incident))


def _broken_beside(incident: Incident, near: list[Incident], library: Library) -> Explained | None:
    """Find an incident, of this one and another, whose root a change all but certainly broke, though others need that.

    What fails of its team's within the minute then does so for it as well, though nobody wrote down that it needs it;
    not so what failed before the change, or what another one explains as surely.
    """
    for other in near:
        both = (incident, other)
        are_grave = all(each.severity.rank > Severity.WARNING.rank for each in both)
        are_many = len({name for each in both for name in affected_of(each)}) >= MANY
        if not (are_grave and are_many and incident.team == other.team):
            continue
        broke = next((found for each in both if (found := _broke_root(each, library)) is not None), None)
        certain = {each.suspects[0].change_id for each in both if each.suspects[0].score >= CERTAIN}
        if broke is not None and certain == {broke.id} and when(broke) <= min(map(began, both)):
            words = f"{broke.type} of {broke.service}, which fails since, as others do within a minute of it"
            return Explained((other,), words)
    return None


def _broke_root(incident: Incident, library: Library) -> Change | None:
    """Give the change that all but certainly broke an incident's root, if that fires itself and others need it."""
    first, service = incident.suspects[0], incident.service
    change = _change(incident, first)
    if change is None or first.score < max(CERTAIN, library.correlation.merge_suspect_at):
        return None
    is_root = change.service == service and service in affected_of(incident)
    return change if is_root and library.dependents.get(service) else None


def _change(incident: Incident, suspect: Suspect) -> Change | None:
    return next((each for each in incident.changes if each.id == suspect.change_id), None)
