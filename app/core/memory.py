"""What an incident remembers of whom and what it affects, beyond the alerts that it shows; bounded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from app.core.bounds import AFFECTED, ENTITIES, ENTITY_CHARS, cut
from app.model.incident import Affected, Incident
from app.model.inputs import AlertSignal
from app.model.words import AlertStatus, Severity

MACHINES = ("node", "host", "instance")
"""Labels that name one and the same thing: a machine, with or without a port."""
PARTS = ("device", "volume", "mountpoint")
"""Labels that name a part of a machine, where one is named as well."""
MACHINE = "machine "
"""How the names of machines begin."""
SEVERAL = "several"
"""In place of a machine where there is more than one."""
LAST_RESORT = "instance"
"""Counts where no other entity is named, for exporters put their own there."""


def entities_of(labels: Mapping[str, str], names: Iterable[str]) -> list[str]:
    """Give the things of the estate that labels name, such as `pod cart-1`, `node n7`, `device sda of n7`."""
    named = [name for name in names if labels.get(name)]
    if named != [LAST_RESORT]:
        named = [name for name in named if name != LAST_RESORT]
    machine = next((_without_port(labels[name]) for name in MACHINES if name in named), "")
    return list(dict.fromkeys(cut(_entity(name, labels[name], machine), ENTITY_CHARS) for name in named))


def remember(
    incident: Incident, signal: AlertSignal, names: Iterable[str], began: datetime
) -> dict[str, object]:
    """Give the fields of an incident that take note of an alert that began then."""
    if signal.alert.status is not AlertStatus.FIRING:
        return {}
    held = affected_of(incident)
    fields: dict[str, object] = {}
    things = entities_of(signal.alert.labels, names)
    machine = next((thing for thing in things if thing.startswith(MACHINE)), "")
    if (known := held.get(signal.service)) is not None or len(held) < AFFECTED:
        before = known or Affected(first=began, last=began)
        one_more = _once_more(before, began, signal.severity, machine)
        fields["affected"] = {**held, signal.service: one_more}
    if things:
        fields["entities"] = _newest(incident.entities, things, began)
    return fields


def memory_of_both(one: Incident, other: Incident) -> dict[str, object]:
    """Give the fields of one incident that take in what another remembers."""
    affected = dict(affected_of(one))
    for name, theirs in affected_of(other).items():
        if (ours := affected.get(name)) is not None:
            affected[name] = _both(ours, theirs)
        elif len(affected) < AFFECTED:
            affected[name] = theirs
    entities = sorted({**other.entities, **one.entities}.items(), key=lambda each: (each[1], each[0]))
    return {"affected": affected, "entities": dict(entities[-ENTITIES:])}


def affected_of(incident: Incident) -> dict[str, Affected]:
    """Give the services that an incident affects, also of one that an older release opened."""
    if incident.affected:
        return incident.affected
    found: dict[str, Affected] = {}
    for view in incident.alerts:
        began = min(view.starts_at or incident.opened_at, incident.opened_at)
        known = found.get(view.service, Affected(first=began, last=began))
        found[view.service] = _once_more(known, began, view.severity)
    return found


def _once_more(known: Affected, began: datetime, severity: Severity, machine: str = "") -> Affected:
    if known.machine and machine not in ("", known.machine):
        machine = SEVERAL
    return known.model_copy(
        update={
            "first": min(known.first, began),
            "last": max(known.last, began),
            "count": known.count + 1,
            "machine": machine or known.machine,
            "severity": severity if severity.rank > known.severity.rank else known.severity,
        }
    )


def _both(ours: Affected, theirs: Affected) -> Affected:
    machines = {each.machine for each in (ours, theirs) if each.machine}
    return Affected(
        first=min(ours.first, theirs.first),
        last=max(ours.last, theirs.last),
        count=ours.count + theirs.count,
        severity=max(ours.severity, theirs.severity, key=lambda each: each.rank),
        machine=SEVERAL if len(machines) > 1 else next(iter(machines), ""),
        paged=ours.paged or theirs.paged,
    )


def _newest(held: Mapping[str, datetime], things: Iterable[str], began: datetime) -> dict[str, datetime]:
    kept = dict(held)
    for name in things:
        kept[name] = max(began, kept.pop(name, began))
    for name in list(kept)[: max(0, len(kept) - ENTITIES)]:
        del kept[name]
    return kept


def _entity(name: str, value: str, machine: str) -> str:
    if name in MACHINES:
        return MACHINE + _without_port(value)
    return f"{name} {value} of {machine}" if name in PARTS and machine else f"{name} {value}"


def _without_port(value: str) -> str:
    name, _, port = value.rpartition(":")
    return name if name and port.isdigit() else value
