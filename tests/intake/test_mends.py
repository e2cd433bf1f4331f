"""What a first look at intake found."""

from __future__ import annotations

import pytest

from app.settings import OutputFormat
from app.wire.codec import Codec
from tests.intake.helpers import message, signals, take

LIMIT = 512 * 1024
LABELS = {"alertname": "A"}


@pytest.mark.parametrize("fmt", list(OutputFormat))
def test_many_numbers_do_not_make_a_message_too_large(fmt):
    result = {"command_id": "c", "domain": "d", "output": {"samples": [0.0] * 13_000}}
    taken = take(*(message({**result, "id": str(at)}, topic="step-results", offset=at) for at in range(9)))
    assert len(signals(taken)) == 9
    assert all(len(Codec(fmt).encode(batch)) < LIMIT for batch in taken.batches)


LARGE = {
    "many annotations": (
        "alerts",
        {"labels": LABELS, "annotations": {f"a{n}": "x" * 16_000 for n in range(60)}},
    ),
    "annotations of many bytes": (
        "alerts",
        {"labels": LABELS, "annotations": {f"a{n}": "\U0001f525" * 16_000 for n in range(10)}},
    ),
    "a long response": (
        "responses",
        {"domain": "d", "incident_id": "i", "response": "annotate", "text": "x" * 600_000},
    ),
    "a long name": (
        "responses",
        {"domain": "d", "incident_id": "i", "response": "annotate", "actor": {"id": "x" * 600_000}},
    ),
}


@pytest.mark.parametrize(("topic", "value"), LARGE.values(), ids=LARGE)
def test_no_signal_is_larger_than_a_message(topic, value):
    taken = take(message(value, topic=topic))
    assert taken.dead_letters or all(
        len(Codec(fmt).encode(batch)) < LIMIT for fmt in OutputFormat for batch in taken.batches
    )
    assert {letter.reason for letter in taken.dead_letters} <= {"too_large"}


def test_an_alert_that_says_no_start_may_fire_again():
    fires, ends = {"labels": LABELS}, {"labels": LABELS, "status": "resolved"}
    first, _, third = signals(
        take(*(message(value, offset=at) for at, value in enumerate([fires, ends, fires])))
    )
    assert first.identity != third.identity


def test_nulls_are_as_good_as_nothing():
    taken = take(
        message(
            {"labels": LABELS, "annotations": None, "generatorURL": None, "fingerprint": None, "status": None}
        )
    )
    assert taken.dead_letters == []


DATA = {"deep": {"commit": {"author": {"name": "ann"}}}, "a list": [1, {"a": 2}], "text": "as it is"}


@pytest.mark.parametrize("data", DATA.values(), ids=DATA)
def test_an_event_with_data_of_another_shape_is_taken(data):
    taken = take(message({"type": "deploy", "source": "s", "data": data}, topic="system-events"))
    assert taken.dead_letters == []


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"-Infinity"])
def test_numbers_that_are_none_are_refused(number):
    value = b'{"command_id": "c", "domain": "d", "output": {"a": ' + number + b"}}"
    assert take(message(value, topic="step-results")).dead_letters
