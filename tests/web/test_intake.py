"""HTTP intake: on the topic and acked, or an answer that says what is wrong."""

import asyncio
import io
import json

import pytest
from aiokafka.errors import KafkaConnectionError, MessageSizeTooLargeError, NotEnoughReplicasError

from app.model.inputs import Alert
from app.web import intake
from app.web.intake import MAX_BODY, MAX_MESSAGE, lists_of

JSON = {"Content-Type": "application/json"}


def an_alert(**fields):
    facts = {
        "status": "firing",
        "labels": {"alertname": "KubePodCrashLooping", "namespace": "shop", "pod": "cart-1"},
        "annotations": {"summary": "crash looping"},
        "startsAt": "2026-11-03T03:07:00.123456789Z",
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "http://prometheus.example.org/graph",
        "fingerprint": "0123456789abcdef",
    }
    return facts | fields


def a_webhook(*alerts, **fields):
    facts = {
        "version": "4",
        "groupKey": '{}:{alertname="KubePodCrashLooping"}',
        "truncatedAlerts": 0,
        "status": "firing",
        "receiver": "oncall",
        "groupLabels": {"alertname": "KubePodCrashLooping"},
        "commonLabels": {},
        "commonAnnotations": {},
        "externalURL": "http://alertmanager.example.org",
        "alerts": list(alerts) or [an_alert()],
    }
    return facts | fields


async def test_a_webhook_becomes_one_message_of_alerts(client, runtime):
    webhook = a_webhook(an_alert(), an_alert(status="resolved"))
    answer = await client.post("/intake/alertmanager", json=webhook)
    assert (answer.status, await answer.json()) == (202, {"accepted": 2})
    (message,) = runtime.log.appended
    assert (message.topic, message.key) == ("alerts", webhook["groupKey"].encode())
    alerts = [Alert.model_validate(each) for each in json.loads(message.value)]
    assert [alert.status for alert in alerts] == ["firing", "resolved"]
    assert alerts[0].labels["pod"] == "cart-1"


async def test_truncated_alerts_raise_one_that_people_see(client, runtime):
    answer = await client.post("/intake/alertmanager", json=a_webhook(truncatedAlerts=7))
    assert await answer.json() == {"accepted": 2}
    alerts = json.loads(runtime.log.appended[0].value)
    assert "7" in json.dumps(alerts[-1])


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        (an_alert(labels={}), "alerts[1].labels"),
        (an_alert(labels={"alertname": 7}), "alerts[1].labels.alertname"),
        (an_alert(status="on fire"), "alerts[1].status"),
        ("words", "alerts[1]"),
    ],
)
async def test_one_bad_alert_does_not_take_the_others_down(client, runtime, bad, field):
    webhook = a_webhook(an_alert(), bad, an_alert(status="resolved"), truncatedAlerts=1)
    answer = await client.post("/intake/alertmanager", json=webhook)
    document = await answer.json()
    assert (answer.status, document["accepted"]) == (202, 3)
    assert [each["field"] for each in document["refused"]] == [field]
    assert document["refused"][0]["detail"].startswith(field)
    alerts = json.loads(runtime.log.appended[0].value)
    assert alerts[1] == bad  # whole, for intake to put into the dead letters
    assert [each["status"] for each in (alerts[0], alerts[2], alerts[3])] == ["firing", "resolved", "firing"]


async def test_bad_alerts_alone_are_refused(client, runtime):
    answer = await client.post(
        "/intake/alertmanager", json=a_webhook(an_alert(labels={}), an_alert(labels=None))
    )
    assert (answer.status, (await answer.json(content_type=None))["field"]) == (400, "alerts[0].labels")
    assert runtime.log.appended == []


def without(document, name):
    return {key: value for key, value in document.items() if key != name}


BAD_WEBHOOKS = {
    "no JSON": (b"{", ""),
    "no UTF-8": (b'"\xff"', ""),
    "half a surrogate": (a_webhook({"labels": {"a": "\ud800"}}), ""),
    "a number of very many digits": (b'{"n": ' + b"1" * 5_000 + b"}", ""),
    "no number": (b'{"n": NaN}', ""),
    "a list": ([], ""),
    "null": (None, ""),
    "deeper than anything": (b"[" * 100_000, ""),
    "no version": (without(a_webhook(), "version"), "version"),
    "another version": (a_webhook(version="3"), "version"),
    "no alerts": (without(a_webhook(), "alerts"), "alerts"),
    "alerts is no list": (a_webhook(alerts={}), "alerts"),
}


@pytest.mark.parametrize(("body", "field"), BAD_WEBHOOKS.values(), ids=BAD_WEBHOOKS)
async def test_a_webhook_that_cannot_be_taken(client, runtime, body, field):
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = await client.post("/intake/alertmanager", data=data, headers=JSON)
    document = await answer.json(content_type="application/problem+json")
    assert (answer.status, document["status"], document["field"]) == (400, 400, field)
    assert field in document["detail"]
    assert runtime.log.appended == []


A_RESULT = {
    "id": "r1",
    "command_id": "c1",
    "object_id": "o1",
    "domain": "production/checkout",
    "status": "succeeded",
}
A_RESPONSE = {"id": "a1", "domain": "production/checkout", "incident_id": "i1", "response": "acknowledge"}
ANSWERS = {
    "a step result": ("/intake/step-results", A_RESULT, "step-results", 1),
    "step results": ("/intake/step-results", [A_RESULT, A_RESULT | {"id": "r2"}], "step-results", 2),
    "a response": ("/intake/responses", A_RESPONSE, "responses", 1),
    "responses": ("/intake/responses", [A_RESPONSE] * 3, "responses", 3),
    "an empty list": ("/intake/responses", [], "responses", 0),
}


async def test_a_pause_of_all_automation_names_no_incident(client, runtime):
    pause = {"domain": "control", "response": "pause", "actor": {"id": "carol"}}
    assert (await client.post("/intake/responses", json=pause)).status == 202
    assert [each.key for each in runtime.log.appended] == [b"control"]


@pytest.mark.parametrize(("path", "body", "topic", "count"), ANSWERS.values(), ids=ANSWERS)
async def test_answers_are_put_on_their_topic_by_domain(client, runtime, path, body, topic, count):
    answer = await client.post(path, json=body)
    assert (answer.status, await answer.json()) == (202, {"accepted": count})
    assert [(each.topic, each.key) for each in runtime.log.appended] == [
        (topic, b"production/checkout")
    ] * count
    given = body if isinstance(body, list) else [body]
    for message, entry in zip(runtime.log.appended, given, strict=True):
        assert entry.items() <= json.loads(message.value).items()


BAD_ANSWERS = {
    "no object": ("/intake/step-results", 7, ""),
    "no domain": ("/intake/step-results", without(A_RESULT, "domain"), "domain"),
    "an empty domain": ("/intake/responses", A_RESPONSE | {"domain": ""}, "domain"),
    "no such status": ("/intake/step-results", A_RESULT | {"status": "done"}, "status"),
    "no such response": ("/intake/responses", A_RESPONSE | {"response": "ack"}, "response"),
    "an actor that is none": ("/intake/responses", A_RESPONSE | {"actor": {"id": 7}}, "actor.id"),
    "one of a list": ("/intake/responses", [A_RESPONSE, A_RESPONSE | {"status": 1}], "[1].status"),
    "a step result of no command": (
        "/intake/step-results",
        {"domain": "d", "status": "succeeded"},
        "command_id",
    ),
    "a response to nothing": ("/intake/responses", {"domain": "d", "response": "resolve"}, "incident_id"),
    "an output that is too large": (
        "/intake/step-results",
        A_RESULT | {"output": {"log": "x" * 70_000}},
        "output",
    ),
    "an output that is too deep": (
        "/intake/step-results",
        A_RESULT | {"output": {"a": {"b": {"c": 1}}}},
        "output.a",
    ),
}


@pytest.mark.parametrize(("path", "body", "field"), BAD_ANSWERS.values(), ids=BAD_ANSWERS)
async def test_an_answer_that_cannot_be_taken_names_the_field(client, runtime, path, body, field):
    answer = await client.post(path, json=body)
    document = await answer.json(content_type="application/problem+json")
    assert answer.status == 400
    assert document["field"].startswith(field)
    assert runtime.log.appended == []


@pytest.mark.parametrize("path", ["/intake/alertmanager", "/intake/responses", "/intake/step-results"])
async def test_a_body_over_the_limit_is_413(client, runtime, path):
    answer = await client.post(path, data=io.BytesIO(b" " * (MAX_BODY + 1)), headers=JSON)
    document = await answer.json(content_type="application/problem+json")
    assert (answer.status, document["limit"]) == (413, MAX_BODY)
    assert runtime.log.appended == []


@pytest.mark.parametrize(
    "fault", [KafkaConnectionError(), NotEnoughReplicasError(), TimeoutError(), RuntimeError("stopping")]
)
async def test_without_an_ack_it_is_503_and_may_be_sent_again(client, runtime, fault):
    runtime.log.fault = fault
    answer = await client.post("/intake/alertmanager", json=a_webhook())
    assert (answer.status, answer.content_type) == (503, "application/problem+json")
    assert int(answer.headers["Retry-After"]) > 0


async def test_a_broker_that_never_answers_is_503(client, runtime, monkeypatch):
    class Silent:
        async def append(self, messages):
            await asyncio.Event().wait()

    runtime.log = Silent()
    monkeypatch.setattr(intake, "ACK_WITHIN_S", 0.01)
    assert (await client.post("/intake/responses", json=A_RESPONSE)).status == 503


async def test_what_no_message_can_hold_is_413(client, runtime):
    runtime.log.fault = MessageSizeTooLargeError()
    assert (await client.post("/intake/responses", json=A_RESPONSE)).status == 413


@pytest.mark.parametrize("path", ["/intake/alertmanager", "/intake/responses", "/intake/step-results"])
async def test_intake_is_for_post(client, path):
    answer = await client.get(path)
    assert (answer.status, answer.headers["Allow"]) == (405, "POST")


def test_a_long_list_is_split_in_order():
    texts = [json.dumps({"labels": {"alertname": str(n), "pad": "x" * 1000}}).encode() for n in range(2000)]
    lists = lists_of(texts)
    assert len(lists) > 1
    assert all(len(each) <= MAX_MESSAGE + 2 for each in lists)
    assert [alert["labels"]["alertname"] for each in lists for alert in json.loads(each)] == [
        str(n) for n in range(2000)
    ]


def test_no_alerts_make_no_message():
    assert lists_of([]) == []


async def test_a_body_that_is_not_packed_as_it_says_is_the_senders_mistake(client, runtime):
    answer = await client.post(
        "/intake/responses", data=b"no gzip", headers=JSON | {"Content-Encoding": "gzip"}
    )
    assert answer.status == 400
    assert "Content-Encoding" in (await answer.json())["detail"]
    assert runtime.log.appended == []
