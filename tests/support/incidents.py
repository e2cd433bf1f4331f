"""Incidents as the topic holds them, for tests of what reads them: a whole one, changed as a case needs."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

from app.model.escalation import Escalation
from app.model.evidence import AlertView, Change
from app.model.execution import Execution, StepRun
from app.model.incident import IncidentSnapshot, TimelineEntry
from app.model.inputs import Actor
from app.model.words import Mode, Severity, Urgency

NOW = datetime(2026, 11, 3, 3, 12, 0, tzinfo=UTC)
ALICE = Actor(provider="pager", id="alice")


def ago(**length: float) -> datetime:
    return NOW - timedelta(**length)


def an_id(name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, name))


def an_alert(**fields) -> AlertView:
    facts = {
        "fingerprint": "00000000000000aa",
        "name": "KubePodCrashLooping",
        "status": "firing",
        "severity": Severity.CRITICAL,
        "service": "cart",
        "labels": {
            "alertname": "KubePodCrashLooping",
            "namespace": "shop",
            "pod": "cart-1",
            "severity": "critical",
        },
        "annotations": {"summary": "Pod shop/cart-1 is crash looping"},
    }
    return AlertView(**facts | fields)


def an_execution(**fields) -> Execution:
    facts = {
        "id": an_id("execution"),
        "runbook_id": "kube-pod-crash-looping",
        "runbook_hash": "ab" * 32,
        "library": "current",
        "trigger": an_alert(),
        "mode": Mode.AUTO,
        "started_at": ago(minutes=5),
        "steps": [
            StepRun(
                step="last_state",
                phase="diagnosis",
                status="succeeded",
                reason="succeeded",
                attempt=2,
                effect="read",
                output={"reason": "OOMKilled", "exit_code": 137},
                started_at=ago(minutes=5),
                ended_at=ago(minutes=4, seconds=40),
            ),
            StepRun(step="undo_deploy", phase="mitigation", status="running", attempt=1, effect="change"),
            StepRun(step="quiet", phase="verification"),
        ],
    }
    return Execution(**facts | fields)


def a_page(**fields) -> Escalation:
    facts = {
        "id": an_id("page"),
        "policy": "shop",
        "level": 1,
        "target": "user:alice",
        "person_id": "alice",
        "reason": "critical",
        "status": "notified",
        "notified_at": ago(minutes=5),
        "ack_by": ago(minutes=0),
    }
    return Escalation(**facts | fields)


def an_incident(name: str = "one", **fields) -> IncidentSnapshot:
    facts = {
        "id": an_id(name),
        "version": 1,
        "domain": "production/checkout",
        "title": "Pod shop/cart-1 is crash looping",
        "severity": Severity.CRITICAL,
        "urgency": Urgency.HIGH,
        "environment": "production",
        "service": "cart",
        "team": "shop",
        "mode": Mode.AUTO,
        "opened_at": ago(minutes=5),
        "firing": 1,
        "alert_count": 1,
        "alerts": [an_alert()],
        "runbook_id": "kube-pod-crash-looping",
        "runbook_reason": "match",
        "changes": [
            Change(id="d1", type="deploy", service="cart", subject="cart", summary="v42", at=ago(minutes=9))
        ],
        "timeline": [
            TimelineEntry(
                seq=1, at=ago(minutes=5), type="IncidentOpened", reason="first_alert", text="opened"
            ),
            TimelineEntry(
                seq=2, at=ago(minutes=5), type="Escalated", reason="critical", text="paged user:alice"
            ),
        ],
    }
    return IncidentSnapshot(**facts | fields)


def resolved(
    name: str, *, after_minutes: float = 5, opened: datetime | None = None, **fields
) -> IncidentSnapshot:
    start = opened or ago(minutes=30)
    end = start + timedelta(minutes=after_minutes)
    facts = {
        "status": "resolved",
        "opened_at": start,
        "resolved_at": end,
        "firing": 0,
        "reason": "alerts_resolved",
    }
    return an_incident(name, **facts | fields)
