import json

import pytest

from app.settings import OutputFormat
from app.wire.codec import Codec
from app.wire.decode import is_avro
from tests.connectors.samples import step

ALERTS = (
    '{"labels": {"alertname": "A"}}\n{"labels": {"alertname": "B"}, "startsAt": "2026-01-01T00:00:00Z"}\n'
)


def values(result):
    assert result.exit_code == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture
def there(put):
    """Make a topic be there; the embedded broker makes it at the first message."""
    return lambda topic: put(topic, (b"warm-up", None))


@pytest.mark.parametrize("form", ["--avro", "--json"])
def test_what_is_sent_is_what_tail_shows(oncall, kafka, there, form):
    there("alerts")
    sent = oncall("send", "alerts", form, *kafka, stdin=ALERTS)
    assert sent.exit_code == 0
    assert "sent 2 to" in sent.stderr
    got = [value for value in values(oncall("tail", "alerts", *kafka)) if value is not None]
    assert [alert["labels"]["alertname"] for alert in got] == ["A", "B"]
    assert got[1]["startsAt"] == "2026-01-01T00:00:00Z"


def test_keys_and_format(oncall, kafka, there, embedded_broker, topic_prefix):
    from app.connectors.reading import Reader
    from app.road.ports import Message

    there("step-results")
    line = '{"command_id": "c", "domain": "production/checkout"}'
    assert oncall("send", "step-results", "-", *kafka, stdin=line).exit_code == 0
    assert oncall("send", "step-results", "-", "--json", "--key", "k", *kafka, stdin=line).exit_code == 0
    with Reader(
        embedded_broker.bootstrap_servers, f"{topic_prefix}.step-results", name="step-results"
    ) as reader:
        got = {m.key: m.value for m in reader.existing() if isinstance(m, Message) and m.value}
    assert set(got) == {b"production/checkout", b"k"}
    assert is_avro(got[b"production/checkout"])
    assert got[b"k"].startswith(b"{")


def test_one_wrong_line_and_nothing_is_sent(oncall, kafka, there, tmp_path):
    there("alerts")
    file = tmp_path / "alerts.jsonl"
    file.write_text(ALERTS + '{"labels": 1}\n{\n')
    result = oncall("send", "alerts", file, *kafka)
    assert result.exit_code == 1
    assert f"{file}: line 3: labels: " in result.stderr
    assert f"{file}: line 4, column 2: not JSON" in result.stderr
    assert "nothing was sent: 2 problems" in result.stderr
    assert values(oncall("tail", "alerts", *kafka)) == [None]


def test_a_topic_that_is_not_there_is_one_line(oncall, kafka):
    result = oncall("tail", "incidents", *kafka)
    assert result.exit_code == 2
    assert "oncall topics create" in result.stderr


def test_filters_and_the_newest(oncall, kafka, put):
    codec = Codec()
    commands = [step(n, incident_id=f"inc-{n % 2}", object_id=f"o{n}") for n in range(1, 7)]
    put("step-commands", *((b"production/checkout", codec.encode(command)) for command in commands))
    of_one = values(oncall("tail", "step-commands", "--filter", "incident=inc-1", *kafka))
    assert [value["object_id"] for value in of_one] == ["o1", "o3", "o5"]
    newest = values(oncall("tail", "step-commands", "-n", "2", *kafka))
    assert [value["object_id"] for value in newest] == ["o5", "o6"]
    assert values(oncall("tail", "step-commands", "-n", "0", *kafka)) == []


def test_meta_and_raw(oncall, kafka, put):
    put("step-commands.shadow", (b"d", Codec(OutputFormat.JSON).encode(step())), (b"d", b"\xff\x00rubbish"))
    result = oncall("tail", "step-commands.shadow", "--meta", *kafka)
    (seen,) = values(result)
    assert (seen["topic"], seen["key"], seen["value"]["step"]) == ("step-commands.shadow", "d", "describe")
    assert "offset 1: cannot be read" in result.stderr
    raw = values(oncall("tail", "step-commands.shadow", "--raw", *kafka))
    assert raw[1]["value"] == {"base64": "/wBydWJiaXNo"}


@pytest.mark.parametrize(
    "value",
    [
        b'[{"labels": {"a": "1"}}, {"labels": {"a": "2"}}]',
        b'{"alerts": [{"labels": {"a": "1"}}, {"labels": {"a": "2"}}]}',
    ],
)
def test_a_list_of_alerts_is_a_line_each(oncall, kafka, put, value):
    put("alerts", (None, value))
    assert [alert["labels"]["a"] for alert in values(oncall("tail", "alerts", *kafka))] == ["1", "2"]


def test_an_alert_that_nests_too_deep_hides_no_other(oncall, kafka, put):
    put("alerts", (None, b'{"a":' * 100_000), (None, ALERTS.splitlines()[0].encode()))
    done = oncall("tail", "alerts", *kafka)
    assert [each["labels"]["alertname"] for each in values(done)] == ["A"]
    assert "cannot be read" in done.stderr


def test_dead_letters_can_be_read_by_people(oncall, kafka, put):
    from app.core.letters import dead_letters
    from app.road.ports import Message
    from tests.connectors.samples import FAR

    codec = Codec()
    letters = [
        letter
        for n, value in enumerate((b"{ text", b"\xff\x00"))
        for letter in dead_letters(
            Message("alerts", 0, n, None, value, FAR, (("h", None),)), "unreadable", "why"
        )
    ]
    put("dead-letters", *((b"k", codec.encode(letter)) for letter in letters))
    text, binary = values(oncall("tail", "dead-letters", *kafka))
    assert text["value"] == "{ text"
    assert binary["value"] == {"base64": "/wA="}


def test_follow_waits_for_the_topic_and_goes_on(kafka, put, topic_prefix):
    """As a process, ended by Ctrl-C: exit code 0."""
    import signal
    import subprocess
    import sys

    arguments = ["tail", "user-reports", "-f", *kafka]
    code = f"import sys; sys.argv = ['oncall', *{arguments!r}]; from app.cli import main; main()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as tail:
        assert "waiting for it" in tail.stderr.readline()
        put("user-reports", (None, b'{"text": "it is slow"}'))
        assert json.loads(tail.stdout.readline())["text"] == "it is slow"
        put("user-reports", (None, b'{"text": "still"}'))
        assert json.loads(tail.stdout.readline())["text"] == "still"
        tail.send_signal(signal.SIGINT)
        assert tail.wait(20) == 0
