"""Messages in files: the lines that `oncall tail --raw` prints, read back."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from app.connectors.errors import OutsideError
from app.model.messages import Message


class RecordFileError(OutsideError):
    """A line is none of those that `oncall tail --raw` prints."""


def read_records(lines: Iterable[str], name: str) -> Iterator[Message]:
    """Give the messages of lines, in order; `name` is the file's, for what is wrong with it."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            yield _message(json.loads(line))
        except (ValueError, KeyError, TypeError, RecursionError, binascii.Error) as error:
            raise RecordFileError(
                f"{name}:{number}: no line of `oncall tail --raw` ({type(error).__name__}: {error})",
                "write the file with `oncall tail TOPIC --raw >> FILE`, once for each topic",
            ) from error


def _message(line: dict[str, Any]) -> Message:
    return Message(
        topic=line["topic"],
        partition=int(line["partition"]),
        offset=int(line["offset"]),
        key=_bytes(line["key"]),
        value=_bytes(line["value"]),
        timestamp=datetime.fromisoformat(line["timestamp"]),
        headers=tuple((each["name"], _bytes(each["value"])) for each in line.get("headers", ())),
    )


def _bytes(value: Any) -> bytes | None:
    if value is None:
        return None
    if isinstance(value, dict):
        return base64.b64decode(value["base64"], validate=True)
    return str(value).encode()
