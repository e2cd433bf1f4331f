"""The card of an incident: the one message that is pinned and kept up to date, and the buttons under it."""

from __future__ import annotations

from app.core.bounds import one_line
from app.core.correlation import OPEN
from app.model.commands import ChatBlock, ChatButton
from app.model.incident import Incident
from app.model.words import EscalationStatus, IncidentStatus, ResponseKind

ACKNOWLEDGE = ChatButton(id="acknowledge", label="Acknowledge", response=ResponseKind.ACKNOWLEDGE)
RESOLVE = ChatButton(id="resolve", label="Resolve", response=ResponseKind.RESOLVE)
REOPEN = ChatButton(id="reopen", label="Reopen", response=ResponseKind.REOPEN)


def card(incident: Incident) -> list[ChatBlock]:
    """Give the parts of the card."""
    return [
        ChatBlock(kind="header", text=f"[{incident.status}] {incident.title}"),
        ChatBlock(kind="facts", text=facts(incident)),
    ]


def buttons(incident: Incident) -> list[ChatButton]:
    """Give the buttons that make sense as the incident stands."""
    if incident.status in OPEN:
        return [RESOLVE] if incident.acknowledged_at is not None else [ACKNOWLEDGE, RESOLVE]
    return [REOPEN] if incident.status is IncidentStatus.RESOLVED else []


def responders_are(incident: Incident) -> str:
    """Say what the incident's responders are to it: on it only while somebody has acknowledged and not gone silent."""
    return "on it" if incident.acknowledged_at is not None else "responders"


def facts(incident: Incident) -> str:
    """Give what is known of an incident, as lines of `name: value`, under the summary of its first alert that has one."""
    runbook = incident.runbook_id or f"none ({incident.runbook_reason})"
    lines = [
        f"severity: {incident.severity}",
        f"service: {incident.service or 'unknown'}",
        f"environment: {incident.environment}",
        f"team: {incident.team or 'unknown'}",
        f"runbook: {runbook}",
        f"alerts: {incident.alert_count}, firing {incident.firing}",
    ]
    rings = (each.target for each in incident.escalations if each.status is EscalationStatus.NOTIFIED)
    ringing = dict.fromkeys(rings)  # somebody may be rung in several ways
    ticket = f"{incident.refs.get('ticket', '')} {incident.urls.get('ticket', '')}".strip()
    known = (
        ("paged", ", ".join(ringing)),
        (responders_are(incident), ", ".join(incident.responders)),
        ("ticket", ticket),
    )
    lines += [f"{name}: {value}" for name, value in known if value]
    summary = next(
        (view.annotations["summary"] for view in incident.alerts if "summary" in view.annotations), ""
    )
    return "\n".join(one_line(each) for each in ([summary, *lines] if summary else lines))
