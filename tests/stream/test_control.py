"""What crosses domains, on a real Kafka: permits between two domains and back, kills in between, pauses."""

import asyncio
import json

import httpx
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from confluent_kafka import OFFSET_END
from confluent_kafka import TopicPartition as KafkaPartition
from confluent_kafka.admin import AdminClient

from tests.stream.conftest import alert, values
from tests.stream.test_worker import free_port
from tests.support.command import oncall
from tests.support.replay import replayed
from tests.support.worker import WorkerProcess, ready_worker

pytestmark = pytest.mark.slow

RESTART = """\
---
id: restart
title: It needs a restart
owner: platform
match: ['alertname="Stuck"']
---
## Mitigation
```yaml step=restart
action: kubernetes.restart
with: {pod: "${{ trigger.labels.pod }}"}
timeout: 2m
```
"""
ACTION = """\
  kubernetes.restart:
    effect: change
    description: Restart a pod
    params:
      pod: {type: string, required: true, description: Its name}
"""


@pytest.fixture
def acting(service):
    """The service with a page that changes something."""
    library = service.folder / "library"
    (library / "restart.md").write_text(RESTART)
    manifest = library / "library.yaml"
    manifest.write_text(manifest.read_text() + ACTION)
    return service


def kinds(records):
    return [each["kind"] for each in values(records)]


def has(kind):
    return lambda found: kind in kinds(found)


async def test_a_change_asks_another_domain_before_its_command_goes_out(acting):
    with ready_worker(**acting.settings()) as worker:
        await acting.send("alerts", alert("Stuck", pod="cart-1"))
        [command] = values(await acting.read("step-commands", lambda found: found))
        assert (command["op"], command["effect"], command["params"]) == ("run", "change", {"pod": "cart-1"})
        result = {"id": "r1", "command_id": command["id"], "domain": command["domain"], "status": "succeeded"}
        await acting.send("step-results", result, key=command["domain"].encode())
        notices = await acting.read("notices", has("run_ended"))
        assert sorted(kinds(notices)) == ["permit_asked", "permit_granted", "permit_returned", "run_ended"]
        by_kind = {each["kind"]: each for each in values(notices)}
        assert by_kind["permit_asked"]["domain"] == by_kind["run_ended"]["domain"] == "control"
        assert by_kind["permit_granted"]["domain"] == command["domain"]
        assert len({each["permit_id"] for each in by_kind.values() if each["permit_id"]}) == 1
        assert (await asyncio.to_thread(replayed, acting.bootstrap_servers, acting.prefix))["equal"]
        assert worker.terminate() == 0


BETWEEN = [
    *("after_commit:1", "after_append:2"),  # asked; on `signals`, and the notice's offset not committed
    *("after_outputs:2", "after_commit:2"),  # about to be granted; granted
    *("after_append:3", "after_outputs:3", "after_commit:3"),  # back in its domain; the command
]


@pytest.mark.parametrize("point", BETWEEN)
async def test_killed_between_two_domains_the_command_is_decided_once(acting, point):
    with WorkerProcess(**acting.settings(failpoint=point)) as doomed:
        doomed.wait_ready()
        await acting.send("alerts", alert("Stuck", pod="cart-1"))
        assert await asyncio.to_thread(doomed.wait_end) == 86
    with ready_worker(**acting.settings()):
        await acting.read("step-commands", lambda found: found)
        told = await asyncio.to_thread(replayed, acting.bootstrap_servers, acting.prefix)
        assert told["equal"]
        assert sorted(kinds(await acting.read_all("notices"))) == ["permit_asked", "permit_granted"]
        assert len(await acting.read_all("step-commands")) == 1


async def test_paused_nothing_changes_any_more_until_it_is_resumed(acting):
    with ready_worker(**acting.settings()):
        told = await ask(acting, "pause", "--reason", "the network is ill")
        assert (told["is_paused"], told["by"], told["text"]) == (True, "carol", "the network is ill")
        [standing] = values(await acting.read("standings", lambda found: found))
        assert standing["is_paused"]
        await acting.send("alerts", alert("Stuck", pod="a", namespace="a"))
        [denied] = values(await acting.read("notices", has("permit_denied")))[1:]
        assert denied["reason"] == "automation_paused"
        await acting.read("escalation-commands", lambda found: found)
        assert not (await ask(acting, "resume"))["is_paused"]
        await acting.send("alerts", alert("Stuck", pod="b", namespace="b"))
        [command] = values(await acting.read("step-commands", lambda found: found))
        assert command["params"] == {"pod": "b"}


async def ask(service, *arguments):
    """Ask by the command line; give the standing that it prints."""
    said = (*arguments, "--as", "carol", "--json")
    done = await asyncio.to_thread(oncall, service.bootstrap_servers, service.prefix, *said)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


async def test_an_outsider_cannot_put_words_into_control_or_grant_itself_anything(acting):
    with ready_worker(**acting.settings()):
        answer = {"id": "x", "domain": "control", "object_id": "o", "status": "succeeded"}
        await acting.send("step-results", answer, key=b"control")
        await acting.send("responses", answer | {"response": "resolve"}, key=b"control")
        letters = values(await acting.read("dead-letters", lambda found: len(found) == 2))
        assert {each["topic"]: each["reason"] for each in letters} == {
            "step-results": "unknown_command",
            "responses": "not_supported",
        }


async def test_markers_at_the_end_are_no_lag_and_no_loss(acting):
    """A commit marker is an offset that nobody takes: it must not look like lag for ever, nor like loss when it is deleted."""
    port = free_port()
    with ready_worker(**acting.settings(web_port=port, stuck_after=3)) as worker:
        await acting.send("alerts", alert("Stuck", pod="cart-1"))
        await acting.read("step-commands", lambda found: found)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=10) as client:
            async with asyncio.timeout(30):
                await lagless(acting, "notices")
            assert (await client.get("/healthz")).status_code == 200
        worker.kill()
    await asyncio.to_thread(delete_all, acting, "notices")
    with ready_worker(**acting.settings(web_port=port)) as worker:
        assert "retention" not in worker.log


async def lagless(service, topic):
    """Return when the group has committed the topic to its very end."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=service.bootstrap_servers, group_id=service.prefix, enable_auto_commit=False
    )
    await consumer.start()
    try:
        places = [TopicPartition(service.topic(topic), number) for number in range(4)]
        while True:
            ends = await consumer.end_offsets(places)
            committed = {place: await consumer.committed(place) or 0 for place in places}
            if committed == ends:
                return
            await asyncio.sleep(0.2)
    finally:
        await consumer.stop()


def delete_all(service, topic):
    """Do what retention does when a topic has been quiet for long: all goes, markers too."""
    admin = AdminClient({"bootstrap.servers": service.bootstrap_servers})
    places = [KafkaPartition(service.topic(topic), number, OFFSET_END) for number in range(4)]
    for future in admin.delete_records(places).values():
        future.result(20)


async def test_a_silence_mutes_what_comes_and_ended_early_lets_it_take_effect(acting):
    with ready_worker(**acting.settings()):
        made = await ask(acting, "silence", "add", 'pod="cart-1"', "--for", "1h", "--comment", "we move it")
        held, sent = [], 0
        while not held:  # intake reads of the silence a moment after it was made
            assert sent < 60, "no alert was ever muted"
            await acting.send("alerts", alert("Stuck", pod="cart-1", number=str(sent)))
            sent += 1
            await asyncio.sleep(0.5)
            held = [each["muted"] for each in values(await acting.read_all("standings")) if each["muted"]]
        assert {each["by"] for each in held[-1]["alerts"]} == {f"silence:{made['id']}"}
        await ask(acting, "silence", "expire", made["id"])
        await acting.read("incident-events", lambda found: "AlertUnmuted" in types(found))
        assert (await asyncio.to_thread(replayed, acting.bootstrap_servers, acting.prefix))["equal"]


def types(records):
    return [each["type"] for each in values(records)]
