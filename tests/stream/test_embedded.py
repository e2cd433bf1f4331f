"""On the embedded broker: enough for trying out."""

import json
import re

import pytest
from confluent_kafka import Consumer, Producer

from tests.stream.conftest import LIBRARY
from tests.support.worker import ready_worker

pytestmark = pytest.mark.slow


def values(consumer):
    """What is consumed, from when the topic appears: here that is with its first message."""
    while (message := consumer.poll(30)) is not None:
        if message.error() is None:
            yield json.loads(message.value())


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
        consumer = Consumer(
            {
                "bootstrap.servers": embedded_broker.bootstrap_servers,
                "group.id": f"{topic_prefix}-reader",
                "auto.offset.reset": "earliest",
                "topic.metadata.refresh.interval.ms": 500,
            }
        )
        consumer.subscribe([f"{topic_prefix}.step-commands"])
        assert next(values(consumer))["params"] == {"pod": "a"}
        consumer.close()
        assert worker.terminate() == 0
        assert not re.search(r"CRITICAL|Traceback", worker.log)
