"""Reading by first bytes: whatever comes is a value or a WireError that says what is wrong and where."""

from __future__ import annotations

import json
import struct

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.model.inputs import Alert, AlertList, Response, StepResult, SystemEvent, UserReport
from app.model.signals import SignalBatch
from app.settings import OutputFormat
from app.wire.codec import Codec
from app.wire.decode import WireError, decode
from app.wire.errors import REASONS
from app.wire.topics import PUBLIC
from tests.wire.damage import damaged_bytes, damaged_json
from tests.wire.values import of_model

AVRO, JSON = Codec(OutputFormat.AVRO), Codec(OutputFormat.JSON)
ALERT = Alert(labels={"alertname": "A"})
WRITTEN = AVRO.encode(ALERT)


def refused(value, model) -> WireError:
    with pytest.raises(WireError) as caught:
        decode(value, model)
    assert caught.value.reason in REASONS
    assert caught.value.detail
    return caught.value


UNREADABLE = {
    "null": (None, "null_value"),
    "empty": (b"", "unreadable"),
    "blank": (b" \n", "unreadable"),
    "text": (b"hello", "unreadable"),
    "a JSON string": (b'"hello"', "unreadable"),
    "UTF-16": ('{"labels": {}}'.encode("utf-16"), "unreadable"),
    "gzip": (b"\x1f\x8b\x08\x00", "unreadable"),
    "Confluent framing": (b"\x00\x00\x00\x00\x07\x02", "confluent_framing"),
    "an unknown fingerprint": (b"\xc3\x01" + b"\x07" * 8 + b"\x00", "unknown_fingerprint"),
    "the marker alone": (b"\xc3\x01", "broken_avro"),
    "half a fingerprint": (WRITTEN[:6], "broken_avro"),
    "no datum": (WRITTEN[:10], "broken_avro"),
    "a datum cut short": (WRITTEN[:-3], "broken_avro"),
    "bytes after the datum": (WRITTEN + b"\x00", "broken_avro"),
    "text that is no UTF-8": (WRITTEN[:10] + b"\x02\x02a\x02\xff\x00", "broken_avro"),
    "a giant map": (WRITTEN[:10] + b"\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01", "broken_avro"),
    "a giant text": (WRITTEN[:10] + b"\x02\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01", "broken_avro"),
    "another record": (AVRO.encode(UserReport(text="t")), "unexpected_schema"),
    "JSON cut short": (b'{"labels": {"a"', "broken_json"),
    "JSON that is no UTF-8": (b'{"labels": {"a": "\xff"}}', "broken_json"),
    "half a surrogate": (b'{"labels": {"a": "\\ud800"}}', "broken_json"),
    "more after the JSON": (b'{"labels": {"a": "b"}} {}', "broken_json"),
    "deep JSON": (b"[" * 100_000, "broken_json"),
    "deep JSON in a field": (b'{"labels": ' + b'{"a":' * 5_000, "broken_json"),
}


@pytest.mark.parametrize(("value", "reason"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_cannot_be_read(value, reason):
    assert refused(value, Alert).reason == reason


def test_no_registry_is_named():
    assert "no registry" in refused(b"\x00\x00\x00\x00\x01", Alert).detail


FIELDS = {
    "no labels": (Alert, {"status": "firing"}, "missing_field", "labels"),
    "labels of another shape": (Alert, {"labels": []}, "invalid_field", "labels"),
    "a label that is a number": (Alert, {"labels": {"a": "b", "code": 500}}, "invalid_field", "labels.code"),
    "a label that is null": (Alert, {"labels": {"pod": None}}, "invalid_field", "labels.pod"),
    "no such status": (Alert, {"labels": {"a": "b"}, "status": "burning"}, "invalid_field", "status"),
    "no time": (Alert, {"labels": {"a": "b"}, "startsAt": "yesterday"}, "invalid_field", "startsAt"),
    "a year beyond": (
        Alert,
        {"labels": {"a": "b"}, "endsAt": "10000-01-01T00:00:00Z"},
        "invalid_field",
        "endsAt",
    ),
    "one of a list": (
        AlertList,
        {"alerts": [{"labels": {"a": "b"}}, {"labels": {"a": 1}}]},
        "invalid_field",
        "alerts[1].labels.a",
    ),
    "a report without text": (UserReport, {"reporter": "x"}, "missing_field", "text"),
    "an event without type": (SystemEvent, {"id": "x"}, "missing_field", "type"),
    "no such answer": (StepResult, {"status": "done"}, "invalid_field", "status"),
    "no such response": (Response, {"response": "ack"}, "invalid_field", "response"),
    "an actor that is a text": (Response, {"actor": "alice"}, "invalid_field", "actor"),
    "an output that is too deep": (
        StepResult,
        {"output": {"a": {"b": {"c": 1}}}},
        "invalid_field",
        "output.a",
    ),
    "a signal of no kind": (
        SignalBatch,
        {"domain": "d", "library": "l", "signals": [{"identity": "i", "body": {"kind": "rumour"}}]},
        "invalid_field",
        "signals[0].body",
    ),
}


@pytest.mark.parametrize(("model", "given_", "reason", "field"), FIELDS.values(), ids=FIELDS)
def test_a_wrong_field_is_named(model, given_, reason, field):
    error = refused(json.dumps(given_).encode(), model)
    assert (error.reason, error.field) == (reason, field)
    assert field in str(error)


@pytest.mark.parametrize("shape", [b"[]", b"[1]", b'["a"]'])
def test_a_list_is_no_single_value(shape):
    assert refused(shape, UserReport).reason == "wrong_shape"


READ_AS_THEY_ARE = {
    "a byte order mark": b"\xef\xbb\xbf" + b'{"labels": {"alertname": "A"}}',
    "blanks before it": b' \r\n\t{"labels": {"alertname": "A"}}\n',
    "fields nobody knows": b'{"labels": {"alertname": "A"}, "receivers": [{"name": "x"}]}',
    "Avro": WRITTEN,
}


@pytest.mark.parametrize("value", READ_AS_THEY_ARE.values(), ids=READ_AS_THEY_ARE)
def test_what_is_tolerated(value):
    assert decode(value, Alert) == ALERT


TIMES = {
    "1970-01-01T00:00:00Z": (1970, 0),
    "2099-12-31T23:59:59.999Z": (2099, 999_000),
    "0001-01-01T00:00:00Z": (1, 0),
    "2026-11-03T03:07:00.123456789Z": (2026, 123_000),
    "2026-11-03T03:07:00.5-08:00": (2026, 500_000),
}


@pytest.mark.parametrize("text", TIMES)
def test_times_are_taken_as_stated_to_the_millisecond(text):
    year, micros = TIMES[text]
    starts = decode(json.dumps({"labels": {"a": "b"}, "startsAt": text}).encode(), Alert).starts_at
    assert (starts.year, starts.microsecond) == (year, micros)
    again = decode(AVRO.encode(Alert(labels={"a": "b"}, starts_at=starts)), Alert)
    assert again.starts_at == starts


@pytest.mark.parametrize(
    "said", [1_764_000_000, 0, 1.5, True, "1764000000", "2026", "2026-11-24", "soon", ""]
)
def test_a_time_is_never_guessed(said):
    error = refused(json.dumps({"labels": {"a": "b"}, "startsAt": said}).encode(), Alert)
    assert (error.reason, error.field) == ("invalid_field", "startsAt")


def test_only_the_names_of_the_schema_are_known():
    given_ = {"labels": {"a": "b"}, "starts_at": "2026-11-24T02:00:00Z", "generator_url": 7}
    assert decode(json.dumps(given_).encode(), Alert) == Alert(labels={"a": "b"})


def test_an_avro_time_out_of_range_is_refused_and_named():
    head = AVRO.encode(Alert(labels={"a": "b"}))[:10]
    label = b"\x02\x02a\x02b\x00"
    far = zigzag(2**62)
    datum = label + b"\x00" + b"\x00" + b"\x02" + far + b"\x00" + b"\x00" + b"\x00"
    error = refused(head + datum, Alert)
    assert (error.reason, error.field) == ("invalid_field", "startsAt")


def zigzag(number: int) -> bytes:
    number <<= 1
    out = b""
    while number > 0x7F:
        out += struct.pack("B", number & 0x7F | 0x80)
        number >>= 7
    return out + struct.pack("B", number)


INPUTS = [Alert, AlertList, UserReport, SystemEvent, StepResult, Response]
MODELS = [*INPUTS, SignalBatch]


@settings(deadline=None, max_examples=300)
@given(
    value=st.binary(max_size=64),
    start=st.sampled_from(
        [b"", b"{", b"[", b"\xc3\x01", WRITTEN[:10], AVRO.encode(UserReport(text=""))[:10]]
    ),
    model=st.sampled_from(MODELS),
)
def test_any_bytes_are_a_value_or_a_wire_error(value, start, model):
    read_or_refused(start + value, model)


@pytest.mark.parametrize("model", PUBLIC, ids=lambda model: model.__name__)
@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(data=st.data(), codec=st.sampled_from([AVRO, JSON]))
def test_any_damage_to_a_value_is_a_value_or_a_wire_error(model, data, codec):
    written = codec.encode(data.draw(of_model(model)))
    read_or_refused(data.draw(damaged_bytes(written)), model)


@pytest.mark.parametrize("model", PUBLIC, ids=lambda model: model.__name__)
@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_damage_to_a_field_is_a_value_or_a_wire_error(model, data):
    plain = json.loads(JSON.encode(data.draw(of_model(model))))
    read_or_refused(dumped(data.draw(damaged_json(plain))), model)


def dumped(plain):
    return json.dumps(plain).encode()


@settings(deadline=None, max_examples=200)
@given(
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec="utf-8")),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["labels", "alerts", "startsAt", "data", "output", "text", "signals", "body", "kind"]
                ),
                inner,
                max_size=4,
            )
        ),
    ),
    model=st.sampled_from(MODELS),
)
def test_any_json_is_a_value_or_a_wire_error(value, model):
    read_or_refused(json.dumps(value).encode(), model)


def read_or_refused(value, model):
    """Whatever else is raised fails the test."""
    refusal = None
    try:
        read = decode(value, model)
    except WireError as error:
        refusal = error
    if refusal is None:
        assert isinstance(read, model)
        for codec in (AVRO, JSON) if model in INPUTS else ():  # what is taken in can be written
            assert decode(codec.encode(read), model) == read
    else:
        assert refusal.reason in REASONS
        assert refusal.detail
