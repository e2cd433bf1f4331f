"""How automation stands, on the pages and for programs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from app.model.catalog import Guards
from app.model.execution import StepRun
from app.model.silences import Silence
from app.model.standings import MutedAlert, MutedAlerts, Standing
from tests.support.incidents import NOW, an_execution, an_incident
from tests.support.runtime import FakeLibraries
from tests.web.conftest import a_library

PAGE = "kube-pod-crash-looping"


def paused(by, version=1, **facts):
    given = {"at": NOW, "is_paused": True, "paused_at": NOW, "by": by, "text": "<b>the network is ill</b>"}
    return Standing(id="automation", version=version, **{**given, **facts})


def record(version=1, **facts):
    return Standing(id=f"page:{PAGE}", version=version, at=NOW, runbook_id=PAGE, **facts)


@pytest.fixture
def stand(standings):
    def put(*each):
        for standing in each:
            standings.put(standing.id.encode(), standing.model_dump_json().encode())

    return put


async def test_never_paused(client):
    automation = await (await client.get("/api/v1/automation")).json()
    assert automation == {"paused": False, "paused_at": None, "by": None, "reason": None, "changed_at": None}
    assert "Automation is paused" not in await (await client.get("/")).text()


async def test_paused_and_resumed(client, stand):
    stand(paused("carol"))
    automation = await (await client.get("/api/v1/automation")).json()
    assert (automation["paused"], automation["by"], automation["paused_at"]) == (
        True,
        "carol",
        "2026-11-03T03:12:00Z",
    )
    home = await (await client.get("/")).text()
    assert "Automation is paused since 2026-11-03 03:12:00 UTC by carol" in home
    assert "&lt;b&gt;the network is ill" in home
    stand(paused("dora", version=2, is_paused=False, paused_at=None))
    assert not (await (await client.get("/api/v1/automation")).json())["paused"]
    assert "Automation is paused" not in await (await client.get("/")).text()


async def test_only_newer_ones_count_and_unreadable_ones_do_no_harm(client, stand, standings):
    stand(paused("carol", version=2), paused("old", version=1))
    standings.put(b"automation", b"{")
    standings.put(b"automation", None)
    assert (await (await client.get("/api/v1/automation")).json())["by"] == "carol"


async def test_the_record_of_a_page(client, stand, runtime):
    library = replace(a_library(), guards=Guards(runs_to_auto=5))
    runtime.libraries = FakeLibraries([library])
    none_yet = (await (await client.get(f"/api/v1/runbooks/{PAGE}")).json())["record"]
    assert (none_yet["good_runs"], none_yet["runs_needed"], none_yet["breaker_open"]) == (0, 5, False)
    soon = NOW + timedelta(minutes=1)
    stand(record(good_runs=3, breaker_open=True, breaker_open_until=soon, failed_verification_at=NOW))
    told = (await (await client.get(f"/api/v1/runbooks/{PAGE}")).json())["record"]
    assert (told["good_runs"], told["breaker_open"]) == (3, True)
    assert told["breaker_open_until"] == "2026-11-03T03:13:00Z"
    assert told["failed_verification_at"] == "2026-11-03T03:12:00Z"
    stand(record(2, breaker_open=True, breaker_open_until=NOW))
    assert not (await (await client.get(f"/api/v1/runbooks/{PAGE}")).json())["record"]["breaker_open"]


@pytest.mark.parametrize("path", ["/api/v1/automation", f"/api/v1/runbooks/{PAGE}", "/readyz"])
async def test_before_it_is_read_nothing_is_guessed(client, standings, path):
    standings.lost("the topic is not followed")
    answer = await client.get(path)
    assert answer.status == 503
    assert "the topic is not followed" in (await answer.json())["detail"]


async def test_a_step_shows_who_agreed_and_its_parts(client, show):
    asked = {"gate": "approval", "approval_due": NOW, "approved_by": ["alice"]}
    steps = [
        StepRun(step="last_state", phase="diagnosis", status="waiting_approval", **asked),
        StepRun(step="last_state[0]", phase="diagnosis", status="succeeded"),
        StepRun(step="last_state.probe", phase="diagnosis", status="failed"),
    ]
    show(an_incident("one", executions=[an_execution(steps=steps)]))
    shown = await (await client.get("/incidents/" + an_incident("one").id)).text()
    assert "people may agree until 2026-11-03 03:12:00 UTC" in shown
    assert "agreed: alice" in shown
    assert "last_state[0]" in shown
    assert "last_state.probe" in shown


def muted(version=1, count=2, **facts):
    alerts = [MutedAlert(fingerprint="f1", name="<b>Crash", by="inhibit:node", since=NOW)][:count]
    inside = MutedAlerts(domain="p/shop", count=count, by={"inhibit": count}, alerts=alerts, **facts)
    return Standing(id="muted:p/shop", version=version, at=NOW, muted=inside)


async def test_what_is_muted(client, stand):
    assert await (await client.get("/api/v1/muted")).json() == {"domains": [], "total": 0}
    stand(muted(beyond=3))
    answer = await (await client.get("/api/v1/muted")).json()
    assert answer["total"] == 5
    assert answer["domains"][0]["alerts"][0]["by"] == "inhibit:node"
    assert 'oncall_muted_alerts{by="inhibit"} 2.0' in await (await client.get("/metrics")).text()
    assert "5 alerts fire and are muted" in await (await client.get("/")).text()
    stand(muted(version=2, count=0))
    assert (await (await client.get("/api/v1/muted")).json())["domains"] == []
    assert "muted" not in await (await client.get("/")).text()


async def test_silences(client, stand):
    assert await (await client.get("/api/v1/silences")).json() == {"silences": []}

    def silence(id_, starts, ends):
        return Silence(
            id=id_, matchers=["a=1"], starts_at=NOW + starts, ends_at=NOW + ends, updated_at=NOW, created_by="carol"
        )  # fmt: skip

    hour = timedelta(hours=1)
    known = [silence("a", -hour, hour), silence("p", hour, 2 * hour), silence("e", -2 * hour, -hour)]
    stand(Standing(id="silences", version=1, at=NOW, silences=known))
    found = (await (await client.get("/api/v1/silences")).json())["silences"]
    assert [(each["id"], each["status"]["state"]) for each in found] == [
        ("a", "active"),
        ("p", "pending"),
        ("e", "expired"),
    ]
    assert (found[0]["createdBy"], found[0]["endsAt"]) == ("carol", "2026-11-03T04:12:00Z")


async def test_a_wish_for_a_silence_that_cannot_be_read_is_refused(client):
    wish = {"id": "r", "domain": "control", "response": "silence", "silence": {"matchers": ["a"]}}
    answer = await client.post("/intake/responses", json=wish)
    assert (answer.status, (await answer.json())["field"]) == (400, "silence.matchers[0]")
