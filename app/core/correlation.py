"""Which incident an alert belongs to, and why.

For now a domain has one open incident at a time, and one more while shadow and live are there side by side: what is
decided live never joins an incident in shadow, where it would page nobody, nor the other way round.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from app.model.base import Instant
from app.model.incident import Incident, Member
from app.model.inputs import Alert
from app.model.words import AlertStatus, IncidentStatus, Mode, Severity

OPEN = (IncidentStatus.TRIGGERED, IncidentStatus.ACKNOWLEDGED, IncidentStatus.MITIGATED)


@dataclass(frozen=True)
class Correlation:
    """What is to be done with an alert."""

    verdict: Literal["open", "join", "reopen", "ignore"]
    reason: str
    incident_id: str = ""


def correlate(alert: Alert, severity: Severity, mode: Mode, incidents: Iterable[Incident]) -> Correlation:
    """Find the incident that the alert joins or reopens, or say that it opens one, or that it changes nothing.

    `mode` is that of an incident that the alert would open now.
    """
    if severity is Severity.NONE:
        return Correlation("ignore", "severity_none")
    newest_first = sorted(incidents, key=lambda each: _nearness(alert, each), reverse=True)
    for incident in newest_first:
        member = incident.members.get(alert.fingerprint)
        known = _known(alert, incident, member) if member is not None else None
        if known is not None and (_same_side(incident, mode) or not _comes_back(alert, member, known)):
            return known
    if alert.status is AlertStatus.RESOLVED:
        return _resolved_beyond(newest_first)
    current = find_open(newest_first, mode)
    if current is not None:
        return Correlation("join", "same_domain", current.id)
    return Correlation("open", "first_alert")


def find_open(incidents: Iterable[Incident], mode: Mode) -> Incident | None:
    """Give the open incident of the domain that something decided in that mode belongs to, if any."""
    return next((each for each in incidents if each.status in OPEN and _same_side(each, mode)), None)


def _nearness(alert: Alert, incident: Incident) -> tuple[bool, Instant, str]:
    """Give what sorts incidents: where the alert fires now is nearest, then the newest."""
    member = incident.members.get(alert.fingerprint)
    fires_there = incident.status in OPEN and member is not None and member.f
    return fires_there, incident.opened_at, incident.id


def _same_side(incident: Incident, mode: Mode) -> bool:
    return (incident.mode is Mode.SHADOW) == (mode is Mode.SHADOW)


def _comes_back(alert: Alert, member: Member | None, known: Correlation) -> bool:
    """Tell whether the alert begins a new story there, rather than going on with one."""
    fires_anew = alert.status is AlertStatus.FIRING and member is not None and not member.f
    return known.verdict == "reopen" or (known.verdict == "join" and fires_anew)


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
    for incident in incidents:
        if incident.status in OPEN and incident.overflow_firing:
            return Correlation("join", "beyond_exact_members", incident.id)
    return Correlation("ignore", "resolved_and_unknown")
