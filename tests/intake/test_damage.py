"""Valid inputs of every kind, damaged in their fields or their bytes: signals, dead letters or the declared error, nothing else."""

from __future__ import annotations

import copy
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.intake.alertmanager import WebhookError, read_webhook
from app.model.inputs import Alert, Response, StepResult, SystemEvent, UserReport
from app.model.topics import ALERTS, RESPONSES, STEP_RESULTS, SYSTEM_EVENTS, USER_REPORTS
from app.settings import OutputFormat
from app.wire.codec import Codec
from app.wire.decode import json_datum
from app.wire.errors import REASONS, WireError
from tests.intake.helpers import message, signals, take
from tests.wire.damage import damaged_bytes, damaged_json
from tests.wire.values import of_model

WHOLE = {
    ALERTS: Alert,
    SYSTEM_EVENTS: SystemEvent,
    USER_REPORTS: UserReport,
    STEP_RESULTS: StepResult,
    RESPONSES: Response,
}
VALID = {
    ALERTS: {
        "labels": {"alertname": "A", "pod": "p"},
        "annotations": {"summary": "s"},
        "status": "resolved",
        "startsAt": "2026-11-24T02:00:00Z",
        "endsAt": "2026-11-24T02:05:00Z",
        "generatorURL": "http://g",
        "fingerprint": "0123456789abcdef",
    },
    SYSTEM_EVENTS: {
        "specversion": "1.0",
        "id": "1",
        "source": "ci",
        "type": "deploy",
        "service": "cart",
        "time": "2026-11-24T02:00:00Z",
        "data": {"version": "1", "list": [1, None], "map": {"a": 1.5}, "deep": {"a": {"b": [1]}}},
    },
    USER_REPORTS: {"id": "1", "text": "it is slow", "reporter": "ann", "severity": "error"},
    STEP_RESULTS: {
        "id": "1",
        "command_id": "c",
        "domain": "d",
        "status": "failed",
        "actor": {"provider": "x", "id": "y"},
        "occurred_at": "2026-11-24T02:00:00Z",
        "output": {"code": 1, "lines": ["a", None], "map": {"a": True}},
    },
    RESPONSES: {"id": "1", "domain": "d", "incident_id": "i", "response": "annotate", "text": "t"},
}
WEBHOOK = {
    "version": "4",
    "groupKey": "{}:{}",
    "receiver": "oncall",
    "truncatedAlerts": 2,
    "status": "firing",
    "alerts": [VALID[ALERTS], {"labels": {"alertname": "B"}}],
}
OFTEN = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
AVRO = Codec(OutputFormat.AVRO)


def is_accounted_for(value, topic):
    """The message came to signals or letters that can be written, and to at least one of them."""
    result = take(message(value, topic=topic))
    for each in (*result.batches, *result.dead_letters):
        for fmt in OutputFormat:
            Codec(fmt).encode(each)
    assert all(letter.reason in REASONS and letter.detail for letter in result.dead_letters)
    return signals(result) or result.dead_letters


@pytest.mark.parametrize("topic", VALID)
def test_the_valid_ones_are_taken(topic):
    assert take(message(VALID[topic], topic=topic)).dead_letters == []


@pytest.mark.parametrize("topic", VALID)
@OFTEN
@given(data=st.data())
def test_damaged_fields(topic, data):
    value = data.draw(damaged_json(VALID[topic]))
    assert is_accounted_for(json.dumps(value).encode(), topic) or value in ([], {"alerts": []})


@pytest.mark.parametrize("topic", VALID)
@OFTEN
@given(data=st.data())
def test_damaged_bytes(topic, data):
    written = data.draw(st.just(json.dumps(VALID[topic]).encode()) | of_model(WHOLE[topic]).map(AVRO.encode))
    assert is_accounted_for(data.draw(damaged_bytes(written)), topic)


@settings(OFTEN, max_examples=300)
@given(data=st.data())
def test_a_damaged_webhook(data):
    body = data.draw(damaged_json(copy.deepcopy(WEBHOOK)))
    try:
        alerts = read_webhook(json_datum(json.dumps(body).encode())).alerts
    except (WireError, WebhookError):
        return
    for alert in alerts:
        assert is_accounted_for(AVRO.encode(alert), ALERTS)
