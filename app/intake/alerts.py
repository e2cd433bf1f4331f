"""Alerts: one, or a list; one bad entry of a list does not take the others down."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from app.core.domains import place_alert
from app.core.identity import alert_identity, input_identity
from app.core.letters import dead_letters, source_of
from app.intake.normalise import normal_alert
from app.intake.placed import Placed, placed
from app.model.inputs import Alert, AlertSignal
from app.model.library import Library
from app.model.messages import Message
from app.model.outputs import DeadLetter
from app.model.signals import Signal, Source
from app.wire.decode import avro_datum, is_avro, json_datum, validate
from app.wire.errors import WireError


def read_alerts(message: Message, library: Library) -> Iterator[Placed | DeadLetter]:
    """Read the alerts of a message.

    Raises:
        WireError: the message as a whole cannot be read.

    """
    entries, is_list, says_status = _entries(message.value)
    for index, entry in enumerate(entries):
        try:
            yield _read(entry, index, message, library, says_status=says_status)
        except WireError as error:
            if not is_list:
                raise
            field = f"[{index}].{error.field}" if error.field else f"[{index}]"
            yield from dead_letters(
                message, error.reason, error.detail, field=field, index=index, entry=_as_json(entry)
            )


def _read(entry: Any, index: int, message: Message, library: Library, *, says_status: bool) -> Placed:
    alert = validate(entry, Alert)
    says_status = says_status or entry.get("status") is not None
    alert = normal_alert(alert, says_status=says_status, read_at=message.timestamp)
    placement = place_alert(alert, library)
    body = AlertSignal(
        alert=alert, severity=placement.severity, service=placement.service, environment=placement.environment
    )
    source = source_of(message, index)
    is_heartbeat = placement.reason == "heartbeat"  # each time that it comes is one of its own
    identity = input_identity("heartbeat", "", source) if is_heartbeat else _identity(alert, source)
    return placed(placement.domain, Signal(identity=identity, source=source, body=body))


def _identity(alert: Alert, source: Source) -> str:
    """Give its identity; one that does not say when it began is known by where it was read.

    Else it could fire only once: firing again after its end, it would look like a repeat of the first time.
    """
    if alert.starts_at is None:
        return input_identity(f"alert:{alert.fingerprint}", "", source)
    return alert_identity(alert)


def _entries(value: bytes | None) -> tuple[list[Any], bool, bool]:
    """Give the entries as plain data, whether they came as a list, and whether each surely says its status."""
    if value is None:
        raise WireError("null_value", "The message has no value; send an alert or a list of alerts.")
    if is_avro(value):
        name, datum = avro_datum(value, "Alert", "AlertList")
        return (datum["alerts"], True, True) if name == "AlertList" else ([datum], False, True)
    plain = json_datum(value)
    if isinstance(plain, list):
        return plain, True, False
    if isinstance(plain.get("alerts"), list):
        if "labels" in plain:
            detail = "This is an alert and a list of alerts at once; send either `labels` or `alerts`."
            raise WireError("wrong_shape", detail, "alerts")
        return plain["alerts"], True, False
    return [plain], False, False


def _as_json(entry: Any) -> bytes:
    return json.dumps(entry, default=str, ensure_ascii=False).encode("utf-8", "surrogatepass")
