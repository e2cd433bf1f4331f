"""Alerts: one, or a list; one bad entry of a list does not take the others down."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from app.core.domains import place_alert
from app.core.identity import alert_identity
from app.intake.letters import letter_for, source_of
from app.intake.normalise import normal_alert
from app.intake.placed import Placed
from app.model.commands import DeadLetter
from app.model.inputs import Alert, AlertSignal
from app.model.library import Library
from app.model.messages import Message
from app.model.signals import Signal
from app.wire.decode import avro_datum, is_avro, text_of, validate
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
            named = WireError(error.reason, error.detail, field)
            yield letter_for(message, named, index=index, entry=_as_json(entry))


def _read(entry: Any, index: int, message: Message, library: Library, *, says_status: bool) -> Placed:
    alert = validate(entry, Alert)
    says_status = says_status or "status" in entry
    alert = normal_alert(alert, says_status=says_status, read_at=message.timestamp)
    placement = place_alert(alert, library)
    body = AlertSignal(
        alert=alert, severity=placement.severity, service=placement.service, environment=placement.environment
    )
    return Placed(
        placement.domain, Signal(identity=alert_identity(alert), source=source_of(message, index), body=body)
    )


def _entries(value: bytes | None) -> tuple[list[Any], bool, bool]:
    """Give the entries as plain data, whether they came as a list, and whether each surely says its status."""
    if value is None:
        raise WireError("null_value", "The message has no value; send an alert or a list of alerts.")
    if is_avro(value):
        name, datum = avro_datum(value, "Alert", "AlertList")
        return (datum["alerts"], True, True) if name == "AlertList" else ([datum], False, True)
    try:
        plain = json.loads(text_of(value))
    except (ValueError, RecursionError) as error:
        if isinstance(error, WireError):
            raise
        raise WireError("broken_json", f"It is no JSON: {error}.") from error
    if isinstance(plain, list):
        return plain, True, False
    if isinstance(plain.get("alerts"), list):
        return plain["alerts"], True, False
    return [plain], False, False


def _as_json(entry: Any) -> bytes:
    return json.dumps(entry, default=str, ensure_ascii=False).encode("utf-8", "surrogatepass")
