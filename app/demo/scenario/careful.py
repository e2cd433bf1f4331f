"""Stories in which a runbook finds out what it did, takes it back, or leaves a part to another."""

from __future__ import annotations

from app.demo.scenario.alerts import alert
from app.demo.story import Expected, Fault, Person, Reply, Story

FOUND_OUT = Story(
    id="edge-node",
    domain="production/edge",
    tells="a change is made and its answer lost: a probe finds out that it was made, so nobody is woken",
    faults=(
        Fault(
            at=15.0,
            alerts=(alert("EdgeNodeErrors", "warning", node="edge-07"),),
            summary="edge-07 answers 9 % of its requests with 502",
            cure="step:take_out",
            after=9.0,
        ),
    ),
    replies={
        "node": (Reply(output={"in_rotation": True, "errors_percent": 9}),),
        "take_out": (Reply("lost"),),
        "take_out.probe": (Reply(output={"in_rotation": False, "errors_percent": 0}),),
    },
    shows=("unknown_probed",),
    feedback="right",
    expected=Expected(
        alerts=1,
        why="match",
        runbook="edge-node-sick",
        steps={
            "node": "succeeded",
            "take_out": "succeeded",
            "take_out.probe": "succeeded",
            "well_again": "succeeded",
        },
        mitigated=True,
    ),
)

TAKEN_BACK = Story(
    id="images-cache",
    domain="production/images",
    tells="the mitigation does not help, so it is taken back before a person has it",
    faults=(
        Fault(
            at=17.0,
            alerts=(alert("ImagesSlow", "warning", service="images"),),
            summary="Half of the images take longer than a second",
            cure="person",
        ),
    ),
    replies={
        "setting": (Reply(output={"value": 600}),),
        "keep_longer": (Reply(output={"value": 3600}),),
        "keep_longer.rollback": (Reply(output={"value": 600}),),
    },
    person=Person(then="mends", words="The resizer had one thread; gave it eight."),
    shows=("rolled_back",),
    feedback="wrong",
    expected=Expected(
        alerts=1,
        why="match",
        runbook="images-slow",
        steps={
            "setting": "succeeded",
            "keep_longer": "rolled_back",
            "keep_longer.rollback": "succeeded",
            "fast_again": "timed_out",
        },
        paged=("verification_timeout",),
        acknowledged=True,
    ),
)

USES_ANOTHER = Story(
    id="sales-reports",
    domain="production/reports",
    tells="the page leaves the restart to the page that knows how workloads are restarted",
    faults=(
        Fault(
            at=19.5,
            alerts=(alert("ReportsLate", "warning", service="reports"),),
            summary="No report for 40 minutes",
            cure="step:restart",
            after=4.0,
        ),
    ),
    replies={
        "generator": (Reply(output={"replicas": 2, "ready": 2, "revision": 12}),),
        "restart": (Reply(after=1.2),),
        "came_up": (Reply(output={"replicas": 2, "ready": 2, "revision": 12}),),
    },
    shows=("sub_runbook",),
    feedback="right",
    expected=Expected(
        alerts=1,
        why="match",
        runbook="reports-late",
        steps={
            "generator": "succeeded",
            "start_anew": "succeeded",
            "start_anew/restart": "succeeded",
            "start_anew/came_up": "succeeded",
            "start_anew/all_ready": "skipped",
            "reported": "succeeded",
        },
        mitigated=True,
    ),
)
