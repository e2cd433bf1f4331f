"""An incident's alerts: held exactly up to a bound, beyond it counted; shown as a sample."""

from __future__ import annotations

import math
from collections.abc import Sequence

from app.core.bounds import MEMBERS, OWN_MEMBERS, SAMPLE_ALERTS, SAMPLE_BYTES, bounded_view
from app.core.draft import Draft
from app.core.memory import remember
from app.core.sources import expect_repeats
from app.model.evidence import AlertView
from app.model.incident import Incident, Member
from app.model.inputs import Alert, AlertSignal
from app.model.words import AlertStatus, Severity, Urgency


def view_of(signal: AlertSignal) -> AlertView:
    """Give an alert as people and expressions see it."""
    alert = signal.alert
    return AlertView(
        fingerprint=alert.fingerprint,
        name=alert.name,
        status=alert.status,
        severity=signal.severity,
        service=signal.service,
        labels=alert.labels,
        annotations=alert.annotations,
        starts_at=alert.starts_at,
        ends_at=alert.ends_at,
        generator_url=alert.generator_url,
    )


def signal_of(view: AlertView, environment: str) -> AlertSignal:
    """Give an alert that an incident shows as it came in."""
    alert = Alert(
        labels=view.labels,
        annotations=view.annotations,
        status=view.status,
        starts_at=view.starts_at,
        ends_at=view.ends_at,
        generator_url=view.generator_url,
        fingerprint=view.fingerprint,
    )
    return AlertSignal(alert=alert, severity=view.severity, service=view.service, environment=environment)


def hold(draft: Draft, incident_id: str, signal: AlertSignal) -> None:
    """Hold the alert's newest state: members, counts, sample, common labels, severity."""
    incident = draft.incidents[incident_id]
    fields = _counts(draft, incident, signal.alert)
    fields |= remember(incident, signal, draft.library.correlation.entity_labels, draft.onset(signal))
    view = bounded_view(view_of(signal))
    fields["alerts"] = _sample(incident.alerts, view)
    if signal.alert.status is AlertStatus.FIRING:
        fields["labels"] = _common(incident, signal.alert)
        if signal.severity.rank > incident.severity.rank:
            fields |= {"severity": signal.severity, "urgency": urgency_of(signal.severity)}
    draft.update(incident_id, **fields)
    if "approximate" not in fields:
        _note(draft.own_members(incident_id), signal.alert)
    expect_repeats(draft, incident_id, signal.alert)


def since(member: Member, before: Incident, now: Incident) -> Member:
    """Give what is remembered of an alert that another incident holds now: times are counted from an incident's opening."""
    if member.e is None:
        return member
    return member.model_copy(
        update={"e": member.e + math.ceil((before.opened_at - now.opened_at).total_seconds())}
    )


def keep_within_bounds(draft: Draft, incident_id: str) -> None:
    """Count the alerts of an incident that came from elsewhere beyond those that the domain has room for; first it keeps what it shows."""
    incident = draft.incidents[incident_id]
    members, room = incident.members, _room(draft, incident)
    if len(members) <= room:
        return
    shown = {view.fingerprint for view in incident.alerts}
    first = sorted(members, key=lambda each: (each not in shown, not members[each].f, each))
    draft.update(
        incident_id,
        members={each: members[each] for each in first[:room]},
        overflow_firing=incident.overflow_firing + sum(members[each].f for each in first[room:]),
        approximate=True,
    )


def common_labels(views: Sequence[AlertView]) -> dict[str, str]:
    """Give the labels that alerts have in common."""
    first = views[0].labels if views else {}
    return {name: value for name, value in first.items() if all(v.labels.get(name) == value for v in views)}


def urgency_of(severity: Severity) -> Urgency:
    """Give the urgency that a severity asks for: critical and error are high."""
    return Urgency.HIGH if severity in (Severity.CRITICAL, Severity.ERROR) else Urgency.LOW


def _counts(draft: Draft, incident: Incident, alert: Alert) -> dict[str, object]:
    fires = alert.status is AlertStatus.FIRING
    held = incident.members.get(alert.fingerprint)
    if held is None and len(incident.members) >= _room(draft, incident):
        overflow = max(0, incident.overflow_firing + (1 if fires else -1))
        firing = incident.firing - incident.overflow_firing + overflow
        count = incident.alert_count + (1 if fires else 0)
        return {"overflow_firing": overflow, "firing": firing, "alert_count": count, "approximate": True}
    firing = incident.firing - (1 if held and held.f else 0) + (1 if fires else 0)
    return {"firing": firing, "alert_count": incident.alert_count + (0 if held else 1)}


def _note(members: dict[str, Member], alert: Alert) -> None:
    held = members.get(alert.fingerprint)
    starts = [each for each in (alert.starts_at, held.s if held else None) if each is not None]
    members[alert.fingerprint] = Member(f=alert.status is AlertStatus.FIRING, s=max(starts, default=None))


def _room(draft: Draft, incident: Incident) -> int:
    """Give how many alerts the incident may hold exactly, beside those of the domain's others."""
    others = sum(len(each.members) for each in draft.incidents.values()) - len(incident.members)
    return max(OWN_MEMBERS, MEMBERS - others)


def _sample(views: list[AlertView], view: AlertView) -> list[AlertView]:
    if any(each.fingerprint == view.fingerprint for each in views):
        return [view if each.fingerprint == view.fingerprint else each for each in views]
    if len(views) >= SAMPLE_ALERTS:
        return views
    size = sum(_size(each) for each in views) + _size(view)
    return [*views, view] if size <= SAMPLE_BYTES or not views else views


def _size(view: AlertView) -> int:
    texts = [*view.labels.items(), *view.annotations.items()]
    return 200 + len(view.generator_url) + sum(len(name) + len(text) + 6 for name, text in texts)


def _common(incident: Incident, alert: Alert) -> dict[str, str]:
    if not incident.members:
        return alert.labels
    return {name: value for name, value in incident.labels.items() if alert.labels.get(name) == value}
