"""The codec of a worker: commands as configured, and what workers write to each other so that another release reads it."""

from __future__ import annotations

import json

import pytest

from app.model.inputs import Alert, AlertSignal
from app.model.notices import Notice
from app.model.outputs import DeadLetter
from app.model.signals import Signal, SignalBatch
from app.model.words import NoticeKind, Severity
from app.road.apply import UnreadableError
from app.settings import OutputFormat, Settings
from app.stream.understanding import new_wire
from app.wire.codec import Codec
from app.wire.decode import MARKER, decode
from tests.support.ports import EPOCH

AVRO = Settings(output_format=OutputFormat.AVRO)
BODY = AlertSignal(alert=Alert(labels={"alertname": "A"}), severity=Severity.ERROR)
BATCH = SignalBatch(domain="d", library="l", signals=[Signal(identity="i", body=BODY)])
NOTICE = Notice(id="n", kind=NoticeKind.PERMIT_ASKED, domain="control", sender="d")


def by_a_newer_release(value: bytes) -> bytes:
    """The same with fields at every depth that this release does not know."""

    def add(found):
        if isinstance(found, dict):
            return {
                **{name: add(each) for name, each in found.items()},
                "novelty": {"since": "the next release"},
            }
        return [add(each) for each in found] if isinstance(found, list) else found

    plain = add(json.loads(value))
    for signal in plain.get("signals", ()):
        del signal["body"]["alert"]["labels"]["novelty"]  # these are the source's own
        del signal["body"]["alert"]["annotations"]["novelty"]
    return json.dumps(plain).encode()


def test_what_a_newer_worker_puts_on_signals_is_read():
    wire = new_wire(AVRO)
    assert wire.decode_signals(by_a_newer_release(wire.encode(BATCH))) == BATCH


def test_what_a_newer_worker_puts_on_notices_is_read():
    assert decode(by_a_newer_release(new_wire(AVRO).encode(NOTICE)), Notice) == NOTICE


def test_as_avro_it_would_not_be():
    """Whoever has not the writer's schema cannot read Avro: that is why."""
    value = bytearray(Codec(OutputFormat.AVRO).encode(BATCH))
    value[len(MARKER)] ^= 1
    with pytest.raises(UnreadableError, match="fingerprint"):
        new_wire(AVRO).decode_signals(bytes(value))


def test_what_an_older_worker_put_there_as_avro_is_read():
    assert new_wire(AVRO).decode_signals(Codec(OutputFormat.AVRO).encode(BATCH)) == BATCH


@pytest.mark.parametrize(("fmt", "begins"), [(OutputFormat.AVRO, MARKER), (OutputFormat.JSON, b"{")])
def test_what_others_read_is_as_configured(fmt, begins):
    letter = DeadLetter(
        id="x", topic="alerts", partition=0, offset=0, reason="r", detail="", value_size=0, timestamp=EPOCH
    )
    assert new_wire(Settings(output_format=fmt)).encode(letter).startswith(begins)
