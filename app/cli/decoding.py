"""Messages as `oncall tail` shows them."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from app.cli.errors import tell
from app.cli.filters import Filter
from app.connectors.vocabulary import MODELS
from app.model.base import Frozen
from app.model.inputs import Alert, AlertList
from app.model.outputs import DeadLetter
from app.model.topics import ALERTS, COMPACTED, LIBRARY
from app.road.ports import Message
from app.wire.decode import WireError, avro_datum, decode, is_avro, text_of, validate


class Viewer:
    """Turns messages of one topic into JSON-like values, and drops those that the filters do not want."""

    def __init__(self, topic: str, filters: list[Filter], *, meta: bool, raw: bool) -> None:
        self._topic, self._filters, self._meta, self._raw = topic, filters, meta, raw

    @property
    def is_sparse(self) -> bool:
        """Whether far fewer messages may be shown than offsets are read: by filters or compaction."""
        return bool(self._filters) or self._topic in (LIBRARY, *COMPACTED)

    def views(self, messages: Iterable[Message]) -> Iterator[Any]:
        """Give what is to be shown; what cannot be decoded is told on stderr and passed over."""
        for message in messages:
            if self._raw:
                yield _wrapped(message, raw(message.value))
                continue
            try:
                values = self._values(message)
            except WireError as error:
                place = f"{message.topic}, partition {message.partition}, offset {message.offset}"
                tell(f"{place}: cannot be read: {error} (--raw shows it)")
                continue
            for value in values:
                if all(wanted.holds(value) for wanted in self._filters):
                    yield _wrapped(message, value) if self._meta else value

    def _values(self, message: Message) -> list[Any]:
        if self._topic == LIBRARY:
            return [{"key": raw(message.key), "value": raw(message.value)}]
        if message.value is None:
            return [None]
        if self._topic == ALERTS:
            return [as_json(alert) for alert in alerts_in(message.value)]
        return [as_json(decode(message.value, MODELS[self._topic]))]


def alerts_in(value: bytes) -> list[Alert]:
    """Read the alerts of a message: one, or a list of them. Raises WireError."""
    if is_avro(value):
        name, datum = avro_datum(value, Alert.__name__, AlertList.__name__)
        return validate(datum, AlertList).alerts if name == AlertList.__name__ else [validate(datum, Alert)]
    text = text_of(value)
    if text.startswith(b"["):
        return decode(b'{"alerts": ' + text + b"}", AlertList).alerts
    said = _loose(text)
    return decode(text, AlertList).alerts if "alerts" in said else [decode(text, Alert)]


def as_json(value: Frozen) -> Any:
    """Give a value in its JSON form; bytes as text where they are text, so that a dead letter can be read."""
    if not isinstance(value, DeadLetter):
        return json.loads(value.model_dump_json(by_alias=True))
    plain = value.model_dump(mode="json", exclude={"key", "value", "headers"})
    headers = [{"name": header.name, "value": raw(header.value)} for header in value.headers]
    return {**plain, "headers": headers, "key": raw(value.key), "value": raw(value.value)}


def _wrapped(message: Message, value: Any) -> Mapping[str, Any]:
    return {
        "topic": message.topic,
        "partition": message.partition,
        "offset": message.offset,
        "timestamp": message.timestamp.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "key": raw(message.key),
        "headers": [{"name": name, "value": raw(header)} for name, header in message.headers],
        "value": value,
    }


def raw(value: bytes | None) -> str | dict[str, str] | None:
    if value is None:
        return None
    try:
        return value.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(value).decode()}


def _loose(text: bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return {}  # whoever decodes it says what is wrong
