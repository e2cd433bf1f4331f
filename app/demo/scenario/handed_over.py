"""Stories in which a runbook does what it can, and then a person has it."""

from __future__ import annotations

from app.demo.scenario.alerts import alert
from app.demo.story import Expected, Fault, Person, Press, Reply, Story

FAILING_STEP = Story(
    id="orders-db-pool",
    domain="production/orders-db",
    tells="a step fails for good, so a person is paged, acknowledges and mends it",
    faults=(
        Fault(
            at=3.0,
            alerts=(alert("PostgresqlTooManyConnections", "error", instance="orders-db-0:9187"),),
            summary="orders-db-0 has 3 connections left of 500",
            cure="person",
        ),
    ),
    replies={
        "activity": (Reply(output={"connections": 497, "idle_in_transaction": 212}),),
        "end_idle": (Reply("failed", reason="permission denied for function pg_terminate_backend"),),
    },
    person=Person(
        acknowledges_after=3.0, then="mends", words="Ended the sessions by hand; the grant is missing."
    ),
    feedback="wrong",
    expected=Expected(
        alerts=1,
        why="match",
        runbook="connections-exhausted",
        steps={"activity": "succeeded", "end_idle": "failed", "connections_free": "cancelled"},
        attempts={"end_idle": 2},
        paged=("step_failed",),
        acknowledged=True,
    ),
)

FAILING_AGAIN = Story(
    id="users-db-pool",
    domain="production/users-db",
    tells="the same page fails for the same reason on another database: the second time within the breaker's window",
    faults=(
        Fault(
            at=5.5,
            alerts=(alert("PostgresqlTooManyConnections", "error", instance="users-db-0:9187"),),
            summary="users-db-0 has 9 connections left of 500",
            cure="person",
        ),
    ),
    replies={
        "activity": (Reply(output={"connections": 491, "idle_in_transaction": 187}),),
        "end_idle": (Reply("failed", reason="permission denied for function pg_terminate_backend"),),
    },
    person=Person(then="mends", words="The grant is missing here as well; ended the sessions by hand."),
    expected=Expected(
        alerts=1,
        why="match",
        runbook="connections-exhausted",
        steps={"activity": "succeeded", "end_idle": "failed", "connections_free": "cancelled"},
        attempts={"end_idle": 2},
        paged=("step_failed",),
        acknowledged=True,
    ),
)

BREAKER_OPEN = Story(
    id="billing-db-pool",
    domain="production/billing-db",
    tells="the page failed too often of late, so its breaker is open: it looks, but what it would do is left to a person",
    faults=(
        Fault(
            at=23.0,
            alerts=(alert("PostgresqlTooManyConnections", "error", instance="billing-db-0:9187"),),
            summary="billing-db-0 has 5 connections left of 300",
            cure="person",
            after=3.0,
        ),
    ),
    replies={"activity": (Reply(output={"connections": 295, "idle_in_transaction": 133}),)},
    presses=(
        Press("report:end_idle", by="U0GRACE", after=4.0, words="Ended 20 of them by hand.", cures=True),
    ),
    shows=("breaker_tripped",),
    feedback="right",
    expected=Expected(
        alerts=1,
        why="match",
        runbook="connections-exhausted",
        steps={"activity": "succeeded", "end_idle": "succeeded", "connections_free": "succeeded"},
        attempts={"end_idle": 0},
        paged=("step_needs_person",),
        acknowledged=True,
        mitigated=True,
    ),
)

NO_ANSWER = Story(
    id="mail-relay",
    domain="production/mail",
    tells="a change is never answered: nobody knows whether it was made, so it goes to a person and not out again",
    faults=(
        Fault(
            at=13.0,
            alerts=(alert("MailQueueStuck", "error", service="mail"),),
            summary="4,113 mails wait, the oldest for 19 minutes",
            cure="person",
        ),
    ),
    replies={
        "queue": (Reply(output={"waiting": 4113, "oldest_seconds": 1140}),),
        "switch_relay": (Reply("silent"),),
    },
    person=Person(then="mends", words="The switch was made; the new relay needed a restart."),
    feedback="right",
    expected=Expected(
        alerts=1,
        why="match",
        runbook="mail-queue-stuck",
        steps={"queue": "succeeded", "switch_relay": "unknown", "drains": "cancelled"},
        paged=("step_unknown",),
        acknowledged=True,
    ),
)

NOT_HEALED = Story(
    id="dns-servfail",
    domain="production/dns",
    tells="the mitigation was carried out but did not help: the verification says so, and a person is paged",
    faults=(
        Fault(
            at=22.0,
            alerts=(alert("CoreDNSErrorsHigh", "error"),),
            summary="12 % of DNS answers are SERVFAIL",
            cure="person",
        ),
    ),
    replies={
        "inside": (Reply(output={"asked": 40, "failed": 5}),),
        "scale_out": (Reply(output={"replicas": 4}),),
    },
    person=Person(then="mends", words="A resolver behind it was broken; forwarded to the other."),
    feedback="right",
    expected=Expected(
        alerts=1,
        why="match",
        runbook="dns-failures",
        steps={"inside": "succeeded", "scale_out": "succeeded", "resolves": "timed_out"},
        paged=("verification_timeout",),
        acknowledged=True,
        mitigated=True,
    ),
)

NOTHING_APPLIES = Story(
    id="checkout-crash",
    domain="production/checkout",
    tells="no mitigation applies, since nothing was deployed; the person who is paged finds the diagnosis done",
    faults=(
        Fault(
            at=25.0,
            alerts=(
                alert(
                    "KubePodCrashLooping", "critical", service="checkout", namespace="shop", pod="checkout-5"
                ),
            ),
            summary="checkout-5 restarts again and again",
            cure="person",
        ),
    ),
    replies={"last_state": (Reply(output={"workload": "deployment/checkout", "last_reason": "OOMKilled"}),)},
    person=Person(acknowledges_after=3.0, then="mends", words="Raised the memory limit."),
    feedback="right",
    expected=Expected(
        alerts=1,
        why="match",
        runbook="pod-crash-looping",
        steps={"last_state": "succeeded", "undo_deploy": "skipped", "quiet": "skipped"},
        paged=("critical",),
        acknowledged=True,
        ticket=True,
    ),
)

MISSING_LABEL = Story(
    id="pricing-no-pod",
    domain="production/pricing",
    tells="the alert lacks a label that the page needs: that is never taken for empty, a person gets it",
    faults=(
        Fault(
            at=27.0,
            alerts=(alert("ContainerMemoryGrowing", "warning", service="pricing", namespace="shop"),),
            summary="pricing's memory grows",
            cure="person",
        ),
    ),
    person=Person(then="mends", words="Restarted pricing-1; the rule now keeps the pod label."),
    feedback="right",
    expected=Expected(
        alerts=1,
        why="match",
        runbook="memory-keeps-growing",
        steps={"pod": "failed", "replace_pod": "cancelled", "calm": "cancelled"},
        attempts={"pod": 0},
        paged=("step_needs_person",),
        acknowledged=True,
    ),
)
