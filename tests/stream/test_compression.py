"""Whatever a producer or a topic compresses with, a worker reads it: input, log, library, and tables on an empty disk."""

import json
import shutil

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ResourceType,
)

from app.settings import Settings
from app.stream.topics import specs
from tests.stream.conftest import alert, values
from tests.support.worker import ready_worker

pytestmark = pytest.mark.slow


def compress_topics(service, codec):
    """Let the broker compress all topics but `alerts`, which keeps what its producer chose."""
    settings = Settings(
        bootstrap_servers=service.bootstrap_servers, topic_prefix=service.prefix, app_id=service.prefix
    )
    entry = ConfigEntry("compression.type", codec, incremental_operation=AlterConfigOpType.SET)
    resources = [
        ConfigResource(ResourceType.TOPIC, spec.name, incremental_configs=[entry])
        for spec in specs(settings)
        if spec.name != service.topic("alerts")
    ]
    admin = AdminClient({"bootstrap.servers": service.bootstrap_servers})
    for future in admin.incremental_alter_configs(resources).values():
        future.result(20)


def send(service, codec, *alerts):
    producer = Producer({"bootstrap.servers": service.bootstrap_servers, "compression.type": codec})
    for each in alerts:
        producer.produce(service.topic("alerts"), json.dumps(each).encode())
    assert producer.flush(20) == 0


@pytest.mark.parametrize("codec", ["gzip", "snappy", "lz4", "zstd"])
async def test_a_worker_reads_what_is_compressed(service, codec):
    compress_topics(service, codec)
    padding = {"padding": "x" * 2000}  # librdkafka leaves uncompressed what would not get smaller
    with ready_worker(**service.settings()) as worker:
        send(service, codec, alert("CrashLooping", pod="cart-1", **padding))
        [step] = values(await service.read("step-commands", lambda found: found))
        assert step["params"] == {"pod": "cart-1"}
        assert worker.terminate() == 0
    shutil.rmtree(service.folder / "data")
    with ready_worker(**service.settings()) as worker:
        send(service, codec, alert("CrashLooping", pod="cart-2", **padding))
        await service.read("incidents", lambda found: values(found) and values(found)[-1]["alert_count"] == 2)
        assert worker.terminate() == 0
