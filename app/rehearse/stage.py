"""The stage of a case: the engine, its virtual time, and all that is to come to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from heapq import heapify, heappop, heappush
from itertools import count
from typing import assert_never

from app.core.domains import place_alert, place_event
from app.core.identity import alert_identity, fingerprint
from app.core.rehearsal import Rehearsal, with_a_pager
from app.model.base import to_instant
from app.model.commands import StepCommand
from app.model.incident import DomainRecord
from app.model.inputs import (
    Alert,
    AlertSignal,
    Response,
    ResponseSignal,
    StepResult,
    StepResultSignal,
    SystemEvent,
    SystemEventSignal,
)
from app.model.library import Library
from app.model.notices import CONTROL
from app.model.outputs import Output
from app.model.signals import Signal
from app.model.words import AlertStatus, AnswerStatus, Mode, ResponseKind
from app.rehearse.cases import AlertNews, Answer, Case, Expectation, Happening, PastChange, Standing, Wish
from app.rehearse.compare import Difference, compare
from app.rehearse.executor import answer_to
from app.rehearse.facts import Facts
from app.rehearse.people import CannotError, response_of, was_refused

HORIZON = timedelta(days=2)
"""A case that has not ended by then is over."""
SOON = timedelta(seconds=1)
Helpers = Callable[[Facts], Iterable[Wish | AlertNews]]
"""What further people do, and which alerts change, a second after the engine has come so far."""


class Stage:
    """The engine, executors and people."""

    def __init__(
        self,
        case: Case,
        library: Library,
        control: DomainRecord,
        start: datetime,
        *,
        mode: Mode | None = None,
        helpers: Helpers | None = None,
    ) -> None:
        self.case, self.library, self.start = case, library, to_instant(start)
        self.world = Rehearsal(with_a_pager(library), self.start, mode)
        self.world.records[CONTROL] = control
        self.differences: list[Difference] = []
        """What could not happen as the case says, or was not as it must be at a moment."""
        self._helpers = helpers
        self._due: list[tuple[datetime, int, Happening | StepResult]] = []
        self._number = count(1)
        self._looked_at = 0
        self._alerts: list[Alert] = []
        self._domain, self._incident, self._calls_before = "", "", 0

    @property
    def facts(self) -> Facts:
        return Facts(self.case.page, self.start, self.world.outputs, self._incident, self._calls_before)

    def open(self) -> None:
        """Let happen what is given: how automation stands, changes, alerts, and the run by hand."""
        given = self.case.given
        if Standing.PAUSED in given.standing:
            self._respond(Response(id="pause", domain=CONTROL, response=ResponseKind.PAUSE))
        for change in sorted(given.changes, key=lambda each: each.ago, reverse=True):
            self.world.now = self.start - change.ago
            self._change(change)
        self.world.now = self.start
        labels = {"alertname": "Rehearsed", "severity": "warning"} if given.by else {}
        labels |= given.labels
        self._fire(labels)
        self._domain = place_alert(self._alerts[0], self.library).domain
        self._incident = next(iter(self.world.record(self._domain).incidents), "")
        for other in given.others:
            self._fire({**labels, **other})
        if given.by:
            self._run_by_hand()
        for happening in self.case.then:
            heappush(self._due, (self.start + happening.at, next(self._number), happening))

    def _run_by_hand(self) -> None:
        self._calls_before = len(self.facts.calls)
        wish = Wish(self.case.given.by, ResponseKind.RUN)
        response = response_of(wish, "run", self._domain, self.facts)
        fields = {"runbook_id": self.case.page, "output": self.case.given.inputs}
        self._take(wish, response.model_copy(update=fields), self.case.line)

    def run(self) -> None:
        """Let time pass until all has happened and no run is under way."""
        self._look()
        while not (self.facts.is_over and not self._due):
            timer = self.world.next_timer()
            moments = [self._due[0][0]] if self._due else []
            moments += [timer[1].due] if timer else []
            if not moments or min(moments) > self.start + HORIZON:
                return
            self.world.go_to(max(self.world.now, min(moments)))
            self._look()
            while self._due and self._due[0][0] <= self.world.now:
                self._happen(heappop(self._due)[2])
                self._look()

    def _look(self) -> None:
        """Give executors the new commands; one that is cancelled is not answered any more."""
        fresh = self.world.outputs[self._looked_at :]
        self._looked_at = len(self.world.outputs)
        for command in fresh:
            if not isinstance(command, StepCommand):
                continue
            if command.op == "cancel":
                self._due = [each for each in self._due if not _answers(each[2], command)]
                heapify(self._due)
                continue
            answer = answer_to(command, self.facts.name_of(command), self.case.answers)
            if answer.status is not None:
                due = self.world.now + answer.after
                heappush(self._due, (due, next(self._number), _result(command, answer)))
        for event in self._helpers(self.facts) if self._helpers else ():
            happening = Happening(self.world.now - self.start, self.case.line, "it goes well", event)
            heappush(self._due, (self.world.now + SOON, next(self._number), happening))

    def _happen(self, what: Happening | StepResult) -> None:
        if isinstance(what, StepResult):
            self._apply(
                what.domain, Signal(identity=f"step_result:{what.id}", body=StepResultSignal(result=what))
            )
            return
        event = what.event
        match event:
            case Wish():
                self._do(event, what)
            case AlertNews():
                self._hear(event)
            case PastChange():
                self._change(event)
            case Expectation():
                self.differences += compare(event, self.facts)
            case _:
                assert_never(event)

    def _do(self, wish: Wish, happening: Happening) -> None:
        try:
            response = response_of(wish, f"then/{next(self._number)}", self._domain, self.facts)
        except CannotError as error:
            if wish.in_vain:
                return
            self.differences.append(Difference(happening.line, happening.words, "it can be done", str(error)))
            return
        self._take(wish, response, happening.line, happening.words)

    def _take(self, wish: Wish, response: Response, line: int, words: str = "run by hand") -> None:
        refusal = was_refused(self._respond(response))
        if bool(refusal) is not wish.in_vain:
            expected = "it is refused" if wish.in_vain else "it is done"
            self.differences.append(Difference(line, words, expected, refusal or "it was done"))

    def _respond(self, response: Response) -> list[Output]:
        signal = Signal(identity=f"response:{response.id}", body=ResponseSignal(response=response))
        return self._apply(response.domain, signal)

    def _fire(self, labels: dict[str, str]) -> None:
        alert = Alert(
            labels=labels,
            annotations=dict(self.case.given.annotations),
            starts_at=self.world.now,
            fingerprint=fingerprint(labels),
        )
        self._alerts = [each for each in self._alerts if each.fingerprint != alert.fingerprint] + [alert]
        self._tell(alert)

    def _hear(self, news: AlertNews) -> None:
        if news.fires:
            self._fire({**self._alerts[0].labels, **news.labels})
            return
        for alert in self._alerts:
            if news.labels.items() <= alert.labels.items():
                self._tell(
                    alert.model_copy(update={"status": AlertStatus.RESOLVED, "ends_at": self.world.now})
                )

    def _tell(self, alert: Alert) -> None:
        place = place_alert(alert, self.library)
        body = AlertSignal(
            alert=alert, severity=place.severity, service=place.service, environment=place.environment
        )
        self._apply(place.domain, Signal(identity=alert_identity(alert), body=body))

    def _change(self, change: PastChange) -> None:
        event = SystemEvent(
            id=f"change/{next(self._number)}",
            type=change.type,
            service=change.service,
            summary=change.summary,
        )
        signal = Signal(identity=f"system_event:{event.id}", body=SystemEventSignal(event=event))
        self._apply(place_event(event, self.library).domain, signal)

    def _apply(self, domain: str, *signals: Signal) -> list[Output]:
        return self.world.apply(domain, *signals)


def _answers(due: Happening | StepResult, command: StepCommand) -> bool:
    return isinstance(due, StepResult) and due.object_id == command.object_id


def _result(command: StepCommand, answer: Answer) -> StepResult:
    return StepResult(
        id=f"{command.id}/answer",
        command_id=command.id,
        object_id=command.object_id,
        domain=command.domain,
        status=answer.status or AnswerStatus.UNKNOWN,
        retryable=answer.retryable,
        output=answer.output,
        reason=answer.reason,
    )
