"""Health, readiness and metrics."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from app.model.connectors import Connector
from tests.support.incidents import NOW, a_page, an_execution, an_incident, resolved

MS = int(NOW.timestamp() * 1000)


async def samples(client):
    answer = await client.get("/metrics")
    assert answer.status == 200
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(await answer.text())
        for sample in family.samples
    }


async def test_alive_whatever_else(client, runtime, model):
    runtime.state, model.ready = (False, "recovering"), False
    assert (await client.get("/healthz")).status == 200


async def test_a_worker_that_does_not_get_on_says_where(client, runtime):
    runtime.stuck = ("signals/2: 7 messages wait",)
    answer = await client.get("/healthz")
    assert answer.status == 503
    assert (
        "signals/2: 7 messages wait" in (await answer.json(content_type="application/problem+json"))["detail"]
    )


async def test_a_worker_whose_brokers_do_not_answer_is_alive_and_not_ready(client, runtime):
    runtime.unanswered = "the brokers have not answered for 61 s"
    assert (await client.get("/healthz")).status == 200, "a restart would not bring them back"
    answer = await client.get("/readyz")
    assert answer.status == 503
    assert "not answered for 61 s" in (await answer.json(content_type="application/problem+json"))["detail"]
    assert (await samples(client))[("oncall_ready",)] == 0


async def test_metrics_have_the_lag_of_each_partition(client, runtime):
    runtime.lags = {("alerts", 0): 3, ("signals", 1): 0}
    found = await samples(client)
    assert (found["oncall_worker_lag", "0", "alerts"], found["oncall_worker_lag", "1", "signals"]) == (3, 0)


async def test_ready_when_tables_and_read_model_are(client):
    assert (await client.get("/readyz")).status == 200


@pytest.mark.parametrize(
    ("tables", "incidents", "why"),
    [
        ((False, "tables are being recovered"), (True, ""), "tables are being recovered"),
        ((True, ""), (False, "7 messages to read"), "7 messages to read"),
    ],
)
async def test_not_ready_says_why(client, runtime, model, tables, incidents, why):
    runtime.state = tables
    model.ready, model.why_not = incidents
    answer = await client.get("/readyz")
    assert answer.status == 503
    assert why in (await answer.json(content_type="application/problem+json"))["detail"]


async def test_metrics_count_what_is_held(client, show):
    show(
        an_incident("one", executions=[an_execution()], escalations=[a_page()]),
        resolved("two", severity="warning"),
    )
    found = await samples(client)
    assert found["oncall_incidents", "critical", "triggered"] == 1
    assert found["oncall_incidents", "resolved", "warning"] == 1
    assert found["oncall_incidents", "closed", "critical"] == 0
    assert found["oncall_executions", "running"] == 1
    assert found["oncall_escalations", "notified"] == 1
    assert found["oncall_slo_ratio", "resolution_success"] == 1.0
    assert found["oncall_slo_denominator", "knowledge_accuracy"] == 0
    assert ("oncall_slo_ratio", "knowledge_accuracy") not in found
    assert found[("oncall_ready",)] == 1


async def test_metrics_do_not_show_half_of_the_incidents(client, show, model):
    show(an_incident("one"))
    model.ready = False
    found = await samples(client)
    assert found[("oncall_ready",)] == 0
    assert not [name for name in found if name[0] == "oncall_incidents"]


async def test_metrics_count_intake_requests(client):
    await client.post("/intake/responses", data=b"{", headers={"Content-Type": "application/json"})
    await client.post(
        "/intake/responses", json={"domain": "d", "incident_id": "i", "response": "acknowledge"}
    )
    found = await samples(client)
    assert found["oncall_http_intake_requests_total", "/intake/responses", "400"] == 1
    assert found["oncall_http_intake_requests_total", "/intake/responses", "202"] == 1


async def connectors(client):
    answer = await client.get("/readyz")
    assert answer.status == 200
    return (await answer.json())["connectors"]


async def test_ready_says_what_nobody_serves_and_is_ready_all_the_same(client, announced):
    assert await connectors(client) == {
        "known": False,
        "why": "nobody announced itself",
        "unserved_kinds": [],
        "unknown_actions": [],
    }
    for kind in ("escalation", "ticket", "chat", "step"):
        announced.put(
            None, Connector(kind=kind, instance="one", actions=["k.x"]).model_dump_json().encode(), MS
        )
    announced.put(None, b"{", MS)
    found = await connectors(client)
    assert (found["unserved_kinds"], found["unknown_actions"]) == (["document"], ["kubernetes.describe"])
    assert "no connector for document commands" in found["why"]


async def test_ready_before_announcements_are_read(client, announced):
    announced.ready = False
    assert await connectors(client) == {"known": False, "why": "the connectors topic is not read yet"}
