"""Alerts from scripts that import nothing of ours: JSON by confluent-kafka, Avro by fastavro with the .avsc alone."""

from __future__ import annotations

import subprocess
import sys

import pytest

from app.resources import schemas_dir
from tests.stream.conftest import service, values  # noqa: F401  # the fixture is used by name
from tests.support.worker import ready_worker

pytestmark = pytest.mark.slow

JSON_SCRIPT = """
import json, sys
from confluent_kafka import Producer

servers, topic = sys.argv[1:3]
alert = {"labels": {"alertname": "CrashLooping", "pod": "cart-1", "severity": "critical"}, "status": "firing",
         "startsAt": "2026-11-01T00:00:00Z"}
producer = Producer({"bootstrap.servers": servers})
producer.produce(topic, json.dumps(alert).encode())
producer.flush(10)
"""

AVRO_SCRIPT = """
import io, json, sys
from datetime import datetime, timezone
import fastavro
from confluent_kafka import Producer

servers, topic, path = sys.argv[1:4]
schema = json.load(open(path))
alert = {"labels": {"alertname": "CrashLooping", "pod": "cart-1", "severity": "critical"}, "status": "firing",
         "startsAt": datetime(2026, 11, 1, tzinfo=timezone.utc)}
canonical = fastavro.schema.to_parsing_canonical_form(schema)
out = io.BytesIO(b"")
out.write(b"\\xc3\\x01" + bytes.fromhex(fastavro.schema.fingerprint(canonical, "CRC-64-AVRO")))
fastavro.schemaless_writer(out, fastavro.parse_schema(schema), alert)
producer = Producer({"bootstrap.servers": servers})
producer.produce(topic, out.getvalue())
producer.flush(10)
"""


@pytest.mark.parametrize(
    "order", [(JSON_SCRIPT, AVRO_SCRIPT), (AVRO_SCRIPT, JSON_SCRIPT)], ids=["json", "avro"]
)
async def test_the_same_alert_in_either_format_is_the_same_incident(service, tmp_path, order):  # noqa: F811
    def send(script: str) -> None:
        path = tmp_path / "script.py"
        path.write_text(script)
        arguments = [service.bootstrap_servers, service.topic("alerts"), str(schemas_dir() / "Alert.avsc")]
        subprocess.run([sys.executable, str(path), *arguments], cwd=tmp_path, check=True, timeout=30)

    with ready_worker(**service.settings()):
        send(order[0])
        await service.read("step-commands", lambda found: found)
        send(order[1])
        signals = values(await service.read("signals", lambda found: len(found) >= 2))
        assert len({signal["identity"] for batch in signals for signal in batch["signals"]}) == 1
        await service.send("alerts", {"labels": {"alertname": "Later", "severity": "critical"}})
        incidents = values(await service.read("incidents", lambda found: len(found) >= 2))
        assert sorted({each["title"] for each in incidents}) == ["CrashLooping", "Later"]
        assert len(await service.read_all("step-commands")) == 1
