"""Stories in which a runbook does it, though not always at the first go, at once or for good."""

from __future__ import annotations

from app.demo.scenario.alerts import alert
from app.demo.story import Event, Expected, Fault, Person, Press, Reply, Story

STORM = 320
"""Alerts of the storm."""

STORM_IN_A_RACK = Story(
    id="rack-r7",
    domain="production/fabric",
    tells=f"a storm: {STORM} alerts of one cause are one incident",
    faults=(
        Fault(
            at=1.0,
            alerts=tuple(
                alert("PodUnreachable", "critical", rack="r7", namespace="shop", pod=f"pod-{number:03d}")
                for number in range(STORM)
            ),
            summary="Pod in rack r7 does not answer",
            cure="step:reroute",
            after=2.0,
        ),
    ),
    replies={
        "probe": (Reply(output={"hosts": 24, "unreachable": 24, "spare_link": "up"}, after=1.0),),
        "reroute": (Reply(after=1.5),),
    },
    person=Person(acknowledges_after=3.0),
    feedback="right",
    expected=Expected(
        alerts=STORM,
        why="match",
        runbook="pod-unreachable",
        steps={"probe": "succeeded", "reroute": "succeeded", "all_reachable": "succeeded"},
        paged=("critical",),
        acknowledged=True,
        mitigated=True,
        ticket=True,
    ),
)

BAD_DEPLOY = Story(
    id="cart-deploy",
    domain="production/cart",
    tells="a deploy broke it, so the runbook undoes the deploy; what is left to do is asked for until it is done",
    events=(Event(at=2.0, type="deploy", service="cart", summary="cart 4.18.0 rolled out by pipeline 7731"),),
    faults=(
        Fault(
            at=5.0,
            alerts=(alert("HighErrorRate", "error", service="cart", namespace="shop"),),
            summary="31 % of cart's requests fail",
            cure="step:undo_deploy",
        ),
    ),
    replies={
        "state": (Reply(output={"replicas": 6, "ready": 6, "revision": 418}),),
        "undo_deploy": (Reply(output={"revision": 417}, after=2.0),),
    },
    presses=(
        Press("done", by="U0ADA", after=1.0, passes_over=1, words="The pipeline refuses 4.18.0 from now on."),
    ),
    shows=("follow_up_reminded", "review_written"),
    feedback="right",
    expected=Expected(
        alerts=1,
        why="match",
        runbook="high-error-rate",
        steps={"state": "succeeded", "undo_deploy": "succeeded", "errors_gone": "succeeded"},
        mitigated=True,
        changes=1,
    ),
)

MEMORY_LEAK = Story(
    id="search-leak",
    domain="production/search",
    tells="a runbook heals it, and nobody is woken",
    faults=(
        Fault(
            at=7.0,
            alerts=(
                alert(
                    "ContainerMemoryGrowing", "warning", service="search", namespace="shop", pod="search-2"
                ),
            ),
            summary="search-2 uses 92 % of its memory limit",
            cure="step:replace_pod",
        ),
    ),
    replies={
        "pod": (Reply(output={"workload": "deployment/search", "last_reason": ""}),),
        "replace_pod": (Reply(after=1.5),),
    },
    feedback="right",
    expected=Expected(
        alerts=1,
        why="match",
        runbook="memory-keeps-growing",
        steps={"pod": "succeeded", "replace_pod": "succeeded", "calm": "succeeded"},
        mitigated=True,
    ),
)

FULL_DISK = Story(
    id="log-3-disk",
    domain="production/log-hosts",
    tells="the first look fails twice; the third succeeds",
    faults=(
        Fault(
            at=9.0,
            alerts=(
                alert("NodeFilesystemAlmostOutOfSpace", "warning", instance="log-3:9100", mountpoint="/var"),
            ),
            summary="/var on log-3 has 4 % left",
            cure="step:clean_caches",
        ),
    ),
    replies={
        "usage": (
            Reply("failed", reason="ssh: connection timed out", after=0.8),
            Reply("failed", reason="ssh: connection timed out", after=0.8),
            Reply(output={"used_percent": 96}),
        ),
        "clean_caches": (Reply(output={"freed_mb": 18240}, after=1.2),),
    },
    feedback="right",
    expected=Expected(
        alerts=1,
        why="match",
        runbook="disk-filling",
        steps={"usage": "succeeded", "clean_caches": "succeeded", "room_again": "succeeded"},
        attempts={"usage": 3},
        mitigated=True,
    ),
)

SLOW_CURE = Story(
    id="orders-lag",
    domain="production/orders",
    tells="the cure works but takes its time, so somebody is told meanwhile",
    faults=(
        Fault(
            at=20.0,
            alerts=(alert("KafkaConsumerLag", "error", consumergroup="orders", topic="order-events"),),
            summary="Group orders is 180,000 messages behind",
            cure="step:scale_out",
            after=9.0,
        ),
    ),
    replies={
        "group": (Reply(output={"state": "Stable", "members": 3, "partitions": 8, "lag": 180000}),),
        "scale_out": (Reply(output={"replicas": 8}),),
    },
    person=Person(acknowledges_after=1.5),
    feedback="right",
    expected=Expected(
        alerts=1,
        why="match",
        runbook="consumer-lag",
        steps={"group": "succeeded", "scale_out": "succeeded", "caught_up": "succeeded"},
        paged=("page_after",),
        acknowledged=True,
        mitigated=True,
    ),
)

COMES_BACK = Story(
    id="sessions-flap",
    domain="production/sessions",
    tells="healed, and back again soon after: reopened, and now a person looks",
    faults=(
        Fault(
            at=8.0,
            alerts=(alert("RedisDown", "error", instance="sessions-0"),),
            summary="sessions-0 does not answer",
            cure="step:failover",
            after=1.0,
        ),
        Fault(
            at=24.0,
            alerts=(alert("RedisDown", "error", instance="sessions-0"),),
            summary="sessions-0 does not answer again",
            cure="person",
        ),
    ),
    replies={
        "replica": (Reply(output={"role": "replica", "used_memory_mb": 812}),),
        "failover": (Reply(after=1.0),),
    },
    person=Person(then="mends", words="The host's memory is bad; moved it."),
    expected=Expected(
        alerts=1,
        why="match",
        runbook="redis-down",
        steps={"replica": "succeeded", "failover": "succeeded", "answers": "succeeded"},
        paged=("reopened",),
        acknowledged=True,
        mitigated=True,
        reopened=1,
    ),
)

MISSED_BACKUP = Story(
    id="backup-missed",
    domain="production/backups",
    tells="one step, started under a name that cannot be used twice",
    faults=(
        Fault(
            at=29.0,
            alerts=(alert("BackupMissed", "warning", namespace="backup", cronjob="orders-db-nightly"),),
            summary="orders-db-nightly had its last success 27 hours ago",
            cure="step:run_again",
            after=3.0,
        ),
    ),
    replies={"run_again": (Reply(after=1.0),)},
    feedback="right",
    expected=Expected(
        alerts=1,
        why="match",
        runbook="backup-missed",
        steps={"run_again": "succeeded", "backed_up": "succeeded"},
        mitigated=True,
    ),
)
