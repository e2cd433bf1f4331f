"""The names that expressions may use: `incident`, `trigger`, `steps`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from app.model.incident import AlertView, Execution, IncidentSnapshot
from app.model.words import AlertStatus, Mode, Severity, Urgency


def context_of(incident: IncidentSnapshot, execution: Execution | None) -> dict[str, Any]:
    """Give JSON-like values for expressions; without an execution the first alert is the trigger and no step is known."""
    trigger = execution.trigger if execution else (incident.alerts[0] if incident.alerts else None)
    return {
        "incident": {
            "id": incident.id,
            "title": incident.title,
            "status": incident.status.value,
            "severity": incident.severity.value,
            "service": incident.service,
            "team": incident.team,
            "environment": incident.environment,
            "labels": dict(incident.labels),
            "firing": incident.firing,
            "alert_count": incident.alert_count,
            "alerts": [_alert(view) for view in incident.alerts],
            "changes": [
                {"id": c.id, "type": c.type, "service": c.service, "subject": c.subject, "summary": c.summary}
                for c in incident.changes
            ],
        },
        "trigger": _alert(trigger) if trigger else {"labels": {}, "annotations": {}},
        "steps": {
            run.step: {"status": run.status.value, "reason": run.reason, "output": dict(run.output)}
            for run in (execution.steps if execution else ())
        },
    }


def known_fields() -> dict[str, list[str]]:
    """Give the fields right under `incident` and `trigger`, by name of what bears them."""
    alert = AlertView(fingerprint="", name="", status=AlertStatus.FIRING, severity=Severity.INFO, labels={})
    incident = IncidentSnapshot(
        id="",
        domain="",
        title="",
        severity=Severity.INFO,
        urgency=Urgency.LOW,
        mode=Mode.SHADOW,
        opened_at=datetime(2026, 1, 1, tzinfo=UTC),
        alerts=[alert],
    )
    names = context_of(incident, None)
    return {name: sorted(names[name]) for name in ("incident", "trigger")}


def _alert(view: AlertView) -> dict[str, Any]:
    return {
        "name": view.name,
        "status": view.status.value,
        "severity": view.severity.value,
        "service": view.service,
        "labels": dict(view.labels),
        "annotations": dict(view.annotations),
    }
