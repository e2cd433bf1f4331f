"""On the embedded broker: enough for trying out."""

import json
import re
import time

import pytest
from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition

from tests.stream.conftest import LIBRARY
from tests.support.worker import ready_worker

pytestmark = pytest.mark.slow


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


@pytest.mark.parametrize(
    "command", [("-m", "app.worker"), ("-m", "faust", "-A", "app.stream", "worker", "-l", "info")]
)
def test_an_alert_becomes_a_command(embedded_broker, topic_prefix, tmp_path, command):
    library = tmp_path / "library"
    library.mkdir()
    for name, text in LIBRARY.items():
        (library / name).write_text(text)
    settings = {
        "bootstrap_servers": embedded_broker.bootstrap_servers,
        "topic_prefix": topic_prefix,
        "app_id": topic_prefix,
        "runbooks": library,
        "data_dir": tmp_path / "data",
        "embedded": True,
        "output_format": "json",
    }
    with ready_worker(command=command, **settings) as worker:
        producer = Producer({"bootstrap.servers": embedded_broker.bootstrap_servers})
        producer.produce(
            f"{topic_prefix}.alerts",
            b'{"labels": {"alertname": "CrashLooping", "severity": "critical", "pod": "a"}, "status": "firing"}',
        )
        assert producer.flush(10) == 0
        command = first_value(embedded_broker.bootstrap_servers, f"{topic_prefix}.step-commands", worker)
        assert command["params"] == {"pod": "a"}
        assert worker.terminate() == 0
        assert not re.search(r"CRITICAL|Traceback", worker.log)
