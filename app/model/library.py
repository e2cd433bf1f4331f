"""The library: all that operators write, as one value with a content hash."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from app.model.catalog import Action, Guards, Person, Rules, Service, Team
from app.model.correlation import CorrelationRules
from app.model.moving import Move
from app.model.noise import Flapping, InhibitRule, Maintenance
from app.model.policy import EventRule, Policy
from app.model.presence import AlertSource, Heartbeat
from app.model.runbook import Runbook
from app.model.schedule import Booking, Schedule


@dataclass(frozen=True)
class Library:
    """Everything, compiled. Equal hashes mean equal text and so equal decisions."""

    hash: str
    """The SHA-256 of the manifest (every path with the hash of its text), hex."""
    rules: Rules = field(default_factory=Rules)
    guards: Guards = field(default_factory=Guards)
    correlation: CorrelationRules = field(default_factory=CorrelationRules)
    inhibit: tuple[InhibitRule, ...] = ()
    maintenance: tuple[Maintenance, ...] = ()
    flapping: Flapping = field(default_factory=Flapping)
    runbooks: Mapping[str, Runbook] = field(default_factory=dict)
    teams: Mapping[str, Team] = field(default_factory=dict)
    services: Mapping[str, Service] = field(default_factory=dict)
    people: Mapping[str, Person] = field(default_factory=dict)
    actions: Mapping[str, Action] = field(default_factory=dict)
    policies: Mapping[str, Policy] = field(default_factory=dict)
    event_rules: tuple[EventRule, ...] = ()
    """Of several that concern an event the first counts."""
    schedules: Mapping[str, Schedule] = field(default_factory=dict)
    away: Mapping[str, tuple[Booking, ...]] = field(default_factory=dict)
    """Person to when they are away: nobody should be paged then."""
    heartbeats: Mapping[str, Heartbeat] = field(default_factory=dict)
    sources: Mapping[str, AlertSource] = field(default_factory=dict)
    moved: Mapping[str, Move] = field(default_factory=dict)
    """Service to how it moved between correlation domains; published with the files, not in them."""

    @cached_property
    def dependents(self) -> Mapping[str, Mapping[str, int]]:
        """Service to those that depend on it directly, each with its place in the catalog; worked out once, for catalogs are large."""
        found: dict[str, dict[str, int]] = {}
        for place, service in enumerate(self.services.values()):
            for under in service.depends_on:
                found.setdefault(under, {})[service.id] = place
        return found
