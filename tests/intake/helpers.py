"""A small estate, and messages as brokers hand them over."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from app.intake.batch import IntakeResult, intake_batch
from app.model.catalog import Rules, Service
from app.model.library import Library
from app.model.messages import Message
from app.model.words import Mode, Severity

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
LIBRARY = Library(
    "abc",
    rules=Rules(severities={"page": Severity.CRITICAL}),
    services={id_: Service(id_, system="checkout") for id_ in ("cart", "payments")},
)


def message(value: Any, *, topic: str = "alerts", offset: int = 7, **facts: Any) -> Message:
    """A message whose value is JSON, unless it is bytes or None already."""
    whole = value if value is None or isinstance(value, bytes) else json.dumps(value).encode()
    given = {"partition": 3, "key": b"k", "timestamp": NOW, "headers": (("h", b"\xff"), ("h", None))} | facts
    return Message(topic=topic, offset=offset, value=whole, **given)


def take(*messages: Message, mode: Mode | None = None) -> IntakeResult:
    return intake_batch(messages, LIBRARY, mode, LIBRARY.hash)


def signals(result: IntakeResult) -> list:
    return [signal for batch in result.batches for signal in batch.signals]


def only_alert(value: Any, **facts: Any):
    """The one alert that a message comes to."""
    result = take(message(value, **facts))
    assert result.dead_letters == []
    (signal,) = signals(result)
    return signal.body.alert


def only_letter(value: Any, **facts: Any):
    """The one dead letter that a message comes to, and nothing else."""
    result = take(message(value, **facts))
    assert result.batches == []
    (letter,) = result.dead_letters
    return letter
