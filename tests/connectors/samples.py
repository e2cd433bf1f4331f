"""Commands for tests."""

from datetime import UTC, datetime, timedelta

from app.model.commands import ChatCommand, EscalationCommand, StepCommand

DOMAIN = "production/checkout"
FAR = datetime.now(UTC) + timedelta(hours=1)


def step(number=1, **fields):
    facts = {
        "id": f"00000000-0000-5000-8000-{number:012d}",
        "object_id": "step-1",
        "revision": number,
        "domain": DOMAIN,
        "incident_id": "inc-1",
        "severity": "critical",
        "urgency": "high",
        "title": "Pod is crash looping",
        "mode": "auto",
        "issued_at": datetime.now(UTC),
        "not_after": FAR,
        "op": "run",
        "execution_id": "exe-1",
        "step": "describe",
        "attempt": 1,
        "idempotency_key": "key-1",
        "action": "kubernetes.describe",
        "effect": "read",
        "result_by": FAR,
        "runbook_id": "kube-pod-crash-looping",
        "runbook_hash": "0" * 64,
    }
    return StepCommand.model_validate(facts | fields)


def chat(number=1, **fields):
    facts = {
        "id": f"00000000-0000-5000-8000-{number:012d}",
        "object_id": "thread-1",
        "revision": number,
        "domain": DOMAIN,
        "incident_id": "inc-1",
        "severity": "critical",
        "urgency": "high",
        "title": "Pod is crash looping",
        "mode": "auto",
        "issued_at": datetime.now(UTC),
        "op": "post",
        "conversation": "#shop",
    }
    return ChatCommand.model_validate(facts | fields)


def escalation(number=1, **fields):
    facts = {
        "id": f"00000000-0000-5000-8000-{number:012d}",
        "object_id": "page-1",
        "revision": number,
        "domain": DOMAIN,
        "incident_id": "inc-1",
        "severity": "critical",
        "urgency": "high",
        "title": "Pod is crash looping",
        "mode": "auto",
        "issued_at": datetime.now(UTC),
        "op": "notify",
        "policy": "shop",
        "level": 1,
        "target": "user:alice",
        "reason": "critical",
    }
    return EscalationCommand.model_validate(facts | fields)
