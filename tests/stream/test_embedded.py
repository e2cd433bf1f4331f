"""On the embedded broker: enough for trying out."""

import json
import re
import time

import httpx
import pytest
from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

from tests.stream.conftest import LIBRARY
from tests.stream.test_worker import free_port
from tests.support.command import oncall
from tests.support.worker import COMMANDS, ready_worker

pytestmark = [pytest.mark.slow, pytest.mark.processes]


def first_value(bootstrap_servers, topic, worker):
    """The first message of a topic that appears with it; no consumer group, which the mock cluster has no hurry with."""
    consumer = Consumer(
        {"bootstrap.servers": bootstrap_servers, "group.id": "none", "enable.auto.commit": False}
    )
    deadline = time.monotonic() + 60
    try:
        while not (partitions := consumer.list_topics(topic, 10).topics[topic].partitions):
            assert time.monotonic() < deadline, worker.log
        consumer.assign([TopicPartition(topic, number, OFFSET_BEGINNING) for number in partitions])
        while (message := consumer.poll(1)) is None or message.error() is not None:
            assert time.monotonic() < deadline, worker.log
        return json.loads(message.value())
    finally:
        consumer.close()


def settings_of(embedded_broker, topic_prefix, tmp_path, **files):
    """A worker's settings; its folder holds the tests' library and these files."""
    library = tmp_path / "library"
    library.mkdir()
    for name, text in (LIBRARY | files).items():
        (library / name).write_text(text)
    return {
        "bootstrap_servers": embedded_broker.bootstrap_servers,
        "topic_prefix": topic_prefix,
        "app_id": topic_prefix,
        "runbooks": library,
        "data_dir": tmp_path / "data",
        "embedded": True,
        "output_format": "json",
        "web_port": free_port(),
    }


def test_a_heartbeat_that_never_comes_is_noticed(embedded_broker, topic_prefix, tmp_path):
    beats = (
        "heartbeats: {watchdog: {match: 'alertname=\"Watchdog\"', every: 10s, grace: 10s, title: Silence}}"
    )
    settings = settings_of(embedded_broker, topic_prefix, tmp_path, **{"beats.yaml": beats})
    with ready_worker(**settings) as worker:
        page = first_value(embedded_broker.bootstrap_servers, f"{topic_prefix}.escalation-commands", worker)
        assert (page["title"], page["domain"], page["op"]) == ("Silence", "heartbeat:watchdog", "notify")
        assert worker.terminate() == 0


def lags_of_signals(metrics):
    """The lag of each partition of `signals`, as it is told."""
    return re.findall(r'^oncall_worker_lag\{.*topic="signals".*\} (\S+)$', metrics, re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS, ids=["oncall", "faust"])
def test_an_alert_becomes_a_command(embedded_broker, topic_prefix, tmp_path, command):
    settings = settings_of(embedded_broker, topic_prefix, tmp_path) | {"stuck_after": 1.2}
    web = f"http://127.0.0.1:{settings['web_port']}"
    alert = {"labels": {"alertname": "CrashLooping", "severity": "critical", "pod": "a"}, "status": "firing"}
    with ready_worker(command=command, **settings) as worker:
        webhook = {"version": "4", "groupKey": "{}", "status": "firing", "alerts": [alert]}
        assert httpx.post(f"{web}/intake/alertmanager", json=webhook).status_code == 202
        command = first_value(embedded_broker.bootstrap_servers, f"{topic_prefix}.step-commands", worker)
        assert command["params"] == {"pod": "a"}
        deadline = time.monotonic() + 30
        while (ready := httpx.get(f"{web}/readyz")).status_code != 200:
            assert time.monotonic() < deadline, ready.text
            time.sleep(0.1)
        assert "oncall_worker_messages_in_total 1.0" in httpx.get(f"{web}/metrics").text
        assert httpx.get(f"{web}/").status_code == 200
        while sorted(lags_of_signals(httpx.get(f"{web}/metrics").text)) != ["0.0"] * 4:
            assert time.monotonic() < deadline, (
                "what it applied counts as taken, though the broker does not say so"
            )
            time.sleep(0.1)
        assert worker.terminate() == 0
        assert not re.search(r"CRITICAL|Traceback", worker.log)
    replayed = oncall(embedded_broker.bootstrap_servers, topic_prefix, "replay", embedded=True)
    assert (replayed.returncode, "oncall: equal" in replayed.stderr) == (0, True), replayed.stderr
