import json
import threading
import time

import pytest

from app.connectors.bridge import Bridge
from app.connectors.endpoint import Endpoint
from app.connectors.kafka import Writer
from app.connectors.signature import verify
from app.settings import OutputFormat, Settings
from app.wire.codec import Codec
from tests.connectors.endpoint import serving
from tests.connectors.samples import FAR, escalation, step

SECRET = "s3cret"


@pytest.fixture
def place():
    with serving() as place:
        yield place


@pytest.fixture
def put(embedded_broker, topic_prefix):
    def put(topic, *values):
        with Writer(embedded_broker.bootstrap_servers) as writer:
            for value in values:
                data = value if isinstance(value, bytes) else Codec().encode(value)
                writer.send(f"{topic_prefix}.{topic}", b"production/checkout", data)

    return put


@pytest.fixture
def bridge(oncall, kafka, place):
    def bridge(*more, topic="step-commands", secret=SECRET):
        arguments = ("bridge", topic, "--to", place.url, "--until-empty", *more, *kafka)
        return oncall(*arguments, ONCALL_BRIDGE_SECRET=secret)

    return bridge


@pytest.fixture
def answers(oncall, kafka):
    def answers(topic):
        result = oncall("tail", topic, *kafka)
        return [json.loads(line) for line in result.stdout.splitlines()]

    return answers


def keys(place):
    return [posted.headers["idempotency-key"] for posted in place.posted]


def test_commands_are_posted_in_order_signed_and_answers_come_back(bridge, place, put, answers):
    commands = [step(n, object_id=f"o{n}") for n in (1, 2, 3)]
    put("step-commands", *commands)
    place.answers = [(200, {}, b'{"status": "succeeded", "output": {"ok": true}}'), (202, {}, b"")]
    result = bridge()
    assert result.exit_code == 0, result.stderr
    assert "3 delivered" in result.stderr
    assert keys(place) == [command.id for command in commands]
    for posted in place.posted:
        signature, timestamp = posted.headers["x-oncall-signature"], posted.headers["x-oncall-timestamp"]
        assert verify(SECRET, timestamp, posted.body, signature, now=int(time.time()))
    (answer,) = answers("step-results")
    assert (answer["command_id"], answer["status"], answer["output"]) == (
        commands[0].id,
        "succeeded",
        {"ok": True},
    )
    assert answer["domain"] == "production/checkout"


def test_it_answers_for_a_pager_that_only_takes_pages_and_announces_itself(bridge, place, put, answers):
    put("escalation-commands", escalation(1), escalation(2, op="stop"), escalation(3, object_id="page-2"))
    place.answers = [(202, {}, b""), (204, {}, b""), (200, {}, b'{"status": "succeeded"}')]
    assert bridge(topic="escalation-commands").exit_code == 0
    told = [(each["object_id"], each["status"]) for each in answers("responses")]
    assert sorted(told) == [("page-1", "accepted"), ("page-2", "succeeded")]
    (announced,) = answers("connectors")
    assert (announced["kind"], announced["name"]) == ("escalation", "oncall bridge")


def test_it_resumes_where_it_stopped(bridge, place, put):
    put("step-commands", step(1))
    bridge()
    put("step-commands", step(2))
    bridge()
    assert keys(place) == [step(1).id, step(2).id]


def test_what_the_endpoint_did_not_take_comes_again_with_the_same_key(bridge, place, put):
    put("step-commands", step(1))
    place.answers = [(503, {}, b""), (429, {"Retry-After": "0"}, b"")]
    assert bridge().exit_code == 0
    assert keys(place) == [step(1).id] * 3
    assert len({posted.body for posted in place.posted}) == 1


def test_a_stop_in_the_middle_loses_nothing(bridge, place, put):
    put("step-commands", step(1), step(2))
    place.answers = [(204, {}, b""), (401, {}, b"")]
    stopped = bridge()
    assert stopped.exit_code == 2
    assert "ONCALL_BRIDGE_SECRET" in stopped.stderr
    assert bridge().exit_code == 0
    assert keys(place) == [step(1).id, step(2).id, step(2).id]


def test_repeats_are_dropped(bridge, place, put):
    put("step-commands", step(1), step(1), step(2), step(1))
    result = bridge()
    assert keys(place) == [step(1).id, step(2).id]
    assert "2 repeats dropped" in result.stderr


def test_a_final_refusal_is_answered_and_kept(bridge, place, put, answers):
    put("step-commands", step(1), step(2))
    place.answers = [(422, {}, b"no such pod")]
    assert bridge().exit_code == 0
    assert keys(place) == [step(1).id, step(2).id]
    (answer,) = answers("step-results")
    assert (answer["status"], answer["command_id"]) == ("refused", step(1).id)
    (letter,) = answers("dead-letters")
    assert (letter["reason"], letter["topic"]) == ("endpoint_refused", "step-commands")
    assert "no such pod" in letter["detail"]


def test_a_command_past_its_time_is_answered_and_not_sent(bridge, place, put, answers):
    put("step-commands", step(1, not_after="2026-01-01T00:00:00Z"))
    bridge()
    assert not place.posted
    (answer,) = answers("step-results")
    assert (answer["status"], answer["command_id"]) == ("expired", step(1).id)


def test_rubbish_does_not_stop_it(bridge, place, put, answers):
    put("step-commands", b"rubbish", b'{"id": 1}', step(1))
    result = bridge()
    assert result.exit_code == 0
    assert keys(place) == [step(1).id]
    assert len(answers("dead-letters")) == 2
    assert "2 unreadable" in result.stderr


def test_an_answer_that_cannot_be_read_is_told(bridge, place, put):
    put("step-commands", step(1))
    place.answers = [(200, {}, b'{"status": "finished"}')]
    result = bridge()
    assert "1 delivered" in result.stderr
    assert "status: " in result.stderr


def test_stopped_between_tries_it_lets_go(place, put, embedded_broker, topic_prefix):
    put("step-commands", step(1, not_after=FAR))
    place.answers = [(503, {"Retry-After": "3600"}, b"")]
    settings = Settings(
        bootstrap_servers=embedded_broker.bootstrap_servers,
        topic_prefix=topic_prefix,
        output_format=OutputFormat.JSON,
    )
    stop = threading.Event()
    endpoint = Endpoint(place.url, None, say=print)
    first = Bridge(settings, "step-commands", endpoint, group=f"{topic_prefix}-g", say=print)
    running = threading.Thread(target=first.run, args=(stop,))
    running.start()
    place.wait_for(1)
    stop.set()
    running.join(20)
    assert not running.is_alive()
    again = Bridge(settings, "step-commands", endpoint, group=f"{topic_prefix}-g", say=print)
    assert again.run(threading.Event(), until_empty=True).delivered == 1
    endpoint.close()
    assert keys(place) == [step(1).id] * 2
