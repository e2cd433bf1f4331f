"""docs/connectors.md is a contract: its tables name every field there is, and its scripts run as they are printed."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from app.model import commands, connectors, inputs, outputs, standings

TEXT = (Path(__file__).parents[2] / "docs" / "connectors.md").read_text(encoding="utf-8")
MODELS = {
    "Command": (commands.Command, None),
    "StepCommand": (commands.StepCommand, commands.Command),
    "EscalationCommand": (commands.EscalationCommand, commands.Command),
    "TicketCommand": (commands.TicketCommand, commands.Command),
    "ChatCommand": (commands.ChatCommand, commands.Command),
    "DocumentCommand": (commands.DocumentCommand, commands.Command),
    "Answer": (inputs.Answer, None),
    "Response": (inputs.Response, inputs.Answer),
    "Alert": (inputs.Alert, None),
    "SystemEvent": (inputs.SystemEvent, None),
    "UserReport": (inputs.UserReport, None),
    "IncidentEvent": (outputs.IncidentEvent, None),
    "Standing": (standings.Standing, None),
    "Connector": (connectors.Connector, None),
    "DeadLetter": (outputs.DeadLetter, None),
}


def script(name: str) -> str:
    return re.search(rf"```python name={name}\n(.*?)```", TEXT, re.DOTALL)[1]


@pytest.mark.parametrize("name", MODELS)
def test_the_table_names_every_field(name):
    model, base = MODELS[name]
    table = TEXT.split(f"<!-- fields: {name} -->")[1].split("\n\n")[0]
    told = re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)
    fields = {info.alias or field for field, info in model.model_fields.items()}
    inherited = {info.alias or field for field, info in base.model_fields.items()} if base else set()
    assert set(told) == fields - inherited
    assert len(told) == len(set(told))


def test_every_table_is_looked_at():
    assert set(re.findall(r"<!-- fields: (\w+) -->", TEXT)) == set(MODELS)


@pytest.mark.parametrize("name", ["executor_avro.py", "chat_json.py", "announce.py", "send_alert.py"])
def test_scripts_import_nothing_of_ours(name):
    assert not re.search(r"^\s*(from|import) app\b", script(name), re.MULTILINE)


@pytest.fixture
def start(tmp_path):
    """Start a script of the page by its name, in a folder of its own."""
    running = []

    def run(name, *arguments):
        (tmp_path / name).write_text(script(name), encoding="utf-8")
        process = subprocess.Popen(
            [sys.executable, name, *arguments],
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        running.append(process)
        return process

    yield run
    for process in running:
        process.terminate()
        process.communicate()


def answers(servers, topic, count):
    from confluent_kafka import Consumer

    consumer = Consumer({"bootstrap.servers": servers, "group.id": topic, "auto.offset.reset": "earliest"})
    consumer.subscribe([topic])
    got = []
    while len(got) < count:
        message = consumer.poll(20)
        assert message is not None, f"{len(got)} of {count} answers"
        if not message.error():
            got.append(message)
    consumer.close()
    return got


@pytest.fixture
def put(embedded_broker, topic_prefix):
    from app.connectors.kafka import Writer
    from app.settings import OutputFormat
    from app.wire.codec import Codec

    def put(topic, *values, fmt=OutputFormat.AVRO):
        with Writer(embedded_broker.bootstrap_servers) as writer:
            for value in values:
                writer.send(f"{topic_prefix}.{topic}", value.domain.encode(), Codec(fmt).encode(value))

    return put


def test_the_avro_executor_keeps_the_rules(start, put, embedded_broker, topic_prefix):
    from datetime import UTC, datetime

    from app.model.inputs import StepResult
    from app.resources import schemas_dir
    from app.wire.decode import decode
    from tests.connectors.samples import step

    put(
        "step-commands",
        step(1, params={"pod": "cart-1"}),
        step(1, params={"pod": "cart-1"}),
        step(2, object_id="step-2", action="kubernetes.delete_everything"),
        step(3, object_id="step-3", not_after=datetime(2026, 1, 1, tzinfo=UTC)),
    )
    put("step-results")
    start("executor_avro.py", str(schemas_dir()), embedded_broker.bootstrap_servers, topic_prefix)
    got = answers(embedded_broker.bootstrap_servers, f"{topic_prefix}.step-results", 4)
    results = [decode(message.value(), StepResult) for message in got]
    assert [r.status.value for r in results] == ["succeeded", "succeeded", "refused", "expired"]
    assert results[0].id == results[1].id
    assert results[0].output == {"pod": "cart-1", "last_state": "OOMKilled"}
    assert {message.key() for message in got} == {b"production/checkout"}


def test_the_json_chat_connector(start, put, embedded_broker, topic_prefix):
    import json

    from app.model.inputs import Response
    from app.settings import OutputFormat
    from tests.connectors.samples import chat

    put("chat-commands", chat(1, text="It began"), fmt=OutputFormat.JSON)
    process = start("chat_json.py", embedded_broker.bootstrap_servers, topic_prefix, "1")
    assert process.wait(30) == 0
    (message,) = answers(embedded_broker.bootstrap_servers, f"{topic_prefix}.responses", 1)
    response = Response.model_validate(json.loads(message.value()))
    assert (response.external_key, response.command_id) == ("thread-thread-1", chat(1).id)


def test_the_announcement(start, embedded_broker, topic_prefix):
    from app.model.connectors import Connector

    servers = embedded_broker.bootstrap_servers
    assert start("announce.py", "step", servers, topic_prefix, "1", "k.scale").wait(30) == 0
    (message,) = answers(servers, f"{topic_prefix}.connectors", 1)
    connector = Connector.model_validate_json(message.value())
    assert (connector.kind, connector.actions) == ("step", ["k.scale"])
    assert message.key().decode() == connector.instance


def test_the_alert_producer(start, embedded_broker, topic_prefix):
    import json

    from app.model.inputs import Alert

    assert start("send_alert.py", embedded_broker.bootstrap_servers, topic_prefix).wait(30) == 0
    (message,) = answers(embedded_broker.bootstrap_servers, f"{topic_prefix}.alerts", 1)
    assert Alert.model_validate(json.loads(message.value())).name == "KubePodCrashLooping"
