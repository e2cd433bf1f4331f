"""Which changes may have caused an incident, the likeliest first: by place, by time and by type, with reasons."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.core.bounds import INCIDENT_CHANGES, SUSPECTS
from app.core.memory import MACHINE, affected_of
from app.core.topology import below
from app.model.evidence import Change, Suspect
from app.model.incident import Incident, IncidentSnapshot
from app.model.library import Library

AFTERWARDS = timedelta(minutes=1)
"""A change that seems to come so shortly after the first firing may still have come before it: clocks differ."""
AFFECTED, NEEDED = 0.6, 0.2
"""How strong it speaks that a change is on an affected service that is not the probable root, and how much more if all the others depend on it."""
NO_PATH = "no_path"
"""The place of a change that nothing ties to an incident but the domain: dependencies are forgotten, so it is suspected while it was just before."""
BESIDE = 0.2
"""How strong, that no more is known of it than that it is in the domain."""
TOO_LATE = 0.1
"""What the time of a change counts that came after the first firing."""
LEAST = 0.1
"""What is less likely than this is not shown."""
KINDS: tuple[tuple[str, float, tuple[str, ...]], ...] = (
    ("feature flag", 0.95, ("flag", "toggle", "experiment")),
    ("config change", 1.0, ("config", "setting", "secret", "migration", "schema")),
    ("deploy", 1.0, ("deploy", "release", "rollout", "rollback", "version", "upgrade", "image")),
    ("failover", 0.9, ("failover", "switchover", "promot", "leader", "election")),
    ("scaling", 0.85, ("scal", "replica", "resize", "capacity")),
    ("node lifecycle", 0.85, ("node", "drain", "cordon", "evict", "reboot", "maintenance", "instance")),
)
"""Kinds of changes, how often they are to blame, and the words by which a type is known for one, the first that fits."""
OTHER = 0.8
"""How often a change of no known kind is to blame."""


@dataclass(frozen=True)
class Place:
    """How a change stands to an incident."""

    strength: float
    name: str
    words: str


def when(change: Change) -> datetime:
    """Give when a change happened: by its source, but not later than we heard of it."""
    return change.at if change.happened_at is None else min(change.happened_at, change.at)


def kind_of(change: Change) -> tuple[str, float]:
    """Give the kind of a change and how often such a one is to blame; types are the sources' own words."""
    said = change.type.lower()
    found = ((name, weight) for name, weight, words in KINDS if any(word in said for word in words))
    return next(found, (change.type, OTHER))


def began(incident: Incident) -> datetime:
    """Give when an incident began: with the first firing that it knows of."""
    return min((each.first for each in affected_of(incident).values()), default=incident.opened_at)


def timeliness(change: Change, first: datetime, window: timedelta) -> float:
    """Give how well the time of a change fits a first firing: 1 just before it, less the longer before."""
    before = first - when(change)
    if before < -AFTERWARDS:
        return TOO_LATE
    return float(0.5 ** (max(before, timedelta()) / (window / 4))) if window else 1.0


def place_of(change: Change, incident: Incident, library: Library) -> Place:
    """Say how a change stands to an incident."""
    named = set(re.split(r"[\s/:,=]+", change.subject)) - {""}
    thing = next((each for each in sorted(incident.entities) if each.split(" ")[1] in named), None)
    if change.service == incident.service and change.service:
        return Place(1.0, "same_service", f"on {change.service}, the probable root")
    if thing is not None:
        return Place(0.9, "same_entity", f"on {thing}, which its alerts name")
    if change.service not in library.services:
        return Place(0.3, "same_domain", "in the same domain")
    found = [*_along_paths(change.service, incident, library), _in_pool(change.service, incident)]
    beside = Place(BESIDE, NO_PATH, f"on {change.service}, in the same domain, with no dependency known")
    return max((each for each in found if each is not None), key=lambda each: each.strength, default=beside)


def _in_pool(service: str, incident: Incident) -> Place | None:
    """Say so where the alerts name a machine of a changed service: one that is called like it and numbered."""
    pool = re.compile(rf"{re.escape(MACHINE + service)}-\d+(\..*)?")
    machine = next((each for each in sorted(incident.entities) if pool.fullmatch(each)), None)
    if not service or machine is None:
        return None
    return Place(0.45, "same_pool", f"on {service}, to which {machine} seems to belong")


def _along_paths(service: str, incident: Incident, library: Library) -> list[Place]:
    affected, limit = affected_of(incident), library.correlation.distance
    under = below(library.services, service, limit)
    found = [_of_affected(service, affected, library)] if service in affected else []
    for other in sorted(affected):
        if far := below(library.services, other, limit).get(service):
            strength = (0.75 if other == incident.service else 0.55) - 0.15 * far
            found.append(Place(strength, "depended_on", f"on {service}, which {other} depends on"))
        elif far := under.get(other):
            words = f"on {service}, which depends on {other}"
            found.append(Place(0.45 - 0.1 * far, "depends_on", words))
    return found


def _of_affected(service: str, affected: Collection[str], library: Library) -> Place:
    others, limit = [each for each in affected if each != service], library.correlation.distance
    needing = sum(service in below(library.services, each, limit) for each in others)
    strength = AFFECTED + NEEDED * needing / max(1, len(others))
    words = f", and which {needing} of {len(others)} others need" if needing else ""
    return Place(strength, "same_service", f"on {service}, which is affected{words}")


def rank(incident: Incident, library: Library) -> list[Suspect]:
    """Rank the changes that an incident is shown with; the likeliest first, those that are unlikely not at all."""
    first, window = began(incident), library.rules.change_window
    found = [_suspect(change, incident, first, window, library) for change in incident.changes]
    likely = [each for each in found if each.score >= LEAST]
    return sorted(likely, key=lambda each: (-each.score, each.change_id))[:SUSPECTS]


def concern(changes: Iterable[Change], incident: Incident, library: Library) -> list[Change]:
    """Give the changes that may have to do with an incident: in their window before it, or after it; those elsewhere only just before it."""
    first, window = began(incident), library.rules.change_window

    def is_near(change: Change) -> bool:
        is_tied = place_of(change, incident, library).name != NO_PATH
        return is_tied or _suspect(change, incident, first, window, library).score >= LEAST

    return [each for each in changes if when(each) >= first - window and is_near(each)]


def likeliest(changes: Collection[Change], incident: Incident, library: Library) -> list[Change]:
    """Give as many changes as an incident is shown with, in their order: what came after it does not take the place of what may be its cause."""
    if len(changes) <= INCIDENT_CHANGES:
        return list(changes)
    first, window = began(incident), library.rules.change_window
    scores = {each.id: _suspect(each, incident, first, window, library).score for each in changes}
    best = sorted(changes, key=lambda each: (scores[each.id], when(each), each.id))[-INCIDENT_CHANGES:]
    kept = {each.id for each in best}
    return [each for each in changes if each.id in kept]


def ranked(incident: IncidentSnapshot) -> list[tuple[Change, Suspect | None]]:
    """Give the changes that an incident is shown with: its suspects, the likeliest first, then the others in their order."""
    known = {change.id: change for change in incident.changes}
    suspects = [(known[each.change_id], each) for each in incident.suspects if each.change_id in known]
    named = {each.change_id for each in incident.suspects}
    return [*suspects, *((change, None) for change in incident.changes if change.id not in named)]


def _suspect(
    change: Change, incident: Incident, first: datetime, window: timedelta, library: Library
) -> Suspect:
    place = place_of(change, incident, library)
    kind, blame = kind_of(change)
    score = place.strength * (0.3 + 0.7 * timeliness(change, first, window)) * blame
    return Suspect(
        change_id=change.id, score=round(score, 4), reasons=[place.words, before(change, first), kind]
    )


def before(change: Change, first: datetime) -> str:
    """Say when a change happened, beside the first firing."""
    seconds = int((first - when(change)).total_seconds())
    amount = f"{abs(seconds)} s" if abs(seconds) < 120 else f"{abs(seconds) // 60} min"  # noqa: PLR2004  # as people say it
    return f"{amount} {'before' if seconds >= 0 else 'after'} the first alert"
