"""The sample library: whole, free of advice, and each page does for its alert what its cases say, by the production engine."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

import pytest

from app.core.context import context_of
from app.core.domains import place_alert
from app.core.identity import alert_identity, fingerprint
from app.core.render import render_prose
from app.library.compile import compile_library
from app.library.folder import read_folder, read_tests
from app.library.lint import lint
from app.model.commands import EscalationCommand, StepCommand
from app.model.inputs import Alert, AlertSignal
from app.model.runbook import Runbook
from app.model.signals import Signal
from app.model.words import Effect, ExecutionStatus, Mode, Phase
from app.rehearse.coverage import missed
from app.rehearse.mutants import survivors
from app.rehearse.play import play
from app.rehearse.suite import read_suite
from app.resources import runbooks_dir
from tests.core.story import START, Story

FILES = read_folder(runbooks_dir())
LIBRARY = compile_library(FILES)
SUITE, PROBLEMS = read_suite(read_tests(runbooks_dir()), LIBRARY)
PLAYED = {page: [(case, play(case, LIBRARY)) for case in cases] for page, cases in SUITE.items()}
PHASES_OF_A_PAGE = ("Meaning", "Impact", "Diagnosis", "Mitigation", "Follow-up")
AT_LEAST = 60
"""How many cases there are altogether, or more."""


@dataclass(frozen=True)
class Case:
    """An alert as its rule gives it, and what it gets."""

    page: str
    service: str
    labels: dict[str, str]


NODE_EXPORTER = {"job": "node-exporter", "instance": "10.0.3.7:9100", "device": "/dev/sda1", "fstype": "ext4"}
STATE_METRICS = {"job": "kube-state-metrics", "service": "kube-prometheus-stack-kube-state-metrics"}
CRASH = {
    **STATE_METRICS,
    "alertname": "KubePodCrashLooping",
    "severity": "warning",
    "namespace": "shop",
    "pod": "cart-6d5f7-x2x",
    "container": "cart",
    "reason": "CrashLoopBackOff",
}
GROWING = {
    "alertname": "ContainerMemoryGrowing",
    "severity": "warning",
    "namespace": "shop",
    "pod": "search-1",
    "container": "search",
}
ERRORS = {"alertname": "HighErrorRate", "severity": "critical", "namespace": "shop", "service": "checkout"}
BURN = {
    "alertname": "ErrorBudgetBurn",
    "severity": "critical",
    "slo": "checkout-latency",
    "service": "checkout",
    "namespace": "shop",
    "exhaustion": "4d",
    "long": "1h",
    "short": "5m",
}
DNS = {"alertname": "CoreDNSErrorsHigh", "severity": "critical"}
CERT = {
    "alertname": "CertManagerCertExpirySoon",
    "severity": "warning",
    "exported_namespace": "shop",
    "namespace": "cert-manager",
    "name": "shop-tls",
}
PROBE = {
    "alertname": "BlackboxSslCertificateWillExpireSoon",
    "severity": "warning",
    "job": "blackbox",
    "instance": "https://shop.example",
}
LAG = {
    "alertname": "KafkaConsumerLag",
    "severity": "warning",
    "consumergroup": "orders",
    "topic": "order-events",
}
POOL = {
    "alertname": "PostgresqlTooManyConnections",
    "severity": "critical",
    "instance": "orders-db-0:9187",
    "job": "postgres",
}
BACKUP = {
    **STATE_METRICS,
    "alertname": "BackupMissed",
    "severity": "warning",
    "namespace": "backup",
    "cronjob": "nightly",
}
CASES = {
    "crash": Case("kube-pod-crash-looping", "cart", CRASH),
    "crash with few labels": Case(
        "kube-pod-crash-looping",
        "cart",
        {"alertname": "KubePodCrashLooping", "namespace": "shop", "pod": "cart-1", "severity": "critical"},
    ),
    "node not ready": Case(
        "kube-node-not-ready",
        "nodes",
        {**STATE_METRICS, "alertname": "KubeNodeNotReady", "severity": "warning", "node": "worker-3"},
    ),
    "node unreachable": Case(
        "kube-node-not-ready",
        "nodes",
        {**STATE_METRICS, "alertname": "KubeNodeUnreachable", "severity": "warning", "node": "worker-3"},
    ),
    "memory": Case("memory-keeps-growing", "search", GROWING),
    "volume": Case(
        "KubePersistentVolumeFillingUp",
        "orders-db",
        {
            "alertname": "KubePersistentVolumeFillingUp",
            "severity": "critical",
            "namespace": "data",
            "persistentvolumeclaim": "data-orders-db-0",
            "pod": "orders-db-0",
        },
    ),
    "system disk": Case(
        "node-filesystem-filling",
        "nodes",
        {
            **NODE_EXPORTER,
            "alertname": "NodeFilesystemSpaceFillingUp",
            "severity": "warning",
            "mountpoint": "/var",
        },
    ),
    "data disk": Case(
        "node-filesystem-filling",
        "nodes",
        {
            **NODE_EXPORTER,
            "alertname": "NodeFilesystemAlmostOutOfSpace",
            "severity": "critical",
            "mountpoint": "/srv",
        },
    ),
    "errors": Case("high-error-rate", "checkout", ERRORS),
    "slow": Case("latency-slo-burn", "checkout", BURN),
    "certificate": Case("certificate-expiring", "ingress", CERT),
    "certificate from outside": Case("certificate-expiring", "ingress", PROBE),
    "names": Case("dns-failures", "dns", DNS),
    "lag": Case("kafka-consumer-lag", "orders", LAG),
    "lag of a stranger": Case("kafka-consumer-lag", "", {**LAG, "consumergroup": "reports"}),
    "standby": Case(
        "postgres-replication-lag",
        "orders-db",
        {"alertname": "PostgresqlReplicationLag", "severity": "critical", "instance": "orders-db-0:9187"},
    ),
    "connections": Case("connection-pool-exhausted", "orders-db", POOL),
    "backup": Case("backup-missed", "backups", BACKUP),
}


def opened(case: Case) -> Story:
    """The case's alert has just opened its incident."""
    alert = Alert(
        labels=case.labels,
        annotations={"summary": "It is so"},
        starts_at=START,
        fingerprint=fingerprint(case.labels),
    )
    placed = place_alert(alert, LIBRARY)
    story = Story(LIBRARY)
    body = AlertSignal(
        alert=alert, severity=placed.severity, service=placed.service, environment=placed.environment
    )
    story.apply(Signal(identity=alert_identity(alert), body=body))
    return story


def test_it_is_whole_and_nobody_has_advice() -> None:
    assert [str(problem) for problem in lint(FILES)] == []


def test_it_acts_by_itself_and_every_service_has_an_owner_who_can_be_paged() -> None:
    assert LIBRARY.rules.mode is Mode.AUTO
    for service in LIBRARY.services.values():
        policy = LIBRARY.policies[LIBRARY.teams[service.team].escalation]
        for level in policy.levels:
            for target in level.targets:
                kind, _, name = target.partition(":")
                assert kind == "channel" or name in LIBRARY.people
        assert set(service.depends_on) <= set(LIBRARY.services)
    assert 10 <= len(LIBRARY.services) <= 15
    assert len(LIBRARY.runbooks) >= 12


def test_an_approval_can_be_given_by_two_people_at_least() -> None:
    providers = {
        identity.partition(":")[0] for person in LIBRARY.people.values() for identity in person.identities
    }
    assert set(LIBRARY.rules.trusted) == providers
    assert all(person.identities for person in LIBRARY.people.values())
    assert all(len(team.members) >= 2 for team in LIBRARY.teams.values())


@pytest.mark.parametrize("page", LIBRARY.runbooks.values(), ids=lambda page: page.id)
def test_every_page_has_its_parts(page: Runbook) -> None:
    headings = re.findall(r"^## (.+)$", page.body.source, re.MULTILINE)
    assert [each for each in headings if each != "Verification"] == list(PHASES_OF_A_PAGE)
    if acting := [step for step in page.steps if is_acting(step)]:
        assert all(step.phase is Phase.MITIGATION for step in acting)
        assert any(step.phase is Phase.VERIFICATION for step in page.steps), "what was changed is verified"
    if page.match.alternatives:
        reasons = [step.condition or step.foreach for step in acting]
        assert None not in reasons, "nothing is changed without a reason"


def is_acting(step: Any) -> bool:
    return bool(step.uses) or (bool(step.action) and LIBRARY.actions[step.action].effect is not Effect.READ)


def test_a_change_is_tried_once_for_what_was_seen_and_is_looked_at_when_its_answer_is_lost() -> None:
    changes = [
        (page.id, step)
        for page in LIBRARY.runbooks.values()
        for step in page.steps
        if step.action and LIBRARY.actions[step.action].effect is Effect.CHANGE
    ]
    assert changes
    for page, step in changes:
        assert step.retry.attempts == 1, f"{page}: {step.id}"
        assert step.probe is not None, f"{page}: {step.id}"
        assert step.precondition, f"{page}: {step.id}"


def test_every_action_is_used_and_every_guard_is_of_one_that_acts() -> None:
    steps = [step for page in LIBRARY.runbooks.values() for step in page.steps]
    more = [part for step in steps for part in (step.rollback, step.probe and step.probe.step) if part]
    assert set(LIBRARY.actions) - {step.action for step in (*steps, *more)} == set()
    for name in {*LIBRARY.guards.commands, *LIBRARY.guards.blast} - {"*"}:
        assert LIBRARY.actions[name].effect is not Effect.READ


def test_a_page_is_used_by_others() -> None:
    users = [
        page.id for page in LIBRARY.runbooks.values() for step in page.steps if step.uses == "undo-deploy"
    ]
    assert sorted(users) == ["high-error-rate", "kube-pod-crash-looping"]


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_alert_gets_its_service_and_its_page(case: Case) -> None:
    story = opened(case)
    assert (story.incident.service, story.incident.runbook_id) == (case.service, case.page)
    if LIBRARY.runbooks[case.page].steps:
        assert len(story.put_out(StepCommand, attempt=1)) >= 1


def test_every_page_that_alerts_select_is_among_them() -> None:
    selected = {page.id for page in LIBRARY.runbooks.values() if page.match.alternatives or page.is_checklist}
    assert {case.page for case in CASES.values()} == selected


# The cases beside the pages


def test_every_page_has_cases_and_there_are_many() -> None:
    assert [str(problem) for problem in PROBLEMS] == []
    assert set(SUITE) == set(LIBRARY.runbooks)
    assert sum(map(len, SUITE.values())) >= AT_LEAST


@pytest.mark.parametrize("page", PLAYED)
def test_all_is_as_the_cases_say(page: str) -> None:
    assert [(case.name, played.differences) for case, played in PLAYED[page] if not played.is_good] == []


@pytest.mark.parametrize("page", PLAYED)
def test_it_is_so_as_well_where_pages_have_to_earn_that_they_act_alone(page: str) -> None:
    strict = replace(LIBRARY, guards=replace(LIBRARY.guards, runs_to_auto=5))
    assert [case.name for case in SUITE[page] if not play(case, strict).is_good] == []


@pytest.mark.parametrize("page", PLAYED)
def test_the_cases_reach_all_that_a_page_can_come_to(page: str) -> None:
    facts = [played.facts for _, played in PLAYED[page]]
    assert [f"{goal.step} {goal.what}" for goal in missed(LIBRARY.runbooks[page], facts)] == []


@pytest.mark.parametrize("page", PLAYED)
def test_the_cases_notice_whatever_a_page_loses(page: str) -> None:
    number, alive = survivors(LIBRARY.runbooks[page], LIBRARY, SUITE[page])
    assert [f"{mutant.step}: {mutant.words}" for mutant in alive] == []
    assert bool(number) is bool(LIBRARY.runbooks[page].steps)


@pytest.mark.parametrize("page", PLAYED)
def test_no_expression_of_a_page_fails_and_who_is_needed_is_called(page: str) -> None:
    for case, played in PLAYED[page]:
        run = played.facts.execution
        if run is None:
            continue
        assert not [step for step in run.steps if step.reason == "expression_error"], case.name
        if run.status in (ExecutionStatus.FAILED, ExecutionStatus.TIMED_OUT):
            assert played.facts.calls, case.name


@pytest.mark.parametrize("page", PLAYED)
def test_the_commands_for_people_are_ready_to_paste(page: str) -> None:
    good = [played.facts for case, played in PLAYED[page] if case.expect.outcome and is_done(played.facts)]
    assert good
    for facts in good:
        assert facts.incident is not None
        prose = render_prose(LIBRARY.runbooks[page].body, context_of(facts.incident, facts.execution))
        shown = re.sub(r"^```yaml.*?^```", "", prose, flags=re.MULTILINE | re.DOTALL)
        assert "${{" not in shown


def is_done(facts: Any) -> bool:
    return facts.execution is None or facts.execution.status is ExecutionStatus.SUCCEEDED


def test_a_critical_crash_loop_is_one_page_and_one_step_command() -> None:
    story = opened(CASES["crash with few labels"])
    (page,) = story.put_out(EscalationCommand)
    (command,) = story.put_out(StepCommand)
    assert (page.op, page.target) == ("notify", "user:alice")
    assert (command.op, command.step, command.attempt) == ("run", "last_state", 1)
    assert command.params == {"namespace": "shop", "pod": "cart-1"}
