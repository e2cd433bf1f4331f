"""What monitoring watches: the alerts of each kind of thing when it is the cause, when something beneath it is, and when nothing is."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from app.evaluate.generator.catalog import PORTS
from app.evaluate.generator.estate import CARRIED, ENGINES, Estate, Thing


@dataclass(frozen=True)
class Rule:
    """An alerting rule."""

    name: str
    severity: str
    per: str
    """What there is one alert for: service, pod, instance, node or site."""
    after: tuple[float, float]
    """How long after the fault it fires, in seconds: the least and the most."""
    summary: str


def _rule(name: str, severity: str, per: str, after: tuple[float, float], summary: str) -> Rule:
    return Rule(name, severity, per, after, summary)


_CARRIED = (
    _rule("HttpErrorRateHigh", "error", "service", (30, 150), "More than 5% of requests to {id} fail"),
    _rule("LatencyHigh", "warning", "service", (45, 300), "Requests to {id} are slow"),
    _rule("KubePodNotReady", "warning", "pod", (60, 300), "A pod of {id} is not ready"),
    _rule("KubePodCrashLooping", "warning", "pod", (120, 480), "A pod of {id} restarts again and again"),
    _rule("RequestTimeouts", "warning", "service", (30, 240), "{id} waits too long for what it calls"),
)
CAUSE: dict[str, tuple[Rule, ...]] = {
    "edge": (
        _rule("IngressErrors", "critical", "service", (20, 90), "{id} answers with 5xx"),
        *_CARRIED[1:4],
    ),
    "app": (
        _rule("SloBurnFast", "critical", "service", (60, 200), "{id} burns its error budget"),
        *_CARRIED[:4],
    ),
    "core": (_rule("GrpcErrorRateHigh", "error", "service", (20, 120), "Calls to {id} fail"), *_CARRIED[1:4]),
    "worker": (
        _rule("ConsumerLagHigh", "error", "service", (60, 300), "{id} does not keep up with its queue"),
        *_CARRIED[2:4],
    ),
    "batch": (
        _rule("PodCpuHigh", "warning", "pod", (10, 60), "A pod of {id} takes all the CPU it can get"),
        _rule("JobRunsLong", "warning", "service", (60, 600), "{id} runs longer than it should"),
    ),
    "db": (
        _rule("PostgresDown", "critical", "instance", (20, 90), "{id} does not answer"),
        _rule("PostgresConnectionsExhausted", "error", "instance", (30, 180), "{id} has no connection left"),
        _rule("PostgresSlowQueries", "warning", "instance", (60, 360), "Queries of {id} are slow"),
        _rule("PostgresReplicationLag", "warning", "instance", (60, 600), "A replica of {id} is behind"),
    ),
    "cache": (
        _rule("RedisDown", "critical", "instance", (15, 90), "{id} does not answer"),
        _rule("RedisEvictions", "warning", "instance", (60, 300), "{id} drops keys"),
    ),
    "queue": (
        _rule(
            "KafkaOfflinePartitions", "critical", "instance", (20, 120), "{id} has partitions without leader"
        ),
        _rule("KafkaUnderReplicated", "error", "instance", (40, 300), "{id} is under-replicated"),
    ),
    "nodes": (
        _rule("KubeNodeNotReady", "critical", "node", (30, 180), "Node {node} is not ready"),
        _rule("NodeHighLoad", "warning", "node", (30, 240), "Node {node} is overloaded"),
    ),
}
SYMPTOM: dict[str, tuple[Rule, ...]] = {
    "edge": (
        _rule("IngressErrors", "critical", "service", (20, 120), "{id} answers with 5xx"),
        _rule("SyntheticProbeFailed", "critical", "site", (20, 120), "{id} cannot be used from outside"),
        _rule("LatencyHigh", "error", "service", (45, 240), "Requests to {id} are slow"),
    ),
    "app": (*_CARRIED, _rule("SloBurnFast", "critical", "service", (60, 240), "{id} burns its error budget")),
    "core": (
        _rule("GrpcErrorRateHigh", "error", "service", (20, 150), "Calls to {id} fail"),
        *_CARRIED[1:],
        _rule("ThreadPoolExhausted", "warning", "pod", (30, 200), "A pod of {id} has no thread left"),
    ),
    "worker": (
        _rule("ConsumerLagHigh", "warning", "service", (120, 900), "{id} does not keep up with its queue"),
        *_CARRIED[2:4],
    ),
    "batch": (_rule("JobRunsLong", "warning", "service", (300, 1200), "{id} runs longer than it should"),),
    "db": CAUSE["db"][:1],
    "cache": CAUSE["cache"][:1],
    "queue": CAUSE["queue"][:1],
    "nodes": CAUSE["nodes"][1:],
}
CROWDED = (
    _rule("LatencyHigh", "warning", "service", (30, 240), "Requests to {id} are slow"),
    _rule("CPUThrottlingHigh", "warning", "pod", (30, 240), "A pod of {id} is throttled"),
    _rule("KubePodNotReady", "warning", "pod", (60, 300), "A pod of {id} is not ready"),
)
"""What a service raises whose pod shares a node with one that takes everything."""
NOISE: dict[str, tuple[Rule, ...]] = {
    "nodes": (_rule("NodeFilesystemFillsUp", "warning", "node", (0, 1), "A disk of {node} fills up"),),
    **{
        kind: (
            _rule("BackupIsOld", "warning", "instance", (0, 1), "The last backup of {id} is too old"),
            _rule("DiskWillFillIn4Days", "info", "instance", (0, 1), "The disk of {id} fills up"),
        )
        for kind in ENGINES
    },
    **{
        kind: (
            _rule("CPUThrottlingHigh", "info", "pod", (0, 1), "A pod of {id} is throttled"),
            _rule(
                "CertificateExpiresSoon", "warning", "service", (0, 1), "The certificate of {id} expires soon"
            ),
            _rule("ReplicasMismatch", "warning", "service", (0, 1), "{id} has fewer replicas than it should"),
            _rule("KubeJobFailed", "warning", "service", (0, 1), "A job of {id} failed"),
        )
        for kind in CARRIED
    },
}


@dataclass(frozen=True)
class Spot:
    """Where exactly an alert of a thing is: its pod and node, its instance, or the thing as a whole."""

    pod: str = ""
    node: str = ""
    instance: str = ""


def spots(random: Random, rule: Rule, thing: Thing, node: str = "") -> list[Spot]:
    """Give the spots that a rule fires for; on one node, only those there."""
    if rule.per == "pod":
        pods = [Spot(pod=pod, node=on) for pod, on in thing.pods if node in ("", on)]
        return pods if node else random.sample(pods, random.randint(1, len(pods)))
    if rule.per == "node":
        return [Spot(node=node or random.choice(thing.nodes))]
    if rule.per == "instance":
        return [Spot(instance=f"{thing.id}-0:{PORTS[thing.kind]}")]
    return [Spot(instance=f"https://{thing.id}.example.com/")] if rule.per == "site" else [Spot()]


def labels_of(rule: Rule, thing: Thing, spot: Spot, estate: Estate, environment: str) -> dict[str, str]:
    """Give an alert's labels, as exporters of that kind set them."""
    severity = {"critical": "page", "warning": "ticket"}.get(rule.severity) if estate.pages else None
    labels = {"alertname": rule.name, "severity": severity or rule.severity, "cluster": estate.cluster}
    if environment != "production" or estate.labels_environment:
        labels["environment"] = environment
    if rule.per == "site":
        return {**labels, "job": "blackbox", "instance": spot.instance}
    if rule.per == "node":
        return {**labels, "job": "node-exporter", "node": spot.node, "instance": f"{spot.node}:9100"}
    labels["namespace"] = thing.area
    if rule.per == "service":
        return {**labels, "service": thing.id}
    if rule.per == "pod":
        labels |= {"job": "kube-state-metrics", "pod": spot.pod, "container": thing.kind, "node": spot.node}
    else:
        labels |= {"job": f"{ENGINES[thing.kind]}-exporter", "instance": spot.instance}
    return {**labels, "service": thing.id} if estate.labels_service else labels


def summary_of(rule: Rule, thing: Thing, spot: Spot) -> str:
    """Give an alert's summary."""
    return rule.summary.format(id=thing.id, node=spot.node)
