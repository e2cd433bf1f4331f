"""Which incident an alert belongs to, and why. For now a domain has one open incident at a time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from app.model.base import Instant
from app.model.incident import Incident, Member
from app.model.inputs import Alert
from app.model.words import AlertStatus, IncidentStatus, Severity

OPEN = (IncidentStatus.TRIGGERED, IncidentStatus.ACKNOWLEDGED, IncidentStatus.MITIGATED)


@dataclass(frozen=True)
class Correlation:
    """What is to be done with an alert."""

    verdict: Literal["open", "join", "reopen", "ignore"]
    reason: str
    incident_id: str = ""


def correlate(alert: Alert, severity: Severity, incidents: Iterable[Incident]) -> Correlation:
    """Find the incident that the alert joins or reopens, or say that it opens one, or that it changes nothing."""
    if severity is Severity.NONE:
        return Correlation("ignore", "severity_none")
    newest_first = sorted(incidents, key=lambda each: (each.opened_at, each.id), reverse=True)
    for incident in newest_first:
        member = incident.members.get(alert.fingerprint)
        if member is not None and (known := _known(alert, incident, member)) is not None:
            return known
    if alert.status is AlertStatus.RESOLVED:
        return _resolved_beyond(newest_first)
    current = find_open(newest_first)
    if current is not None:
        return Correlation("join", "same_domain", current.id)
    return Correlation("open", "first_alert")


def find_open(incidents: Iterable[Incident]) -> Incident | None:
    """Give the open incident of the domain, if any."""
    return next((incident for incident in incidents if incident.status in OPEN), None)


def _known(alert: Alert, incident: Incident, member: Member) -> Correlation | None:
    """Judge an alert that the incident has already; None where it belongs to a later story."""
    if incident.status in OPEN:
        return _known_in_open(alert, incident, member)
    if alert.status is AlertStatus.RESOLVED:
        return Correlation("ignore", "incident_is_resolved")
    if alert.starts_at is not None and member.s is not None and alert.starts_at <= member.s:
        return Correlation("ignore", "same_firing_as_resolved")
    return Correlation("reopen", "fires_again", incident.id)


def _known_in_open(alert: Alert, incident: Incident, member: Member) -> Correlation:
    fires = alert.status is AlertStatus.FIRING
    same_start = alert.starts_at is None or alert.starts_at == member.s
    if alert.starts_at is not None and member.s is not None and alert.starts_at < member.s:
        if member.f and not fires and _ends_it_all_the_same(alert, member.s):
            return Correlation("join", "known_alert", incident.id)
        return Correlation("ignore", "older_than_known")
    if fires == member.f and same_start:
        return Correlation("ignore", "unchanged")
    if fires and not member.f and same_start and alert.starts_at is not None:
        return Correlation("ignore", "already_resolved")
    return Correlation("join", "known_alert", incident.id)


def _ends_it_all_the_same(alert: Alert, fires_since: Instant) -> bool:
    """Tell whether an end with an earlier beginning is about this firing.

    Of two monitoring replicas one may have seen it fire earlier, and Alertmanager sends their merged alert; and an end
    that was posted by hand reaches us from there with a beginning that equals it.
    """
    starts, ends = alert.starts_at, alert.ends_at
    return starts is not None and ends is not None and (ends > fires_since or starts >= ends)


def _resolved_beyond(incidents: list[Incident]) -> Correlation:
    """A resolved alert that no incident holds may be one of those beyond what an incident holds exactly."""
    current = find_open(incidents)
    if current is not None and current.overflow_firing:
        return Correlation("join", "beyond_exact_members", current.id)
    return Correlation("ignore", "resolved_and_unknown")
