"""A service moves to another domain while its alert fires, on a real Kafka."""

import asyncio

import pytest

from tests.stream.conftest import alert, values
from tests.stream.test_versions import publish
from tests.support.replay import replayed
from tests.support.worker import ready_worker

pytestmark = pytest.mark.slow


def catalog(service, system):
    (service.folder / "library" / "catalog.yaml").write_text(f"services: {{cart: {{system: {system}}}}}\n")


async def test_a_moved_incident_goes_on_and_a_late_step_result_counts(service):
    catalog(service, "shop")
    with ready_worker(**service.settings()) as worker:
        await service.send("alerts", alert("CrashLooping", pod="a", service="cart"))
        [look] = values(await service.read("step-commands", lambda found: found))
        catalog(service, "store")
        await asyncio.to_thread(publish, service)
        await service.send("alerts", alert("CrashLooping", pod="b", service="cart"))
        await service.read(
            "incident-events", lambda found: b"IncidentTakenOver" in b"".join(each.value for each in found)
        )
        result = {"id": "r1", "command_id": look["id"], "domain": look["domain"], "status": "succeeded"}
        await service.send("step-results", result, key=look["domain"].encode())
        told = await service.read(
            "incident-events", lambda found: any(each["type"] == "StepSucceeded" for each in values(found))
        )
        for pod in ("a", "b"):
            over = {"status": "resolved", "endsAt": "2026-11-01T00:01:00Z"}
            await service.send("alerts", alert("CrashLooping", pod=pod, service="cart") | over)
        told = await service.read(
            "incident-events", lambda found: any(each["type"] == "IncidentResolved" for each in values(found))
        )
        events = values(told)
        assert len({each["incident_id"] for each in events}) == 1
        assert {each["domain"] for each in events} == {"production/shop", "production/store"}
        assert sorted(each["seq"] for each in events) == list(range(1, len(events) + 1))
        pages = values(await service.read_all("escalation-commands"))
        assert len([each for each in pages if each["op"] == "notify"]) == 1
        assert await service.read_all("dead-letters") == []
        assert (await asyncio.to_thread(replayed, service.bootstrap_servers, service.prefix))["equal"]
        assert worker.terminate() == 0
