"""Stories in which automation may not act before a person agrees."""

from __future__ import annotations

from app.demo.scenario.alerts import alert
from app.demo.story import Expected, Fault, Person, Press, Reply, Story

AGREED_IN_TIME = Story(
    id="payment-provider",
    domain="production/payments",
    tells="three looks at the same time; then the page asks, and of two people who say yes one has the right to",
    faults=(
        Fault(
            at=10.0,
            alerts=(alert("PaymentErrors", "error", service="payments"),),
            summary="44 % of payments are refused",
            cure="step:switch_provider",
        ),
    ),
    replies={
        "in_use": (Reply(output={"name": "northpay", "errors_percent": 44}, after=1.2),),
        "other": (Reply(output={"name": "southpay", "errors_percent": 0}, after=0.9),),
        "ourselves": (Reply(output={"replicas": 4, "ready": 4, "revision": 61}),),
        "switch_provider": (Reply(after=1.0),),
    },
    presses=(
        Press("approve:switch_provider", by="U0LINUS", after=1.0, words="Go on."),
        Press("approve:switch_provider", by="U0ADA", after=1.5, words="Yes; southpay knows."),
    ),
    shows=("parallel_diagnosis", "approval_given"),
    feedback="right",
    expected=Expected(
        alerts=1,
        why="match",
        runbook="payment-errors",
        steps={
            "in_use": "succeeded",
            "other": "succeeded",
            "ourselves": "succeeded",
            "switch_provider": "succeeded",
            "paid_again": "succeeded",
        },
        mitigated=True,
    ),
)

NOBODY_AGREED = Story(
    id="warehouse-export",
    domain="production/warehouse",
    tells="the page asks and nobody answers: somebody is woken, and when nobody agrees then either it is not done",
    faults=(
        Fault(
            at=12.0,
            alerts=(alert("ExportStuck", "warning", service="warehouse"),),
            summary="The nightly export has waited for a lock for 51 minutes",
            cure="person",
        ),
    ),
    replies={"lock": (Reply(output={"holder": 20417, "held_seconds": 3060, "waiting": 3}),)},
    person=Person(
        acknowledges_after=4.0, then="mends", after=4.0, words="Asked the analyst, who ended the query."
    ),
    shows=("approval_timed_out",),
    feedback="right",
    expected=Expected(
        alerts=1,
        why="match",
        runbook="export-stuck",
        steps={"lock": "succeeded", "end_holder": "failed", "exported": "cancelled"},
        attempts={"end_holder": 0},
        paged=("approval_timeout",),
        acknowledged=True,
    ),
)

NOT_EARNED = Story(
    id="site-certificate",
    domain="production/public-sites",
    tells="the page's mode is auto, but it has not earned that yet: a person must agree",
    faults=(
        Fault(
            at=21.5,
            alerts=(alert("CertificateExpiring", "warning", host="www.shop.example"),),
            summary="The certificate of www.shop.example ends in 41 hours",
            cure="step:renew",
        ),
    ),
    replies={
        "certificate": (Reply(output={"days_left": 1, "issuer": "R11"}),),
        "renew": (Reply(output={"days_left": 90}, after=1.0),),
    },
    presses=(Press("approve:renew", by="U0LINUS", after=2.0, words="Looks right."),),
    shows=("promotion_refused",),
    feedback="right",
    expected=Expected(
        alerts=1,
        why="match",
        runbook="certificate-expiring",
        steps={"certificate": "succeeded", "renew": "succeeded", "long_again": "succeeded"},
        mitigated=True,
    ),
)
