"""The sample library: whole, free of advice, and each page does for its alert what it says, by the production engine."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from app.core.context import context_of
from app.core.domains import place_alert
from app.core.executions import running
from app.core.identity import alert_identity, fingerprint
from app.core.render import render_prose
from app.library.compile import compile_library
from app.library.folder import read_folder
from app.library.lint import lint
from app.model.commands import EscalationCommand, StepCommand
from app.model.inputs import Alert, AlertSignal
from app.model.signals import Signal
from app.model.words import Effect, IncidentStatus, Mode, Phase
from app.resources import runbooks_dir
from tests.core.story import START, Story

FILES = read_folder(runbooks_dir())
LIBRARY = compile_library(FILES)
PHASES_OF_A_PAGE = ("Meaning", "Impact", "Diagnosis", "Mitigation", "Follow-up")


@dataclass(frozen=True)
class Case:
    """An alert as its rule gives it, what the looks find, and which mitigations that leads to."""

    page: str
    service: str
    labels: dict[str, str]
    finds: dict[str, dict[str, Any]] = field(default_factory=dict)
    mitigates: tuple[str, ...] = ()
    deployed: str = ""


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
CART = {
    "last_state": {"workload": "deployment/cart", "last_reason": "Error", "exit_code": 1},
    "last_words": {"lines": []},
}
STABLE = {
    "state": "Stable",
    "members": 3,
    "partitions": 12,
    "lag": 90000,
    "committed_per_second": 41.5,
    "produced_per_second": 80.0,
}

CASES = {
    "crash after a deploy": Case("kube-pod-crash-looping", "cart", CRASH, CART, ("undo_deploy",), "cart"),
    "crash without one": Case("kube-pod-crash-looping", "cart", CRASH, CART),
    "crash after another's": Case("kube-pod-crash-looping", "cart", CRASH, CART, (), "checkout"),
    "crash with few labels": Case(
        "kube-pod-crash-looping",
        "cart",
        {"alertname": "KubePodCrashLooping", "namespace": "shop", "pod": "cart-1", "severity": "critical"},
        CART,
    ),
    "crash of a stateful set": Case(
        "kube-pod-crash-looping",
        "cart",
        CRASH,
        {**CART, "last_state": {"workload": "statefulset/cart"}},
        (),
        "cart",
    ),
    "one node": Case(
        "kube-node-not-ready",
        "nodes",
        {**STATE_METRICS, "alertname": "KubeNodeNotReady", "severity": "warning", "node": "worker-3"},
        {"all_nodes": {"total": 12, "not_ready": 1, "cordoned": 0}, "this_node": {"ready": False}},
        ("cordon",),
    ),
    "many nodes": Case(
        "kube-node-not-ready",
        "nodes",
        {**STATE_METRICS, "alertname": "KubeNodeUnreachable", "severity": "warning", "node": "worker-3"},
        {"all_nodes": {"total": 12, "not_ready": 5, "cordoned": 0}, "this_node": {"ready": False}},
    ),
    "memory near its limit": Case(
        "memory-keeps-growing",
        "search",
        GROWING,
        {
            "near_limit": {"value": 0.93},
            "owner": {"workload": "deployment/search"},
            "replicas": {"replicas": 3, "ready": 3},
        },
        ("replace_pod",),
    ),
    "memory of an only replica": Case(
        "memory-keeps-growing",
        "search",
        GROWING,
        {
            "near_limit": {"value": 0.93},
            "owner": {"workload": "deployment/search"},
            "replicas": {"replicas": 1, "ready": 1},
        },
    ),
    "memory that nothing measures": Case(
        "memory-keeps-growing",
        "search",
        GROWING,
        {
            "near_limit": {"samples": 0},
            "owner": {"workload": "deployment/search"},
            "replicas": {"replicas": 3, "ready": 3},
        },
    ),
    "memory of a stateful set": Case(
        "memory-keeps-growing",
        "search",
        GROWING,
        {"near_limit": {"value": 1}, "owner": {"workload": "statefulset/search"}},
    ),
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
        {"usage": {"used_percent": 91}},
        ("clean_caches",),
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
        {"usage": {"used_percent": 98}},
    ),
    "errors after a deploy": Case(
        "high-error-rate",
        "checkout",
        ERRORS,
        {"state": {"replicas": 4}, "error_ratio": {"value": 0.3}},
        ("undo_deploy",),
        "checkout",
    ),
    "errors without one": Case(
        "high-error-rate", "checkout", ERRORS, {"state": {"replicas": 4}, "error_ratio": {"value": 0.3}}
    ),
    "slow for want of CPU": Case(
        "latency-slo-burn",
        "checkout",
        BURN,
        {"throttled": {"value": 0.4}, "state": {"replicas": 4, "ready": 4}},
        ("scale_out",),
    ),
    "slow for another reason": Case(
        "latency-slo-burn",
        "checkout",
        BURN,
        {"throttled": {"value": 0}, "state": {"replicas": 4, "ready": 4}},
    ),
    "slow and large": Case(
        "latency-slo-burn",
        "checkout",
        BURN,
        {"throttled": {"value": 0.4}, "state": {"replicas": 8, "ready": 8}},
    ),
    "certificate": Case(
        "certificate-expiring",
        "ingress",
        CERT,
        {"certificate": {"ready": False, "issuer_ready": True}},
        ("renew",),
    ),
    "certificate of a broken issuer": Case(
        "certificate-expiring", "ingress", CERT, {"certificate": {"ready": False, "issuer_ready": False}}
    ),
    "certificate from outside": Case("certificate-expiring", "ingress", PROBE, {"served": {"days_left": 9}}),
    "names inside": Case(
        "dns-failures",
        "dns",
        DNS,
        {"inside": {"asked": 40, "failed": 4}, "outside": {"failed": 4}, "state": {"replicas": 2}},
        ("scale_out",),
    ),
    "names outside": Case(
        "dns-failures",
        "dns",
        DNS,
        {"inside": {"asked": 40, "failed": 0}, "outside": {"failed": 4}, "state": {"replicas": 2}},
    ),
    "names after a deploy": Case(
        "dns-failures",
        "dns",
        DNS,
        {"inside": {"asked": 40, "failed": 4}, "outside": {"failed": 4}, "state": {"replicas": 2}},
        ("undo_coredns",),
        "dns",
    ),
    "lag of too few": Case(
        "kafka-consumer-lag",
        "orders",
        LAG,
        {"group": STABLE, "workload": {"replicas": 3, "ready": 3}},
        ("scale_out",),
    ),
    "lag of the dead": Case(
        "kafka-consumer-lag",
        "orders",
        LAG,
        {"group": {**STABLE, "state": "Empty", "members": 0}, "workload": {"replicas": 3, "ready": 0}},
    ),
    "lag of a stranger": Case(
        "kafka-consumer-lag", "", {**LAG, "consumergroup": "reports"}, {"group": STABLE}
    ),
    "standby": Case(
        "postgres-replication-lag",
        "orders-db",
        {"alertname": "PostgresqlReplicationLag", "severity": "critical", "instance": "orders-db-0:9187"},
        {"replication": {"lag_seconds": 640}, "activity": {"active": 12}},
    ),
    "idle transactions": Case(
        "connection-pool-exhausted",
        "orders-db",
        POOL,
        {"activity": {"idle_in_transaction": 80, "oldest_transaction_seconds": 4210}},
        ("end_idle",),
    ),
    "busy connections": Case(
        "connection-pool-exhausted",
        "orders-db",
        POOL,
        {"activity": {"idle_in_transaction": 0, "oldest_transaction_seconds": 12.5}},
    ),
    "backup": Case(
        "backup-missed",
        "backups",
        BACKUP,
        {"cronjob": {"suspended": False, "active": 0}, "events": {"count": 0}},
        ("run_again",),
    ),
    "backup that is suspended": Case(
        "backup-missed",
        "backups",
        BACKUP,
        {"cronjob": {"suspended": True, "active": 0}, "events": {"count": 0}},
    ),
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
    if case.deployed:
        story.deploys(case.deployed)
    body = AlertSignal(
        alert=alert, severity=placed.severity, service=placed.service, environment=placed.environment
    )
    story.apply(Signal(identity=alert_identity(alert), body=body))
    return story


def played(case: Case) -> Story:
    """The case's looks have been answered, and then whatever mitigation was sent."""
    story = opened(case)
    answered: set[str] = set()
    while waiting := [each for each in story.put_out(StepCommand, op="run") if each.id not in answered]:
        for command in waiting:
            answered.add(command.id)
            if command.effect is Effect.READ and command.step in case.finds:
                story.answers(command, output=case.finds[command.step])
            elif command.effect is not Effect.READ or _phase(case.page, command.step) is Phase.VERIFICATION:
                story.answers(command)
            else:
                pytest.fail(f"the case says nothing of look {command.step}")
    return story


def _phase(page: str, step: str) -> Phase:
    return next(each.phase for each in LIBRARY.runbooks[page].steps if each.id == step)


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


@pytest.mark.parametrize("page", LIBRARY.runbooks.values(), ids=lambda page: page.id)
def test_every_page_has_its_parts_and_its_cases(page: Any) -> None:
    headings = re.findall(r"^## (.+)$", page.body.source, re.MULTILINE)
    assert [each for each in headings if each != "Verification"] == list(PHASES_OF_A_PAGE)
    assert any(case.page == page.id for case in CASES.values())
    acting = [s for s in page.steps if s.action and LIBRARY.actions[s.action].effect is not Effect.READ]
    assert all(step.phase is Phase.MITIGATION for step in acting)
    assert all(step.condition is not None for step in acting), "nothing is changed without a reason"
    if acting:
        assert any(step.wait for step in page.steps), "what was changed is verified"
    longest = sum((s.timeout * s.retry.attempts for s in page.steps if not s.wait), timedelta())
    longest = max(longest, *(s.wait.timeout for s in page.steps if s.wait)) if acting else longest
    assert longest < page.budget, "the budget leaves each step its time"


def test_an_action_that_changes_things_is_tried_once() -> None:
    for page in LIBRARY.runbooks.values():
        for step in page.steps:
            if step.action and LIBRARY.actions[step.action].effect is Effect.CHANGE:
                assert step.retry.attempts == 1, f"{page.id}: {step.id}"


def test_every_action_is_used() -> None:
    used = {step.action for page in LIBRARY.runbooks.values() for step in page.steps}
    assert set(LIBRARY.actions) - used == set()


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_alert_gets_its_service_and_its_page(case: Case) -> None:
    story = opened(case)
    assert (story.incident.service, story.incident.runbook_id) == (case.service, case.page)
    if running(story.incident):
        assert len(story.put_out(StepCommand, attempt=1)) >= 1


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_page_does_what_its_looks_call_for_and_no_more(case: Case) -> None:
    story = played(case)
    done = tuple(c.step for c in story.put_out(StepCommand, op="run") if c.effect is not Effect.READ)
    assert done == case.mitigates
    run = story.incident.executions[-1] if story.incident.executions else None
    assert not [step for step in (run.steps if run else ()) if step.reason == "expression_error"]
    if case.mitigates:
        assert story.incident.status is IncidentStatus.MITIGATED
    else:
        assert story.put_out(EscalationCommand, op="notify"), "with nothing to do by itself a person has it"


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_commands_for_people_are_ready_to_paste(case: Case) -> None:
    incident = played(case).incident
    run = incident.executions[-1] if incident.executions else None
    prose = render_prose(LIBRARY.runbooks[case.page].body, context_of(incident, run))
    shown = re.sub(r"^```yaml.*?^```", "", prose, flags=re.MULTILINE | re.DOTALL)
    assert "${{" not in shown


def test_a_critical_crash_loop_is_one_page_and_one_step_command() -> None:
    labels = {
        "alertname": "KubePodCrashLooping",
        "namespace": "shop",
        "pod": "cart-1",
        "severity": "critical",
    }
    story = opened(Case("kube-pod-crash-looping", "cart", labels))
    (page,) = story.put_out(EscalationCommand)
    (command,) = story.put_out(StepCommand)
    assert (page.op, page.target) == ("notify", "user:alice")
    assert (command.op, command.step, command.attempt) == ("run", "last_state", 1)
    assert command.params == {"namespace": "shop", "pod": "cart-1"}


def test_scaling_stays_within_bounds() -> None:
    def replicas(name: str) -> Any:
        (command,) = played(CASES[name]).put_out(StepCommand, action="kubernetes.scale")
        return command.params["replicas"]

    assert replicas("slow for want of CPU") == 6
    assert replicas("names inside") == 4
    assert replicas("lag of too few") == 8
