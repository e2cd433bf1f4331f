"""A storm: 50,000 alerts of one cause within a minute cost bounded state and few notifications."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import pytest

from app.core.bounds import MEMBERS
from app.core.decide import decide_batch
from app.core.draft import Draft
from app.core.identity import alert_identity
from app.core.membership import hold
from app.core.record import dump, empty
from app.model.commands import ChatCommand, EscalationCommand, TicketCommand
from app.model.incident import DomainRecord
from app.model.inputs import Alert, AlertSignal
from app.model.library import Library
from app.model.matchers import parse_matcher
from app.model.noise import InhibitRule
from app.model.signals import Signal, SignalBatch
from app.model.words import AlertStatus, Severity
from tests.core.estate import library, look, mend, page, quiet, seconds
from tests.core.story import DOMAIN, START

MINUTE = 60
MESSAGE = 500
"""Signals of one message: intake puts what it reads at once into few, full ones."""
FULL = 50_000
SAMPLE = 6_000
"""More than an incident holds exactly."""


@dataclass
class Storm:
    """One domain while a storm lasts: its record, and what went out."""

    library: Library
    record: DomainRecord = field(default_factory=lambda: empty(DOMAIN))
    sent: Counter[str] = field(default_factory=Counter)
    largest: int = 0

    def blow(self, count: int, alert: Callable[[int], tuple[str, AlertStatus]]) -> Storm:
        """So many alerts within a minute; `alert` gives the fingerprint and status of each."""
        for first in range(0, count, MESSAGE):
            numbers = range(first, min(first + MESSAGE, count))
            self._take(
                [_signal(*alert(number), MINUTE * number / count) for number in numbers],
                MINUTE * first / count,
            )
        return self

    def _take(self, signals: list[Signal], second: float) -> None:
        batch = SignalBatch(domain=DOMAIN, library=self.library.hash, signals=signals)
        offset, at = self.record.applied_offset + 1, START + seconds(second)
        before = dump(self.record)
        decision = decide_batch(self.record, batch, offset, at, {self.library.hash: self.library})
        assert dump(self.record) == before, "what it was decided upon is not changed"
        self.record = decision.record
        self.largest = max(self.largest, len(dump(self.record)))
        self.sent.update(_kinds(decision.outputs))


def _kinds(outputs) -> Iterator[str]:
    for each in outputs:
        op = f".{each.op}" if isinstance(each, EscalationCommand) else ""
        yield type(each).__name__ + op


LABELS = {
    "alertname": "KubePodCrashLooping",
    "cluster": "eu-west-1-production",
    "namespace": "shop",
    "container": "cart",
    "job": "kube-state-metrics",
    "instance": "10.42.117.20:8080",
    "severity": "critical",
    "prometheus": "monitoring/k8s",
}
NOTES = {
    "summary": "Pod is crash looping",
    "description": "Pod shop/cart (cart) is in waiting state (reason: CrashLoopBackOff). " * 3,
    "runbook_url": "https://runbooks.example.com/KubePodCrashLooping",
}


def _signal(fingerprint: str, status: AlertStatus, second: float) -> Signal:
    starts = START + seconds(second)
    alert = Alert(
        labels={**LABELS, "pod": f"cart-{fingerprint}"},
        annotations=NOTES,
        status=status,
        starts_at=starts,
        ends_at=starts + seconds(1) if status is AlertStatus.RESOLVED else None,
        fingerprint=fingerprint,
    )
    body = AlertSignal(alert=alert, severity=Severity.CRITICAL, service="cart", environment="production")
    return Signal(identity=alert_identity(alert), body=body)


def one(_: int) -> tuple[str, AlertStatus]:
    return "a" * 16, AlertStatus.FIRING


def many(number: int) -> tuple[str, AlertStatus]:
    return f"{number:016x}", AlertStatus.FIRING


def one_that_flaps(number: int) -> tuple[str, AlertStatus]:
    return "a" * 16, AlertStatus.RESOLVED if number % 2 else AlertStatus.FIRING


def many_that_flap(number: int) -> tuple[str, AlertStatus]:
    return f"{number % 997:016x}", AlertStatus.RESOLVED if number % 2 else AlertStatus.FIRING


EVERYTHING = InhibitRule("all", (parse_matcher('cluster=~".+"'),), (parse_matcher('job="x"'),))
ESTATES = {"runbook": library(page(look(), mend(), quiet())), "none": library()}
SIZES = [SAMPLE, pytest.param(FULL, marks=pytest.mark.slow)]


@pytest.mark.parametrize("count", SIZES)
@pytest.mark.parametrize("estate", ESTATES)
@pytest.mark.parametrize("alert", [one, many, one_that_flaps, many_that_flap])
def test_a_storm_is_one_incident_one_page_and_few_messages(alert, estate, count) -> None:
    storm = Storm(ESTATES[estate]).blow(count, alert)
    (incident,) = storm.record.incidents.values()
    assert storm.largest < 512 * 1024
    assert storm.sent[ChatCommand.__name__] < 20
    again = incident.reopened  # before it is seen that it flaps
    assert storm.sent[f"{EscalationCommand.__name__}.notify"] == 1 + again
    assert again == 0 or (again <= 2 and alert in (one_that_flaps, many_that_flap))
    assert storm.sent[TicketCommand.__name__] < 10
    if alert is many:
        assert (incident.alert_count, incident.firing, incident.approximate) == (count, count, True)
        assert len(incident.members) == MEMBERS


@pytest.mark.parametrize("alert", [many, many_that_flap])
def test_a_storm_of_alerts_that_could_keep_others_quiet(alert) -> None:
    storm = Storm(replace(ESTATES["none"], inhibit=(EVERYTHING,))).blow(SAMPLE, alert)
    assert storm.largest < 512 * 1024


def test_a_storm_of_muted_alerts() -> None:
    rule = InhibitRule("all", EVERYTHING.source, (parse_matcher('pod!="cart-source"'),))
    storm = Storm(replace(ESTATES["none"], inhibit=(rule,))).blow(1, lambda _: ("source", AlertStatus.FIRING))
    storm.blow(SAMPLE, many)
    held = storm.record.quiet
    assert len(held.held) + held.beyond == SAMPLE
    assert storm.sent[f"{EscalationCommand.__name__}.notify"] == 1
    assert storm.sent["Standing"] == SAMPLE / MESSAGE
    assert storm.largest < 512 * 1024


def test_members_are_copied_once_a_message_and_not_for_each_alert() -> None:
    storm = Storm(ESTATES["none"]).blow(1, many)
    (incident,) = storm.record.incidents.values()
    draft = Draft(
        domain=DOMAIN,
        at=START,
        libraries={},
        library=storm.library,
        mode=None,
        incidents=dict(storm.record.incidents),
        changes=[],
        timers={},
    )
    dicts = []
    for number in range(1, 5):
        hold(draft, incident.id, _signal(f"{number:016x}", AlertStatus.FIRING, 1).body)
        dicts.append(draft.incidents[incident.id].members)
    assert all(each is dicts[0] for each in dicts)
    assert (len(dicts[0]), len(incident.members)) == (5, 1)
