"""What speaks for an alert belonging to an incident: named evidence, each with its weight and in words.

    explicit rules → the thing and the service it concerns, or a path between services → labels → time → changes

A weight is what the evidence counts at its strongest (`correlation.weights`); a sum of all is compared with a threshold.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from app.core.join_rules import fits, rule_for
from app.core.memory import MACHINE, affected_of, entities_of
from app.core.topology import Distances, below
from app.model.correlation import JoinRule
from app.model.evidence import AlertView, Change
from app.model.incident import Affected, Incident
from app.model.inputs import AlertSignal
from app.model.library import Library
from app.model.words import IncidentStatus, Severity

PLACES = 4
"""To how many places evidence is rounded, so that no sum depends on how it was added up."""
TWO_WARNINGS = 0.4
"""How much it says that two alerts are warnings, where one that is worse says 1."""
LIKELY = 0.5
"""The least score of a suspect that may be the cause of both."""
OWN = ("same_service", "same_group")
"""Ties of an alert to its own service or group, where its severity says nothing."""
ALONE = 1
"""A service that raised no more than so many different alerts, all warnings, is not taken for what broke one that fails worse."""
TOGETHER = 2
"""So many services of an incident that name one machine may suffer from it."""
FADES = 0.1
"""By how much a path of dependencies says less with each further step."""
SHARED_BY = 4
"""A dependency that this many services have still says something of two of them; of more it says the less the more they are."""


@dataclass(frozen=True)
class Evidence:
    """One thing that speaks for it."""

    name: str
    weight: float
    words: str


@dataclass(frozen=True)
class Weighed:
    """All that speaks for an alert belonging to an incident."""

    incident: Incident
    evidence: tuple[Evidence, ...] = ()
    rule: JoinRule | None = None
    """The explicit rule that settles it, if one does."""
    service: str = ""
    """The alert's service; empty where none is known."""

    @property
    def total(self) -> float:
        """The sum."""
        return round(sum(each.weight for each in self.evidence), PLACES)

    def total_without(self, name: str) -> float:
        """The sum without one kind of evidence."""
        return round(sum(each.weight for each in self.evidence if each.name != name), PLACES)

    @property
    def is_home(self) -> bool:
        """Whether the alert's own service or group is affected there, by more than warnings of its own."""
        known = affected_of(self.incident).get(self.service)
        worst = known.severity if known is not None else self.incident.severity
        return worst.rank > Severity.WARNING.rank and any(each.name in OWN for each in self.evidence)

    @property
    def strongest(self) -> str:
        """The name of what speaks for it most."""
        if self.rule is not None:
            return "rule"
        return max(self.evidence, key=lambda each: each.weight).name if self.evidence else "nothing"

    @property
    def words(self) -> str:
        """All of it in words."""
        said = [f"{each.words} +{each.weight:.2f}" for each in self.evidence]
        rule = [f"rule {self.rule.name} says {self.rule.join}"] if self.rule else []
        return ", ".join([*rule, *said]) or "nothing speaks for it"


class Arriving:
    """An alert that arrives, with what is worked out of it once, whatever the incidents that it is weighed against."""

    def __init__(self, signal: AlertSignal, library: Library, began: datetime) -> None:
        """Take an alert, and when it began by broker time."""
        self.labels, self.service, self.library = signal.alert.labels, signal.service, library
        self.name, self.severity = signal.alert.name, signal.severity
        self.began, self.starts_at = began, signal.alert.starts_at

    @cached_property
    def things(self) -> list[str]:
        """The things of the estate that it names."""
        return entities_of(self.labels, self.library.correlation.entity_labels)

    @cached_property
    def pairs(self) -> set[tuple[str, str]]:
        """Its labels that are neither the severity nor name a service, an environment or a thing."""
        rules = self.library.rules
        names = {rules.severity_label, *rules.service_labels, *rules.environment_labels}
        names.update(self.library.correlation.entity_labels)
        return {pair for pair in self.labels.items() if pair[0] not in names}

    @cached_property
    def under(self) -> Distances:
        """What its service depends on, with how far that is."""
        return below(self.library.services, self.service, self.library.correlation.distance)

    def is_like(self, view: AlertView) -> bool:
        """Whether it is the same alert of the same service as another."""
        return view.service == self.service and view.name == self.name

    @cached_property
    def rules(self) -> list[JoinRule]:
        """The explicit rules for alerts like it."""
        return [each for each in self.library.correlation.rules if fits(each.then, self.labels)]


def weigh(arriving: Arriving, incident: Incident) -> Weighed:
    """Weigh what speaks for an alert belonging to an incident."""
    weights = arriving.library.correlation.weights
    found = [
        Evidence(name, round(weights[name] * strength, PLACES), words)
        for name, strength, words in _strengths(arriving, incident)
    ]
    evidence = tuple(each for each in found if each.weight)
    rule = rule_for(arriving.rules, arriving.labels, arriving.starts_at, incident)
    return Weighed(incident, evidence, rule, arriving.service)


def related_to(service: str, incidents: Iterable[Incident], library: Library) -> Weighed | None:
    """Give the incident that a person's report about a service most likely is about; None where nothing says so.

    A report that names no service is about the newest one.
    """
    found = [Weighed(each, tuple(_place_evidence(service, each, library))) for each in incidents]
    related = [each for each in found if each.evidence or not service]
    return max(
        related, key=lambda each: (each.total, each.incident.opened_at, each.incident.id), default=None
    )


def _place_evidence(service: str, incident: Incident, library: Library) -> Iterator[Evidence]:
    under = below(library.services, service, library.correlation.distance)
    ties = _ties(service, incident, library, under)
    if (place := max(ties, key=lambda tie: tie.strength, default=None)) is not None:
        weight = round(library.correlation.weights[place.name] * place.strength, PLACES)
        yield Evidence(place.name, weight, place.words)


def _strengths(arriving: Arriving, incident: Incident) -> Iterator[tuple[str, float, str]]:
    """Give name, strength (0 to 1) and words of each piece of evidence."""
    library = arriving.library
    place = _place(arriving, incident)
    gap = _gap(arriving.began, incident, place.service if place else None)
    nearness = float(0.5 ** (gap / library.correlation.half_life))
    shared = next((name for name in arriving.things if name in incident.entities), None)
    if shared is not None:
        is_machine = shared.startswith(MACHINE)
        strength = nearness * _may_be_of(shared, incident, library) if is_machine else 1.0
        yield "same_entity", strength, f"same {shared}"
    if place is not None:
        yield place.name, place.strength, place.words
    if place is None or place.name not in OWN:
        beside = _beside(place, incident)
        gravity = _gravity(arriving.severity, place, incident)
        yield "severity", gravity, f"{arriving.severity} beside {beside.severity}"
    elif any(arriving.is_like(view) for view in incident.alerts):
        yield "same_alert", 1.0, "the same alert of the same service"
    if share := _similarity(arriving.pairs, incident.alerts):
        yield "similar_labels", share, f"{share:.0%} of its labels alike"
    yield "near_in_time", nearness, f"{int(gap.total_seconds())} s apart"
    if (change := _shared_change(arriving, incident)) is not None:
        words = f"{change.type} of {change.service} may be the cause of both"
        yield "shared_change", nearness * _rarity(change.service, library), words


def _may_be_of(machine: str, incident: Incident, library: Library) -> bool:
    """Tell whether an incident may be about a machine: it names no other, and began there, or several services suffer there.

    A grave incident of one service that began without naming it only shows a symptom on a machine that a later alert names.
    """
    if sum(name.startswith(MACHINE) for name in incident.entities) != 1:
        return False
    first = incident.alerts[0].labels if incident.alerts else {}
    there = sum(each.machine == machine for each in affected_of(incident).values())
    is_mere_warning = incident.severity.rank <= Severity.WARNING.rank
    names = library.correlation.entity_labels
    return is_mere_warning or there >= TOGETHER or machine in entities_of(first, names)


@dataclass(frozen=True)
class _Place:
    """How the alert's service stands to one that the incident affects."""

    name: str
    strength: float
    words: str
    service: str


def _place(arriving: Arriving, incident: Incident) -> _Place | None:
    """Give the tie between an alert's service and those of an incident that says most, with both severities; None: there is none."""
    weights = arriving.library.correlation.weights

    def says(tie: _Place) -> float:
        gravity = _gravity(arriving.severity, tie, incident)
        return round(weights[tie.name] * tie.strength + weights["severity"] * gravity, PLACES)

    ties = _ties(arriving.service, incident, arriving.library, arriving.under)
    return max(ties, key=says, default=None)


def _beside(place: _Place | None, incident: Incident) -> Affected:
    """Give how it stands with the service that an alert is tied to; where it is tied to none, with the incident as a whole."""
    held = affected_of(incident)
    if place is not None and place.service in held:
        return held[place.service]
    opened = incident.opened_at
    return Affected(first=opened, last=opened, count=len(incident.members), severity=incident.severity)


def _gravity(severity: Severity, place: _Place | None, incident: Incident) -> float:
    """Give how likely two severities are of one outage: what is for information is no part of one, two warnings hardly ever.

    Nor does a service that raised a single warning, however often, say why one that depends on it fails.
    """
    beside = _beside(place, incident)
    low, high = sorted((severity.rank, beside.severity.rank))
    if low < Severity.WARNING.rank:
        return 0.0
    is_lone = beside.severity.rank <= Severity.WARNING.rank and _is_single(place, beside, incident)
    return TWO_WARNINGS if high <= Severity.WARNING.rank or is_lone else 1.0


def _is_single(place: _Place | None, beside: Affected, incident: Incident) -> bool:
    """Tell whether an alert's service depends on one that raised a single alert, were it again and again."""
    if place is None or place.name != "depends_on":
        return False
    shown = sum(view.service == place.service for view in incident.alerts)
    return beside.count <= ALONE or shown == ALONE


def _ties(service: str, incident: Incident, library: Library, under: Distances) -> list[_Place]:
    """Give the ties between a service and those of an incident: its own alone, or the paths, or what they share."""
    affected = affected_of(incident)
    if not incident.service and not any(affected):
        return [_Place("same_group", 1.0, "no service is known of it", "")]
    if not service:
        return [_Place("same_group", 1.0, "same group of labels", "")] if "" in affected else []
    if service in affected or service == incident.service:
        return [_Place("same_service", 1.0, f"same service {service}", service)]
    limit, services = library.correlation.distance, library.services
    ties = []
    for other in sorted(affected):
        if (far := under.get(other)) is not None:
            ties.append(_path("depends_on", f"{service} depends on {other}", far, other))
        elif (far := below(services, other, limit).get(service)) is not None:
            ties.append(_path("depended_on", f"{other} depends on {service}", far, other))
    return ties or _siblings(service, affected, library)


def _path(name: str, words: str, far: int, other: str) -> _Place:
    return _Place(name, 1.0 - FADES * (far - 1), words if far == 1 else f"{words}, {far} steps away", other)


def _siblings(service: str, affected: Mapping[str, object], library: Library) -> list[_Place]:
    """Give the ties to those that share a direct dependency, which may have failed without an alert of its own."""
    found = []
    under = library.services[service].depends_on if service in library.services else ()
    for shared in sorted(set(under)):
        strength, users = _rarity(shared, library), library.dependents[shared]
        for other in sorted(affected.keys() & users.keys(), key=users.__getitem__):
            words = f"{service} and {other} depend on {shared}"
            found.append(_Place("shared_dependency", strength, words, other))
    return found


def _rarity(shared: str, library: Library) -> float:
    """Give how much it says of two services that both may suffer from a third: the less, the more depend on that."""
    return min(1.0, SHARED_BY / max(1, len(library.dependents.get(shared, ()))))


def _gap(began: datetime, incident: Incident, service: str | None) -> timedelta:
    """Give how far an alert's beginning is from the nearest firing of the service it is tied to, else of any."""
    affected = affected_of(incident)
    known = [affected[service]] if service in affected else list(affected.values())
    moments = [moment for each in known for moment in (each.first, each.last)] or [incident.opened_at]
    if incident.status is IncidentStatus.RESOLVED and incident.resolved_at is not None:
        moments.append(incident.resolved_at)
    return min(abs(began - moment) for moment in moments)


def _similarity(pairs: set[tuple[str, str]], views: list[AlertView]) -> float:
    """Give the share of an alert's labels that one of the shown alerts has as well, at best."""
    if not pairs:
        return 0.0
    most = 0
    for view in views:
        most = max(most, len(pairs & view.labels.items()))
        if most == len(pairs):
            break
    return most / len(pairs)


def _shared_change(arriving: Arriving, incident: Incident) -> Change | None:
    """Give the incident's first suspect if it concerns the alert's service as well, or what that depends on directly."""
    if not (incident.suspects and arriving.service):
        return None
    likeliest = incident.suspects[0]
    change = next((each for each in incident.changes if each.id == likeliest.change_id), None)
    if change is None or likeliest.score < LIKELY or arriving.under.get(change.service, 2) > 1:
        return None
    return change
