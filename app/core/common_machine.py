"""Which young incidents one machine explains together: what runs there may take it from all others there, though none needs another."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from app.core.common_change import Explained, may_be_part
from app.core.correlation import same_side
from app.core.memory import MACHINE, affected_of, entities_of
from app.model.incident import Incident
from app.model.library import Library

RUNS_ON = ("node", "host")
"""Labels of the machine that something runs on; `instance` may be the address of who looks at it, such as an exporter of the whole cluster."""


def crowded_with(
    incident: Incident, incidents: Iterable[Incident], library: Library, at: datetime
) -> Explained | None:
    """Give the open incidents that are about the same machine as this one, where enough services fire there; None where there are none.

    An incident is about a machine if its alerts name no other, and more than half of its services fire there.
    """
    machine, least = _machine_of(incident), library.correlation.merge_crowd
    if not machine or not least or not may_be_part(incident, library, at):
        return None
    near = [
        each
        for each in sorted(incidents, key=lambda each: (each.opened_at, each.id))
        if each.id != incident.id
        and same_side(each, incident.mode)
        and _machine_of(each) == machine
        and may_be_part(each, library, at)
    ]
    crowd = _crowd(incident, machine) if near else set()
    beside = [(each, theirs) for each in near if (theirs := _crowd(each, machine))]
    there = crowd.union(*(theirs for _, theirs in beside))
    if not crowd or not beside or len(there) < least:
        return None
    words = f"{machine}, where {len(there)} services fire, and they on no other"
    return Explained(tuple(each for each, _ in beside), words)


def _machine_of(incident: Incident) -> str:
    """Give the one machine that an incident's alerts name; empty where they name none, or several."""
    machines = [name for name in incident.entities if name.startswith(MACHINE)]
    return machines[0] if len(machines) == 1 else ""


def _crowd(incident: Incident, machine: str) -> set[str]:
    """Give the services that fire on a machine, if they are more than half of those that an incident affects; else none."""
    there = {
        view.service
        for view in incident.alerts
        if view.service and machine in entities_of(view.labels, RUNS_ON)
    }
    affected = [name for name in affected_of(incident) if name]
    return there if 2 * len(there) > len(affected) else set()
