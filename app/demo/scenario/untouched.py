"""Stories in which nothing is automated: people have it from the start, or nobody has to do anything."""

from __future__ import annotations

from app.demo.scenario.alerts import alert
from app.demo.story import Expected, Fault, Person, Reply, Report, Story

USER_REPORT = Story(
    id="login-report",
    domain="production/login",
    tells="a person reports it before any alert does",
    reports=(
        Report(
            at=14.0,
            text="Customers cannot log in with their phone number since a few minutes ago.",
            reporter="helpdesk-zoe",
            service="login",
            severity="error",
        ),
    ),
    person=Person(then="resolves", words="The SMS provider is back; logged in myself."),
    expected=Expected(
        alerts=0, why="no_runbook", paged=("no_runbook",), acknowledged=True, resolved="by_person"
    ),
)

NO_RUNBOOK = Story(
    id="recommendations-stale",
    domain="production/recommendations",
    tells="no runbook fits, so a person is paged at once",
    faults=(
        Fault(
            at=16.0,
            alerts=(alert("RecommendationsStale", "critical", service="recommendations"),),
            summary="The recommendation model is 9 hours old",
            cure="person",
        ),
    ),
    person=Person(then="mends", words="The training job had lost its lock; started it."),
    expected=Expected(alerts=1, why="no_runbook", paged=("no_runbook",), acknowledged=True, ticket=True),
)

GONE_BY_ITSELF = Story(
    id="storefront-latency",
    domain="production/storefront",
    tells="it is over before anything is done, so nothing is done",
    faults=(
        Fault(
            at=18.0,
            alerts=(alert("LatencyBudgetBurn", "warning", service="storefront", namespace="shop"),),
            summary="8 % of storefront's requests take longer than 300 ms",
            cure="time",
            after=4.0,
        ),
    ),
    replies={"state": (Reply(output={"replicas": 4, "ready": 4, "revision": 88}, after=9.0),)},
    expected=Expected(
        alerts=1,
        why="match",
        runbook="latency-burn",
        steps={"state": "cancelled", "scale_out": "cancelled", "fast_again": "cancelled"},
    ),
)

CHECKLIST = Story(
    id="catalog-volume",
    domain="production/catalog-db",
    tells="the page is a checklist in the Prometheus community's habit, found by the alert's name",
    faults=(
        Fault(
            at=19.0,
            alerts=(
                alert(
                    "KubePersistentVolumeFillingUp",
                    "warning",
                    namespace="data",
                    persistentvolumeclaim="catalog-db-data-0",
                ),
            ),
            summary="Claim catalog-db-data-0 is 91 % full",
            cure="person",
        ),
    ),
    person=Person(then="mends", words="Grew the claim by half."),
    feedback="right",
    expected=Expected(
        alerts=1,
        why="alert_name",
        runbook="KubePersistentVolumeFillingUp",
        paged=("checklist_only",),
        acknowledged=True,
    ),
)

UNKNOWN_TO_CATALOG = Story(
    id="legacy-probe",
    domain="production/-/namespace=legacy,alertname=ProbeFailed",
    tells="the catalog knows nothing of it: grouped by its labels, and the team for what nobody owns is paged",
    faults=(
        Fault(
            at=23.0,
            alerts=tuple(
                alert("ProbeFailed", "error", namespace="legacy", instance=f"https://old-{name}.example")
                for name in ("billing", "reports", "intranet")
            ),
            summary="An old site does not answer",
            cure="person",
        ),
    ),
    person=Person(then="mends", words="Its certificate had ended."),
    expected=Expected(alerts=3, why="no_runbook", paged=("no_runbook",), acknowledged=True),
)
