"""A night in shadow, minute by minute: incidents, our pages, the pager's, and runs of runbooks."""

from datetime import UTC, datetime, timedelta

from app.core.shadow.pages import PagerPage
from app.core.shadow.report import Found, compare
from app.core.slo import Window
from app.model.catalog import Person, Service, Team
from app.model.commands import EscalationCommand, StepCommand
from app.model.evidence import AlertView
from app.model.execution import Execution
from app.model.incident import IncidentSnapshot
from app.model.inputs import Actor
from app.model.library import Library
from app.model.outputs import IncidentEvent
from app.model.words import Mode, Severity, Urgency

START = datetime(2026, 11, 24, 3, tzinfo=UTC)
LIBRARY = Library(
    hash="lib",
    people={
        "alice": Person("alice", "Alice Arslan", identities=("pagerduty:PX1", "slack:U1")),
        "bruno": Person("bruno", "Bruno Baptista"),
    },
    teams={"shop": Team("shop")},
    services={
        "cart": Service("cart", "Shopping cart", "shop"),
        "search": Service("search", "Search", "shop"),
    },
)


def at(minute):
    return START + timedelta(minutes=minute)


def minutes(count):
    return timedelta(minutes=count)


def an_alert(name="CartDown", service="cart", **labels):
    return AlertView(
        fingerprint="f",
        name=name,
        status="firing",
        severity="critical",
        service=service,
        labels={"alertname": name, **labels},
    )


def an_incident(name="one", opened=0, resolved=None, **fields):
    facts = {
        "id": name,
        "version": 1,
        "domain": "production/shop",
        "title": "Nobody can pay in the cart",
        "severity": Severity.CRITICAL,
        "urgency": Urgency.HIGH,
        "service": "cart",
        "team": "shop",
        "mode": Mode.SHADOW,
        "opened_at": at(opened),
        "resolved_at": None if resolved is None else at(resolved),
        "alerts": [an_alert(service=fields.get("service", "cart"))],
    }
    return IncidentSnapshot(**facts | fields)


def command_fields(incident, minute, **fields):
    return {
        "id": f"{incident}-{minute}-{sorted(fields.items())}",
        "object_id": f"{incident}-{fields}",
        "revision": 1,
        "domain": "production/shop",
        "incident_id": incident,
        "severity": Severity.CRITICAL,
        "urgency": Urgency.HIGH,
        "title": "it",
        "mode": Mode.SHADOW,
        "issued_at": at(minute),
    } | fields


def we_page(incident="one", minute=0, target="user:alice", op="notify", reason="critical"):
    kind, _, name = target.partition(":")
    facts = {"op": op, "target": target, "reason": reason, "policy": "shop", "level": 1}
    person = name if kind == "user" else ""
    return EscalationCommand(**command_fields(incident, minute, **facts, person_id=person))


def they_page(minute=0, title="CartDown", service="", to=("PX1",), id_="P1", **fields):
    return PagerPage(id_, at(minute), title, service, to, **fields)


def an_event(incident="one", type_="IncidentResolved", reason="by_person", seq=1, actor="carol"):
    return IncidentEvent(
        id=f"{incident}-{seq}",
        seq=seq,
        incident_id=incident,
        domain="production/shop",
        type=type_,
        reason=reason,
        at=START,
        cause="x",
        actor=Actor(provider="chat", id=actor) if actor else None,
        mode=Mode.SHADOW,
    )


def an_execution(name="run", started=0, runbook="crash", **fields):
    facts = {
        "id": name,
        "runbook_id": runbook,
        "runbook_hash": "h",
        "library": "lib",
        "trigger": an_alert(),
        "mode": Mode.SHADOW,
        "started_at": at(started),
    }
    return Execution(**facts | fields)


def we_run(step="undo", minute=0, execution="run", effect="change", incident="one", **fields):
    facts = {
        "op": "run",
        "object_id": f"{execution}/{step}",
        "execution_id": execution,
        "step": step,
        "attempt": 1,
        "idempotency_key": "k",
        "action": f"k.{step}",
        "effect": effect,
        "result_by": at(minute),
        "runbook_id": "crash",
        "runbook_hash": "h",
    }
    return StepCommand(**command_fields(incident, minute, **facts | fields))


def report(*, library=LIBRARY, start=-60, end=300, near=15, **found):
    return compare(Found(**found), library, Window(at(start), at(end)), minutes(near))
