"""System events, user reports, step results and responses."""

from __future__ import annotations

import json

import pytest

from app.model.inputs import Response
from app.settings import OutputFormat
from app.wire.codec import Codec
from tests.intake.helpers import message, only_letter, signals, take

CLOUD_EVENT = {
    "specversion": "1.0",
    "id": "42",
    "source": "//ci.example.org/pipelines/7",
    "type": "deploy",
    "subject": "cart",
    "time": "2026-11-24T02:55:00Z",
    "datacontenttype": "application/json",
    "traceparent": "00-ab",
    "service": "cart",
    "data": {"version": "1.4.2", "percent": 50, "canary": True},
}


def only(value, topic):
    result = take(message(value, topic=topic))
    assert result.dead_letters == []
    (batch,) = result.batches
    (signal,) = batch.signals
    return batch.domain, signal


def test_a_structured_cloud_event_is_taken_as_it_is():
    domain, signal = only(CLOUD_EVENT, "system-events")
    event = signal.body.event
    assert (domain, event.service, event.environment) == ("production/checkout", "cart", "production")
    assert (event.type, event.data) == ("deploy", CLOUD_EVENT["data"])


def test_an_events_identity_is_its_source_and_id():
    def identity(offset=1, **fields):
        return signals(take(message(CLOUD_EVENT | fields, topic="system-events", offset=offset)))[0].identity

    assert identity(1) == identity(2)
    assert identity(id="43") != identity() != identity(source="//other")
    assert identity(1, id="") != identity(2, id="")


def test_a_report_without_a_known_service_has_a_domain_too():
    domain, signal = only({"text": "I cannot pay", "reporter": "ann"}, "user-reports")
    assert domain.startswith("production/-/")
    assert signal.body.report.environment == "production"


RESULT = {
    "id": "r1",
    "command_id": "c1",
    "domain": "production/checkout",
    "output": {"code": 0, "lines": ["a", None]},
}


def test_an_answer_goes_to_the_domain_it_names():
    domain, signal = only(RESULT, "step-results")
    assert (domain, signal.identity) == ("production/checkout", "step_result:r1")
    assert signal.body.result.output == RESULT["output"]


def test_answers_without_an_id_are_known_by_where_they_were_read():
    nameless = RESULT | {"id": ""}
    first, second = signals(
        take(*(message(nameless, topic="step-results", offset=offset) for offset in (1, 2)))
    )
    assert first.identity != second.identity


def test_avro_is_as_good_as_json():
    response = Response(id="a", domain="d", incident_id="i", response="acknowledge")
    _, signal = only(Codec(OutputFormat.AVRO).encode(response), "responses")
    assert signal.body.response == response


def test_a_moment_that_is_not_set_is_none():
    """Go's zero time, as programs in Go send it."""
    _, signal = only(CLOUD_EVENT | {"time": "0001-01-01T00:00:00Z"}, "system-events")
    assert signal.body.event.time is None


def test_a_domain_may_have_odd_characters_as_labels_have_them():
    domain, _ = only(RESULT | {"domain": "production/-/job=a\nb"}, "step-results")
    assert domain == "production/-/job=a\nb"


def without(value, name):
    return {key: each for key, each in value.items() if key != name}


BAD = {
    "a null event": ("system-events", None, "null_value", ""),
    "an event of no type": ("system-events", without(CLOUD_EVENT, "type"), "missing_field", "type"),
    "an event of a blank type": ("system-events", CLOUD_EVENT | {"type": " "}, "missing_field", "type"),
    "a report of no words": ("user-reports", {"text": "  "}, "missing_field", "text"),
    "a report with another severity": (
        "user-reports",
        {"text": "t", "severity": "bad"},
        "invalid_field",
        "severity",
    ),
    "a result of no domain": ("step-results", without(RESULT, "domain"), "missing_field", "domain"),
    "a result of a domain that the store keeps for itself": (
        "step-results",
        RESULT | {"domain": "__faust\0offset__"},
        "invalid_field",
        "domain",
    ),
    "a result of no command": ("step-results", without(RESULT, "command_id"), "missing_field", "command_id"),
    "a result of no known status": ("step-results", RESULT | {"status": "done"}, "invalid_field", "status"),
    "a long actor": (
        "step-results",
        RESULT | {"actor": {"provider": "slack", "id": "x" * 257}},
        "too_large",
        "actor.id",
    ),
    "a large output": ("step-results", RESULT | {"output": {"log": "x" * 70_000}}, "too_large", "output"),
    "a number beyond 64 bits": (
        "step-results",
        RESULT | {"output": {"n": 2**63}},
        "invalid_field",
        "output.n",
    ),
    "a response with a long target": (
        "responses",
        {"domain": "d", "incident_id": "i", "response": "assign", "target": "channel:" + "x" * 1024},
        "too_large",
        "target",
    ),
    "a response of no domain": (
        "responses",
        {"incident_id": "i", "response": "resolve"},
        "missing_field",
        "domain",
    ),
    "a response to nothing": (
        "responses",
        {"domain": "d", "response": "resolve"},
        "missing_field",
        "incident_id",
    ),
    "an unknown response": (
        "responses",
        {"domain": "d", "incident_id": "i", "response": "ack"},
        "invalid_field",
        "response",
    ),
    "a list of reports": ("user-reports", [{"text": "t"}], "wrong_shape", ""),
}


@pytest.mark.parametrize(("topic", "value", "reason", "field"), BAD.values(), ids=BAD)
def test_what_cannot_be_taken(topic, value, reason, field):
    letter = only_letter(value, topic=topic)
    assert (letter.topic, letter.reason, letter.field) == (topic, reason, field)
    assert letter.detail
    if value is not None:
        assert json.loads(letter.value) == value


@pytest.mark.parametrize(
    ("topic", "value"),
    [
        ("responses", {"id": "r1", "domain": "d", "incident_id": "i", "response": "resolve"}),
        ("step-results", {"id": "r1", "domain": "d", "command_id": "c", "status": "succeeded"}),
    ],
)
def test_an_answer_that_was_put_back_is_not_the_one_that_was_refused(topic, value):
    identities = [
        signals(take(message(value, topic=topic, headers=headers)))[0].identity
        for headers in ((), (("oncall-put-back", b"letter"),), (("oncall-put-back", b"letter"),))
    ]
    assert identities[0] != identities[1] == identities[2]
