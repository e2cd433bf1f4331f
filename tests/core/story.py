"""A timeline on virtual time: what happens at which second, and what the engine decided by then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from app.core.identity import alert_identity, fingerprint
from app.core.record import dump, load
from app.core.rehearsal import Rehearsal
from app.model.catalog import Action, Level, Person, Policy, Rules, Service, Team
from app.model.commands import Output
from app.model.expressions import ExpressionError, Template
from app.model.incident import DomainRecord, Incident
from app.model.inputs import (
    Actor,
    Alert,
    AlertSignal,
    Body,
    Response,
    ResponseSignal,
    StepResult,
    StepResultSignal,
    SystemEvent,
    SystemEventSignal,
    TimerFired,
    UserReport,
    UserReportSignal,
)
from app.model.library import Library
from app.model.matchers import Match, parse_matcher
from app.model.runbook import Retry, Runbook, Step, Wait
from app.model.signals import Signal, SignalBatch
from app.model.words import AlertStatus, AnswerStatus, Effect, Mode, Phase, ResponseKind, Severity

START = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
DOMAIN = "production/shop"


@dataclass(frozen=True)
class Says:
    """An expression for tests: a Python function under a name."""

    source: str
    function: Callable[[Mapping[str, Any]], Any]

    def evaluate(self, context: Mapping[str, Any]) -> Any:
        try:
            return self.function(context)
        except KeyError as missing:
            msg = f"no such key: {missing}"
            raise ExpressionError(msg) from missing


QUIET = Says("incident.firing == 0", lambda names: names["incident"]["firing"] == 0)


def label(name: str) -> Template:
    return Template(
        f"${{{{ trigger.labels.{name} }}}}",
        (Says(f"trigger.labels.{name}", lambda c: c["trigger"]["labels"][name]),),
    )


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def page(*steps: Step, **fields: Any) -> Runbook:
    given = {
        "id": "crash",
        "title": "Crash",
        "path": "crash.md",
        "hash": "h1",
        "owner": "shop",
        "steps": steps,
    }
    match = Match(((parse_matcher('alertname="Crash"'),),))
    return Runbook(**{**given, "match": match, **fields})


def look(**fields: Any) -> Step:
    given: dict[str, Any] = {"id": "look", "phase": Phase.DIAGNOSIS, "line": 1, "action": "k.describe"}
    return Step(**{**given, "timeout": seconds(30), "params": {"pod": label("pod")}, **fields})


def mend(**fields: Any) -> Step:
    given: dict[str, Any] = {"id": "mend", "phase": Phase.MITIGATION, "line": 9, "action": "k.undo"}
    return Step(**{**given, "timeout": seconds(60), **fields})


def quiet(**fields: Any) -> Step:
    wait = Wait(QUIET, hold=seconds(20), timeout=seconds(120))
    return Step(**{"id": "quiet", "phase": Phase.VERIFICATION, "line": 20, "wait": wait, **fields})


def library(*pages: Runbook, hash_: str = "lib1", **rules: Any) -> Library:
    level = Level(targets=("user:alice",), ack_timeout=seconds(300))
    return Library(
        hash=hash_,
        rules=Rules(
            **{
                "mode": Mode.AUTO,
                "team": "shop",
                "escalation": "last",
                "reopen_window": seconds(600),
                **rules,
            }
        ),
        runbooks={each.id: each for each in pages},
        teams={"shop": Team("shop", escalation="shop", chat="#shop", tickets="SHOP")},
        services={"cart": Service("cart", team="shop", system="shop")},
        people={"alice": Person("alice", "Alice", "pager/alice")},
        actions={
            "k.describe": Action("k.describe", Effect.READ),
            "k.scale": Action("k.scale", Effect.IDEMPOTENT),
            "k.undo": Action("k.undo", Effect.CHANGE),
        },
        policies={"shop": Policy("shop", levels=(level,)), "last": Policy("last", levels=(level,))},
    )


@dataclass
class Story:
    """One domain's life. Each thing that happens is one `signals` message; timers fire exactly when due."""

    library: Library
    news: list[Output] = field(default_factory=list)
    """What the newest happening put out."""
    mode: Mode | None = None

    def __post_init__(self) -> None:
        self.world = Rehearsal(self.library, START)

    @property
    def record(self) -> DomainRecord:
        return self.world.record(DOMAIN)

    @property
    def outputs(self) -> list[Output]:
        return self.world.outputs

    @property
    def libraries(self) -> dict[str, Library]:
        return self.world.libraries

    @property
    def log(self) -> list[tuple[SignalBatch, datetime]]:
        """The messages of the story's domain, with their append times."""
        return [(batch, at) for batch, _, at in self.world.log if batch.domain == DOMAIN]

    @property
    def now(self) -> datetime:
        return self.world.now

    def publish(self, newer: Library) -> None:
        self.library = newer
        self.world.publish(newer)

    def at(self, second: float) -> Story:
        """Go on to that second after the start; what falls due on the way happens."""
        self.world.go_to(START + seconds(second))
        self.news = []
        return self

    def apply(self, *signals: Signal, domain: str = DOMAIN) -> list[Output]:
        self.world.mode = self.mode
        self.news = self.world.apply(domain, *signals)
        for record in self.world.records.values():
            assert load(dump(record)) == record
        return self.news

    def alert(
        self, name: str = "Crash", *, status: str = "firing", starts: float | None = 0, **labels: str
    ) -> list[Output]:
        return self.apply(alert_signal(name, status=status, starts=starts, **labels))

    def resolves(
        self, name: str = "Crash", *, starts: float | None = 0, lasts: float = 5, **labels: str
    ) -> list[Output]:
        return self.apply(alert_signal(name, status="resolved", starts=starts, lasts=lasts, **labels))

    def answers(self, command: Any, status: str = "succeeded", **fields: Any) -> list[Output]:
        result = StepResult(
            id=fields.pop("id", f"r{len(self.log)}"),
            command_id=command.id,
            object_id=command.object_id,
            domain=DOMAIN,
            status=AnswerStatus(status),
            **fields,
        )
        return self.happens(StepResultSignal(result=result), f"step_result:{result.id}")

    def responds(self, kind: str | None, **fields: Any) -> list[Output]:
        incident = next(iter(self.record.incidents), "")
        given = {
            "id": f"p{len(self.log)}",
            "incident_id": incident,
            "actor": Actor(provider="chat", id="bob"),
        }
        response = Response(
            response=ResponseKind(kind) if kind else None, domain=DOMAIN, **{**given, **fields}
        )
        return self.happens(ResponseSignal(response=response), f"response:{response.id}")

    def deploys(self, service: str = "cart") -> list[Output]:
        event = SystemEvent(id=f"e{len(self.log)}", type="deploy", service=service, summary="v2")
        return self.happens(SystemEventSignal(event=event), f"system_event:{event.id}")

    def reports(self, text: str = "the cart is empty") -> list[Output]:
        report = UserReport(id=f"u{len(self.log)}", text=text, reporter="carol")
        return self.happens(UserReportSignal(report=report), f"user_report:{report.id}")

    def fire_timer(self, fired: TimerFired) -> list[Output]:
        self.news = self.world.fire(DOMAIN, fired)
        return self.news

    def happens(self, body: Body, identity: str) -> list[Output]:
        return self.apply(Signal(identity=identity, body=body))

    @property
    def incident(self) -> Incident:
        """The only incident that the record holds."""
        (incident,) = self.record.incidents.values()
        return incident

    def put_out(self, kind: type, **fields: Any) -> list[Any]:
        """All outputs of a kind whose fields are as given."""
        return [
            o for o in self.outputs if type(o) is kind and all(getattr(o, n) == v for n, v in fields.items())
        ]


def alert_signal(
    name: str = "Crash",
    *,
    status: str = "firing",
    starts: float | None = 0,
    lasts: float = 5,
    **labels: str,
) -> Signal:
    severity = labels.setdefault("severity", "warning")
    labels = {"alertname": name, "pod": "cart-1", **labels}
    began = None if starts is None else START + seconds(starts)
    alert = Alert(
        labels=labels, annotations={"summary": f"{name} it is"}, status=AlertStatus(status), starts_at=began
    )
    if status == "resolved":
        alert = alert.model_copy(update={"ends_at": (began or START) + seconds(lasts)})
    alert = alert.model_copy(update={"fingerprint": fingerprint(labels)})
    body = AlertSignal(alert=alert, severity=Severity(severity), service="cart", environment="production")
    return Signal(identity=alert_identity(alert), body=body)


def retrying(step: Step, attempts: int, initial: float = 2) -> Step:
    return replace(step, retry=Retry(attempts=attempts, initial=seconds(initial)))
