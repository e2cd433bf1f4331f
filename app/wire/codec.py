"""Values become bytes, in the format that is configured. Equal values give equal bytes in any process."""

from __future__ import annotations

import io
from typing import Any

from fastavro import schemaless_writer

from app.model.base import Frozen
from app.model.signals import SignalBatch
from app.settings import OutputFormat
from app.wire.decode import MARKER
from app.wire.schemas import current

_BODIES_ARE_IN = "oncall.v1.signal_batch"
_BODIES = {
    "alert": "AlertSignal",
    "system_event": "SystemEventSignal",
    "user_report": "UserReportSignal",
    "step_result": "StepResultSignal",
    "response": "ResponseSignal",
    "timer": "TimerSignal",
}


class Codec:
    """Writes values as Avro single-object encoding or as JSON."""

    def __init__(self, fmt: OutputFormat = OutputFormat.AVRO) -> None:
        self._encode = _as_json if fmt is OutputFormat.JSON else _as_avro

    def encode(self, value: Frozen) -> bytes:
        """Give the value's bytes.

        Raises:
            ValueError: a number does not fit into 64 bits.

        """
        return self._encode(value)


def _as_json(value: Frozen) -> bytes:
    return value.model_dump_json(by_alias=True).encode()


def _as_avro(value: Frozen) -> bytes:
    schema = current()[type(value).__name__]
    datum = value.model_dump(by_alias=True)
    if isinstance(value, SignalBatch):
        _tag_bodies(datum)
    stream = io.BytesIO()
    stream.write(MARKER + schema.fingerprint)
    try:
        schemaless_writer(stream, schema.parsed, datum)
    except (OverflowError, TypeError) as error:
        raise ValueError(f"{type(value).__name__} cannot be written as Avro: {error}") from error
    return stream.getvalue()


def _tag_bodies(datum: dict[str, Any]) -> None:
    """Say which branch of the union each body is: fastavro need not guess, which would be slow."""
    for signal in datum["signals"]:
        signal["body"]["-type"] = f"{_BODIES_ARE_IN}.{_BODIES[signal['body']['kind']]}"
