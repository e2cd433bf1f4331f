"""A timeline on virtual time: what happens at which second, and what the engine decided by then."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from app.core.identity import alert_identity, fingerprint
from app.core.record import dump, load
from app.core.rehearsal import Rehearsal
from app.model.commands import ChatCommand, StepCommand
from app.model.control import Control
from app.model.execution import Execution, StepRun
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
from app.model.notices import CONTROL, Notice
from app.model.outputs import IncidentEvent, Output
from app.model.signals import Signal, SignalBatch
from app.model.words import AlertStatus, AnswerStatus, Mode, ResponseKind, Severity
from tests.core.estate import seconds

START = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
DOMAIN = "production/shop"


@dataclass
class Story:
    """One domain's life. Each thing that happens is one `signals` message; timers fire exactly when due."""

    library: Library
    news: list[Output] = field(default_factory=list)
    """What the newest happening put out."""
    mode: Mode | None = None
    domain: str = DOMAIN
    service: str = "cart"
    world: Rehearsal = None  # type: ignore[assignment]  # made below, unless it is shared
    tried: dict[str, DomainRecord] = field(default_factory=dict)
    """The newest record of each domain that was written and read again."""

    def __post_init__(self) -> None:
        self.world = self.world or Rehearsal(self.library, START)

    def beside(self, service: str) -> Story:
        """Another domain's life in the same world."""
        return Story(self.library, domain=f"production/{service}", service=service, world=self.world)

    @property
    def record(self) -> DomainRecord:
        return self.world.record(self.domain)

    @property
    def control(self) -> Control:
        return self.world.record(CONTROL).control or Control()

    @property
    def outputs(self) -> list[Output]:
        return self.world.outputs

    @property
    def libraries(self) -> dict[str, Library]:
        return self.world.libraries

    @property
    def log(self) -> list[tuple[SignalBatch, datetime]]:
        """The messages of the story's domain, with their append times."""
        return [(batch, at) for batch, _, at in self.world.log if batch.domain == self.domain]

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

    def apply(self, *signals: Signal, domain: str = "") -> list[Output]:
        self.world.mode = self.mode
        self.news = self.world.apply(domain or self.domain, *signals)
        for name, record in self.world.records.items():
            if self.tried.get(name) is not record:  # frozen: what was tried once stays as it is
                assert load(dump(record)) == record
                self.tried[name] = record
        return self.news

    def alert(
        self, name: str = "Crash", *, status: str = "firing", starts: float | None = 0, **labels: str
    ) -> list[Output]:
        return self.apply(alert_signal(name, status=status, starts=starts, of_service=self.service, **labels))

    def resolves(
        self, name: str = "Crash", *, starts: float | None = 0, lasts: float = 5, **labels: str
    ) -> list[Output]:
        return self.apply(
            alert_signal(
                name, status="resolved", starts=starts, lasts=lasts, of_service=self.service, **labels
            )
        )

    def answers(self, command: Any, status: str = "succeeded", **fields: Any) -> list[Output]:
        result = StepResult(
            id=fields.pop("id", f"r{len(self.log)}"),
            command_id=command.id,
            object_id=command.object_id,
            domain=self.domain,
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
            response=ResponseKind(kind) if kind else None, domain=self.domain, **{**given, **fields}
        )
        return self.happens(ResponseSignal(response=response), f"response:{response.id}")

    def asks(self, person: str, kind: str, **fields: Any) -> list[Output]:
        """A person that the trusted chat vouches for asks for something."""
        return self.responds(kind, **{"actor": vouched(person), **fields})

    def approves(self, person: str, step: str = "mend", kind: str = "approve", **fields: Any) -> list[Output]:
        """A person answers the newest question about a step."""
        asked = [
            button for chat in self.put_out(ChatCommand) for button in chat.buttons if button.step == step
        ]
        given = {"object_id": asked[-1].object_id, "incident_id": "", **fields}
        return self.asks(person, kind, **given)

    def operator(self, kind: str, **fields: Any) -> list[Output]:
        """An operator asks something of all automation."""
        response = Response(
            id=f"o{len(self.world.log)}",
            response=ResponseKind(kind),
            domain=CONTROL,
            **{"actor": vouched("carol"), **fields},
        )
        signal = Signal(identity=f"response:{response.id}", body=ResponseSignal(response=response))
        return self.apply(signal, domain=CONTROL)

    def answer(self, step: str, status: str = "succeeded", **fields: Any) -> list[Output]:
        """The executor answers the newest command of a step."""
        return self.answers(self.put_out(StepCommand, op="run", step=step)[-1], status, **fields)

    def deploys(self, service: str = "cart") -> list[Output]:
        event = SystemEvent(id=f"e{len(self.log)}", type="deploy", service=service, summary="v2")
        return self.happens(SystemEventSignal(event=event), f"system_event:{event.id}")

    def reports(self, text: str = "the cart is empty", service: str = "") -> list[Output]:
        report = UserReport(id=f"u{len(self.log)}", text=text, reporter="carol", service=service)
        return self.happens(UserReportSignal(report=report), f"user_report:{report.id}")

    def fire_timer(self, fired: TimerFired) -> list[Output]:
        self.news = self.world.fire(DOMAIN, fired)
        return self.news

    def happens(self, body: Body, identity: str) -> list[Output]:
        return self.apply(Signal(identity=identity, body=body))

    def sent(self, step: str = "") -> list[tuple[str, str, int]]:
        """The step commands so far."""
        return [
            (each.op, each.step, each.attempt)
            for each in self.put_out(StepCommand)
            if not step or each.step == step
        ]

    def told(self, kind: str) -> list[str]:
        """The reasons of the incident's events of a type."""
        return [each.reason for each in self.put_out(IncidentEvent, type=kind)]

    @property
    def execution(self) -> Execution:
        """The newest execution that no other uses."""
        return [run for run in self.incident.executions if not run.parent_id][-1]

    @property
    def child(self) -> Execution:
        """The newest execution that another uses."""
        return [run for run in self.incident.executions if run.parent_id][-1]

    def run_of(self, step: str) -> StepRun:
        """The newest run of a step in whatever execution."""
        return next(
            run for each in reversed(self.incident.executions) for run in each.steps if run.step == step
        )

    def state(self, step: str) -> tuple[str, str]:
        """A step's status and why."""
        run = self.run_of(step)
        return run.status.value, run.reason

    @property
    def incident(self) -> Incident:
        """The only incident that the record holds."""
        (incident,) = self.record.incidents.values()
        return incident

    def put_out(self, kind: type, /, **fields: Any) -> list[Any]:
        """All outputs of a kind whose fields are as given."""
        return [o for o in self.outputs if type(o) is kind and self._is_mine(o) and _bears(o, fields)]

    def _is_mine(self, output: Output) -> bool:
        return isinstance(output, Notice) or getattr(output, "domain", self.domain) == self.domain


def _bears(output: Output, fields: dict[str, Any]) -> bool:
    return all(getattr(output, name) == value for name, value in fields.items())


def vouched(person: str) -> Actor:
    return Actor(provider="slack", id=person, verified_by="slack")


def alert_signal(
    name: str = "Crash",
    *,
    status: str = "firing",
    starts: float | None = 0,
    lasts: float = 5,
    of_service: str = "cart",
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
    body = AlertSignal(alert=alert, severity=Severity(severity), service=of_service, environment="production")
    return Signal(identity=alert_identity(alert), body=body)
