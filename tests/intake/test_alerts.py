"""Alerts: whatever a source sends becomes one shape, or a dead letter that names what is wrong."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.core.identity import fingerprint
from app.intake.batch import intake_batch
from app.model.inputs import Alert, AlertList
from app.model.matchers import Match, parse_matcher
from app.model.presence import Heartbeat
from app.model.words import Severity
from app.settings import OutputFormat
from app.wire.codec import Codec
from tests.intake.helpers import LIBRARY, NOW, message, only_alert, only_letter, signals, take

LABELS = {"alertname": "KubePodCrashLooping", "namespace": "shop", "pod": "cart-1"}


def test_fingerprints_are_prometheus():
    """The FNV-1a values that Prometheus's own library gives (common/model)."""
    assert fingerprint({}) == "cbf29ce484222325"
    labels = {"name": "garland, briggs", "fear": "love is not enough"}
    assert fingerprint(labels) == f"{5799056148416392346:016x}"


def test_labels_are_sorted_trimmed_and_never_empty():
    alert = only_alert({"labels": {"z": " 1 ", "a": "2", "empty": "", "blank": "  "}})
    assert list(alert.labels.items()) == [("a", "2"), ("z", "1")]
    assert alert.fingerprint == fingerprint({"a": "2", "z": "1"})


def test_a_given_fingerprint_is_kept():
    assert only_alert({"labels": LABELS, "fingerprint": "0123456789abcdef"}).fingerprint == "0123456789abcdef"


BEFORE, AFTER = "2026-11-24T02:59:59Z", "2026-11-24T03:04:00Z"
STATES = {
    "says nothing": ({}, ("firing", None)),
    "ends later, as Prometheus posts what fires": ({"endsAt": AFTER}, ("firing", None)),
    "has ended": ({"endsAt": BEFORE}, ("resolved", BEFORE)),
    "ends now": ({"endsAt": "2026-11-24T03:00:00Z"}, ("resolved", "2026-11-24T03:00:00Z")),
    "year 1": ({"endsAt": "0001-01-01T00:00:00Z"}, ("firing", None)),
    "says that it fires, year 1": ({"status": "firing", "endsAt": "0001-01-01T00:00:00Z"}, ("firing", None)),
    "says that it is resolved": ({"status": "resolved", "endsAt": BEFORE}, ("resolved", BEFORE)),
    "says that it is resolved, not when": ({"status": "resolved"}, ("resolved", None)),
    "null times": ({"startsAt": None, "endsAt": None}, ("firing", None)),
}


@pytest.mark.parametrize(("fields", "expected"), STATES.values(), ids=STATES)
def test_whether_it_fires(fields, expected):
    alert = only_alert({"labels": LABELS, **fields})
    status, ends = expected
    assert alert.status == status
    assert alert.ends_at == (datetime.fromisoformat(ends) if ends else None)


@pytest.mark.parametrize(
    ("text", "year"),
    [("1970-01-01T00:00:00Z", 1970), ("2099-01-01T00:00:00Z", 2099), ("0001-01-01T00:00:00Z", None)],
)
def test_strange_times_are_taken_as_stated(text, year):
    starts = only_alert({"labels": LABELS, "startsAt": text}).starts_at
    assert (starts.year if starts else None) == year


@pytest.mark.parametrize(
    ("word", "severity"),
    [("page", "critical"), ("CRITICAL", "critical"), ("none", "none"), ("odd", "warning")],
)
def test_severity_is_mapped_and_none_passes_through(word, severity):
    (signal,) = signals(take(message({"labels": {**LABELS, "severity": word}})))
    assert signal.body.severity is Severity(severity)


def test_service_and_domain_are_the_catalogs():
    result = take(message({"labels": {**LABELS, "service": "cart"}}))
    (batch,) = result.batches
    assert (batch.domain, batch.signals[0].body.service) == ("production/checkout", "cart")


AVRO = Codec(OutputFormat.AVRO)
PAIR = [{"labels": {"alertname": "A"}}, {"labels": {"alertname": "B"}}]
SHAPES = {
    "a JSON list": PAIR,
    "a JSON object that holds a list": {"alerts": PAIR},
    "an Avro list": AVRO.encode(AlertList(alerts=[Alert(**each) for each in PAIR])),
    "Alertmanager's webhook body as it is": {"version": "4", "groupKey": "g", "alerts": PAIR},
}


@pytest.mark.parametrize("value", SHAPES.values(), ids=SHAPES)
def test_lists(value):
    result = take(message(value))
    assert [signal.body.alert.name for signal in signals(result)] == ["A", "B"]
    assert [(each.source.offset, each.source.index) for each in signals(result)] == [(7, 0), (7, 1)]


@pytest.mark.parametrize("value", [[], {"alerts": []}, AVRO.encode(AlertList(alerts=[]))])
def test_an_empty_list_is_fine(value):
    result = take(message(value))
    assert (result.batches, result.dead_letters) == ([], [])


@pytest.mark.parametrize("alerts", [[], PAIR])
def test_an_alert_that_is_a_list_at_once_is_neither(alerts):
    letter = only_letter({"labels": LABELS, "alerts": alerts})
    assert (letter.reason, letter.field) == ("wrong_shape", "alerts")


def test_one_bad_alert_of_a_list_does_not_take_the_others_down():
    bad = {"labels": {"alertname": "B", "code": 500}}
    result = take(message([PAIR[0], bad, 7, {"labels": {}}, PAIR[1]]))
    assert [signal.body.alert.name for signal in signals(result)] == ["A", "B"]
    assert [signal.source.index for signal in signals(result)] == [0, 4]
    wrong_label, no_object, no_labels = result.dead_letters
    assert (wrong_label.index, wrong_label.reason, wrong_label.field) == (
        1,
        "invalid_field",
        "[1].labels.code",
    )
    assert json.loads(wrong_label.value) == bad
    assert (no_object.index, no_object.field) == (2, "[2]")
    assert (no_labels.index, no_labels.reason, no_labels.field) == (3, "missing_field", "[3].labels")
    assert len({letter.id for letter in result.dead_letters}) == 3


WHOLE = {
    "null value": (None, "null_value", ""),
    "no labels": ({"status": "firing"}, "missing_field", "labels"),
    "empty labels": ({"labels": {}}, "missing_field", "labels"),
    "only empty labels": ({"labels": {"a": ""}}, "missing_field", "labels"),
    "a number for a label": ({"labels": {"code": 500}}, "invalid_field", "labels.code"),
    "no time": ({"labels": LABELS, "startsAt": "soon"}, "invalid_field", "startsAt"),
    "broken Avro": (AVRO.encode(Alert(labels=LABELS))[:-4], "broken_avro", ""),
    "unknown fingerprint": (b"\xc3\x01" + b"\x01" * 8, "unknown_fingerprint", ""),
    "Confluent framing": (b"\x00\x00\x00\x00\x01\x02", "confluent_framing", ""),
    "text": (b"disk full on db-1", "unreadable", ""),
    "another record": (
        AVRO.encode(Alert(labels=LABELS)).replace(b"\xc3\x01", b"\xc3\x02", 1),
        "unreadable",
        "",
    ),
}


@pytest.mark.parametrize(("value", "reason", "field"), WHOLE.values(), ids=WHOLE)
def test_what_cannot_be_taken_is_kept_whole(value, reason, field):
    letter = only_letter(value)
    assert (letter.reason, letter.field, letter.index) == (reason, field, None)
    sent = message(value)
    assert (letter.topic, letter.partition, letter.offset) == ("alerts", 3, 7)
    assert (letter.key, letter.value, letter.value_size) == (b"k", sent.value, len(sent.value or b""))
    assert [(header.name, header.value) for header in letter.headers] == [("h", b"\xff"), ("h", None)]
    assert letter.timestamp == NOW


def test_a_dead_letter_has_the_same_id_however_often_it_is_read():
    assert only_letter(None) == only_letter(None)
    assert only_letter(None).id != only_letter(None, offset=8).id


def test_a_label_of_5_mb_is_final_and_kept_whole_in_parts():
    value = {"labels": {"alertname": "A", "dump": "x" * 5_000_000}}
    result = take(message(value))
    letters, whole = result.dead_letters, json.dumps(value).encode()
    assert result.batches == []
    assert {(each.reason, each.field, each.value_size) for each in letters} == {
        ("too_large", "labels.dump", len(whole))
    }
    assert b"".join(each.value for each in letters) == whole
    assert [(each.part, each.parts) for each in letters] == [(n, 6) for n in range(1, 7)]
    assert len({each.id for each in letters}) == 6
    assert [bool(each.headers) for each in letters] == [True, False, False, False, False, False]
    assert all(len(AVRO.encode(each)) < 1_000_000 for each in letters)


TOO_LARGE = {
    "a label": ({"labels": {"a": "x" * 5_000}}, "labels.a"),
    "labels": ({"labels": {f"l{n}": "x" for n in range(1_000)}}, "labels"),
    "an annotation": ({"labels": LABELS, "annotations": {"runbook": "x" * 20_000}}, "annotations.runbook"),
}


@pytest.mark.parametrize(("value", "field"), TOO_LARGE.values(), ids=TOO_LARGE)
def test_too_large_names_the_field(value, field):
    letter = only_letter(value)
    assert (letter.reason, letter.field) == ("too_large", field)
    assert letter.value == json.dumps(value).encode()


def test_the_same_alert_has_the_same_identity_however_it_comes():
    fields = {"labels": LABELS, "startsAt": "2026-11-24T02:00:00Z"}
    alert = Alert.model_validate(fields)
    ways = [
        fields,
        [fields],
        {**fields, "endsAt": AFTER},
        AVRO.encode(alert),
        AVRO.encode(AlertList(alerts=[alert])),
    ]
    identities = {signals(take(message(way, offset=at)))[0].identity for at, way in enumerate(ways)}
    assert len(identities) == 1


def test_times_of_another_zone_are_the_same_moment():
    alert = only_alert({"labels": LABELS, "startsAt": "2026-11-24T08:30:00+05:30"})
    assert alert.starts_at == datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


def test_each_time_that_a_heartbeat_comes_is_one_of_its_own():
    match = Match(((parse_matcher('alertname="Watchdog"'),),))
    beat = Heartbeat("watchdog", match, timedelta(minutes=5), timedelta(minutes=5))
    library = replace(LIBRARY, heartbeats={"watchdog": beat})
    watchdog = {"labels": {"alertname": "Watchdog"}, "startsAt": "2026-11-24T03:00:00Z"}
    sent = [message(watchdog, offset=7), message(watchdog, offset=8), message(watchdog, offset=7)]
    (batch,) = intake_batch(sent, library, None, library.hash).batches
    assert batch.domain == "heartbeat:watchdog"
    first, second, again = (each.identity for each in batch.signals)
    assert (first == again, first == second) == (True, False)
