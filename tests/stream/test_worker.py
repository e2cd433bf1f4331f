"""A worker on a real Kafka: what goes in comes out, and every crash is made whole."""

import asyncio
import json
import re
import shutil
import socket
import time

import httpx
import pytest

from app.settings import Settings
from app.stream.topics import changelog_name
from tests.stream.conftest import alert, values
from tests.support.replay import replayed
from tests.support.worker import WorkerProcess, ready_worker

pytestmark = pytest.mark.slow


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def runs(records):
    return [each for each in values(records) if each["op"] == "run"]


async def answer(service, command):
    result = {
        "id": f"answer-{command['id']}",
        "command_id": command["id"],
        "object_id": command["object_id"],
        "domain": command["domain"],
        "status": "succeeded",
        "output": {"seen": True},
    }
    await service.send("step-results", result, key=command["domain"].encode())


async def test_an_alert_becomes_commands_and_its_answer_moves_the_execution_on(service):
    with ready_worker(**service.settings()) as worker:
        await service.send("alerts", alert("CrashLooping", pod="cart-1"))
        [step] = values(await service.read("step-commands", lambda found: found))
        assert (step["op"], step["attempt"], step["params"]) == ("run", 1, {"pod": "cart-1"})
        [page] = values(await service.read("escalation-commands", lambda found: found))
        assert (page["op"], page["person_id"]) == ("notify", "alice")
        await answer(service, step)

        def looked(found):
            snapshot = values(found)[-1] if found else {}
            return any(
                run["status"] == "succeeded"
                for each in snapshot.get("executions", [])
                for run in each["steps"]
            )

        await service.read("incidents", looked)
        await service.send("alerts", alert("CrashLooping", pod="cart-1"))  # the same again
        await service.send("alerts", b"nonsense", None)
        letters = values(await service.read("dead-letters", lambda found: len(found) >= 2))
        assert {each["topic"] for each in letters} == {"alerts"}
        assert len(await service.read_all("step-commands")) == 1
        assert len(await service.read_all("escalation-commands")) == 1
        assert worker.terminate() == 0


async def test_a_timer_that_fell_due_while_nobody_was_there(service):
    with ready_worker(**service.settings()) as worker:
        await service.send("alerts", alert("Silent"))
        await service.read("step-commands", lambda found: found)
        worker.kill()
    await asyncio.sleep(1.5)  # the step's timeout is 1 s
    with ready_worker(**service.settings()):

        def timed_out(found):
            return [each for each in values(found) if each["type"] == "StepTimedOut"]

        await service.read("incident-events", timed_out, within=5)
        assert len(timed_out(await service.read_all("incident-events"))) == 1


async def test_a_timer_fires_though_nothing_else_happens(service):
    with ready_worker(**service.settings()):
        await service.send("alerts", alert("Silent"))

        def timed_out(found):
            return any(
                run["status"] == "timed_out"
                for each in values(found)
                for execution in each["executions"]
                for run in execution["steps"]
            )

        await service.read("incidents", timed_out, within=20)


@pytest.mark.parametrize("disk_lost", [False, True], ids=["same-disk", "empty-disk"])
@pytest.mark.parametrize("point", ["after_outputs", "after_offset", "after_commit"])
async def test_killed_around_the_commit_the_command_is_decided_once(service, point, disk_lost):
    with WorkerProcess(**service.settings(failpoint=point)) as doomed:
        doomed.wait_ready()
        await service.send("alerts", alert("CrashLooping", pod="cart-1"))
        assert await asyncio.to_thread(doomed.wait_end) == 86
    if disk_lost:
        shutil.rmtree(service.folder / "data")
    with ready_worker(**service.settings()):
        [command] = await service.read("step-commands", lambda found: found)
        every = await service.read("step-commands", lambda found: found, isolation="read_uncommitted")
        copies = 1 if point == "after_commit" else 2
        assert [each.value for each in every] == [command.value] * copies
        await answer(service, *values([command]))

        def looked(found):
            return any(
                run["status"] == "succeeded"
                for each in values(found)
                for execution in each["executions"]
                for run in execution["steps"]
            )

        await service.read("incidents", looked)
        assert len(await service.read_all("step-commands")) == 1
        assert (await asyncio.to_thread(replayed, service.bootstrap_servers, service.prefix))["equal"], (
            "while the worker is at work"
        )


async def test_a_replay_names_what_was_put_among_the_commands(service):
    with ready_worker(**service.settings(output_format="avro")):
        await service.send("alerts", alert("CrashLooping", pod="cart-1"))
        [command] = await service.read("step-commands", lambda found: found)
    told = await asyncio.to_thread(replayed, service.bootstrap_servers, service.prefix)
    assert (told["equal"], told["differences"]) == (True, [])
    await service.send("step-commands", command.value.replace(b"cart-1", b"cart-2"), key=command.key)
    told = await asyncio.to_thread(replayed, service.bootstrap_servers, service.prefix)
    assert not told["equal"]
    assert {each["where"].split("@")[0] for each in told["differences"]} == {
        f"step-commands/{command.partition}"
    }


async def test_killed_after_intakes_append_nothing_is_lost_or_decided_twice(service):
    with WorkerProcess(**service.settings(failpoint="after_append")) as doomed:
        doomed.wait_ready()
        await service.send("alerts", alert("CrashLooping", pod="cart-1"))
        assert await asyncio.to_thread(doomed.wait_end) == 86
    with ready_worker(**service.settings()):
        signals = await service.read("signals", lambda found: len(found) >= 2)
        first, second = values(signals)
        assert first["signals"] == second["signals"]
        await service.read("step-commands", lambda found: found)
        await service.send("alerts", alert("Other"))  # what comes after both copies
        await service.read(
            "escalation-commands", lambda found: len({each["title"] for each in values(found)}) == 2
        )
        assert len(await service.read_all("step-commands")) == 1


async def test_recovery_ends_promptly_at_a_commit_marker_and_at_an_aborted_transaction(service):
    with ready_worker(**service.settings()) as first:
        await service.send("alerts", alert("CrashLooping", pod="cart-1"))
        await service.read("step-commands", lambda found: found)
        first.terminate()
    with WorkerProcess(**service.settings(failpoint="after_records")) as doomed:
        doomed.wait_ready()
        await service.send("alerts", alert("CrashLooping", pod="cart-2"))
        assert await asyncio.to_thread(doomed.wait_end) == 86
    shutil.rmtree(service.folder / "data")
    began = time.monotonic()
    with ready_worker(**service.settings()) as worker:
        # Waiting for the dead worker's session (6 s) is the group's part, not recovery's.
        took = time.monotonic() - began
        assert took < 25
        restored = float(re.search(r"restored \d+ records of 4 partitions in ([\d.]+) s", worker.log)[1])
        assert restored < 3


async def test_two_workers_share_and_one_takes_over_from_a_killed_one(service):
    with ready_worker(**service.settings("one")) as one, ready_worker(**service.settings("two")):
        await service.send(
            "alerts", *(alert("CrashLooping", pod=f"p-{each}", namespace=f"n-{each}") for each in range(20))
        )
        await service.read("step-commands", lambda found: len(found) >= 20)
        one.kill()
        await service.send(
            "alerts",
            *(alert("CrashLooping", pod=f"p-{each}", namespace=f"n-{each}") for each in range(20, 40)),
        )
        commands = runs(await service.read("step-commands", lambda found: len(found) >= 40, within=60))
        assert len({each["params"]["pod"] for each in commands}) == len(commands) == 40


async def test_a_worker_that_was_paused_is_fenced_when_it_wakes(service):
    with ready_worker(**service.settings("one")) as one:
        await service.send("alerts", alert("CrashLooping", pod="a", namespace="a"))
        await service.read("step-commands", lambda found: found)
        one.pause()
        with ready_worker(**service.settings("two")):
            await service.send(
                "alerts",
                alert("CrashLooping", pod="b", namespace="a"),
                alert("CrashLooping", pod="c", namespace="c"),
            )
            await service.read("step-commands", lambda found: len(found) >= 2)
            one.wake()
            await service.send(
                "alerts", *(alert("CrashLooping", pod=f"x{each}", namespace=f"x{each}") for each in range(8))
            )
            commands = runs(await service.read("step-commands", lambda found: len(found) >= 10, within=60))
            assert len({each["id"] for each in commands}) == len(commands) == 10


async def test_aborted_input_is_not_read(service):
    from aiokafka import AIOKafkaProducer

    with ready_worker(**service.settings()):
        producer = AIOKafkaProducer(
            bootstrap_servers=service.bootstrap_servers, transactional_id=f"{service.prefix}-tester"
        )
        await producer.start()
        await producer.begin_transaction()
        await producer.send_and_wait(service.topic("alerts"), b"aborted nonsense", partition=0)
        await producer.abort_transaction()
        await producer.stop()
        await service.send("alerts", b"nonsense", partition=0)
        [letter] = await service.read("dead-letters", lambda found: found)
        assert b"aborted" not in letter.value


async def test_the_table_of_a_wiped_topic_is_refused(service):
    """Invariants are looked at after recovery: a changelog that belongs to another `signals` ends the worker."""
    from aiokafka.admin import AIOKafkaAdminClient, NewTopic

    with ready_worker(**service.settings()) as worker:
        await service.send("alerts", alert("CrashLooping", pod="cart-1"))
        await service.read("step-commands", lambda found: found)
        worker.terminate()
    admin = AIOKafkaAdminClient(bootstrap_servers=service.bootstrap_servers)
    await admin.start()
    await admin.delete_topics([service.topic("signals")])
    for _ in range(100):
        if service.topic("signals") not in await admin.list_topics():
            break
    made = await admin.create_topics(
        [NewTopic(service.topic("signals"), 4, 1, topic_configs={"message.timestamp.type": "LogAppendTime"})]
    )
    assert [error[1] for error in made.topic_errors] == [0]
    await admin.close()
    with WorkerProcess(**service.settings()) as worker:
        assert await asyncio.to_thread(worker.wait_end) == 1
        assert "was deleted and made anew" in worker.log


@pytest.mark.parametrize(
    ("partition", "lost"),
    [(1, "3 messages (offsets 1 to 3)"), (2, "4 messages (offsets 0 to 3)")],
    ids=["after what was taken", "where nothing was ever taken"],
)
async def test_what_retention_took_too_early_stops_the_worker_until_it_is_accepted(service, partition, lost):
    from confluent_kafka import TopicPartition
    from confluent_kafka.admin import AdminClient

    with ready_worker(**service.settings()) as worker:
        await service.send("alerts", alert("CrashLooping", pod="cart-1"), partition=1)
        await service.read("step-commands", lambda found: found)
        worker.terminate()
    await service.send(
        "alerts", *(alert("CrashLooping", pod=f"lost-{each}") for each in range(5)), partition=partition
    )
    admin = AdminClient({"bootstrap.servers": service.bootstrap_servers})
    for future in admin.delete_records([TopicPartition(service.topic("alerts"), partition, 4)]).values():
        await asyncio.to_thread(future.result, 20)
    with WorkerProcess(**service.settings()) as worker:
        assert await asyncio.to_thread(worker.wait_end) == 2
        assert f"alerts/{partition}: retention deleted {lost} before they were taken" in worker.log
        assert "--accept-loss" in worker.log
    with ready_worker(**service.settings(accept_loss=True)) as worker:
        assert re.search(rf"alerts/{partition}: retention deleted .*; accepted", worker.log)
        await service.read("signals", lambda found: len(found) >= 2)
        worker.kill()
    with ready_worker(**service.settings()) as worker:  # once is enough
        assert "retention" not in worker.log


async def test_healthz_names_the_partition_that_does_not_get_on(service):
    """A signal stamped with a library that is not there: its partition waits, the others go on."""
    port = free_port()
    with ready_worker(**service.settings(web_port=port, stuck_after=3)) as worker:
        await service.send("alerts", alert("CrashLooping", pod="cart-1", namespace="one"))
        [first] = await service.read("signals", lambda found: found)
        lacking = json.dumps(json.loads(first.value) | {"library": "f" * 64}).encode()
        await service.send("signals", lacking, key=first.key, partition=first.partition)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=10) as client:
            assert (await client.get("/healthz")).status_code == 200
            async with asyncio.timeout(40):
                while (answer := await client.get("/healthz")).status_code != 503:
                    await service.send("signals", lacking, key=first.key, partition=first.partition)
                    await asyncio.sleep(0.5)
            assert f"signals/{first.partition}: " in answer.json()["detail"]
            assert "alerts/" not in answer.json()["detail"]
            metrics = (await client.get("/metrics")).text
            assert f'oncall_worker_lag{{partition="{first.partition}",topic="signals"}}' in metrics
        worker.kill()


async def test_a_worker_that_waits_to_be_let_into_the_group_ends_when_it_is_told_to(service):
    """The group waits for a member that is dead, until its session is over."""
    with ready_worker(**service.settings("dead", session_timeout=60)) as dead:
        dead.kill()
    with WorkerProcess(**service.settings("next", session_timeout=60)) as worker:
        await asyncio.to_thread(worker.wait_for, r"_CommittedThread\]: Starting")
        await asyncio.sleep(2)
        worker.ask_to_end()
        assert await asyncio.to_thread(worker.wait_end, 25) == 0
        assert "Traceback" not in worker.log


async def test_a_named_worker_that_comes_back_in_time_moves_no_partitions(service):
    def named(name):
        return service.settings(name, instance=name, session_timeout=30)

    with ready_worker(**named("one")) as one, ready_worker(**named("two")) as two:
        two.wait_for(r"at work on partitions \[\d, \d\]")
        one.wait_for(r"at work on partitions \[\d, \d\]")
        before = two.log.count("restored ")
        assert one.terminate() == 0
        with ready_worker(**named("one")):
            await service.send(
                "alerts",
                *(alert("CrashLooping", pod=f"p-{each}", namespace=f"n-{each}") for each in range(12)),
            )
            commands = runs(await service.read("step-commands", lambda found: len(found) >= 12))
            assert len({each["params"]["pod"] for each in commands}) == len(commands) == 12
        assert two.log.count("restored ") == before


async def test_readyz_says_when_it_is_ready(service):
    port = free_port()
    with ready_worker(**service.settings(web_port=port)) as worker:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=10) as client:
            assert (await client.get("/healthz")).status_code == 200
            assert (await client.get("/readyz")).status_code == 200
        assert worker.terminate() == 0


async def test_the_changelog_and_nothing_else_is_the_table(service):
    with ready_worker(**service.settings()) as worker:
        await service.send("alerts", alert("CrashLooping", pod="cart-1"))
        await service.read("step-commands", lambda found: found)
        worker.terminate()
    name = changelog_name(Settings(app_id=service.prefix))
    [record] = await service.read("changelog", lambda found: found, name=name)
    [signal] = await service.read_all("signals")
    assert (record.key, record.partition) == (signal.key, signal.partition)
