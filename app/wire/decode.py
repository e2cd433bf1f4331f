"""Bytes become values. The first bytes say how: `C3 01` Avro single-object, `{` or `[` JSON, `00` Confluent framing."""

from __future__ import annotations

import io
from typing import Any, TypeVar

from fastavro import schemaless_reader
from pydantic import ValidationError

from app.model.base import Frozen
from app.wire.errors import WireError, from_validation
from app.wire.schemas import by_fingerprint, current

__all__ = ["WireError", "avro_datum", "decode", "is_avro", "validate"]

MARKER = b"\xc3\x01"
HEADER = len(MARKER) + 8
_BLANKS = b" \t\r\n"
_BOM = b"\xef\xbb\xbf"

M = TypeVar("M", bound=Frozen)


def decode(value: bytes | None, model: type[M]) -> M:
    """Read a value of the model.

    Raises:
        WireError: it is none; the error says why and names the field.

    """
    if value is None:
        raise WireError("null_value", "The message has no value; send a JSON object or an Avro record.")
    if is_avro(value):
        _, datum = avro_datum(value, model.__name__)
        return validate(datum, model)
    try:
        return model.model_validate_json(text_of(value))
    except ValidationError as error:
        raise from_validation(error) from error


def validate(datum: Any, model: type[M]) -> M:
    """Make a value of plain data.

    Raises:
        WireError: it does not fit; the error names the field.

    """
    try:
        return model.model_validate(datum)
    except ValidationError as error:
        raise from_validation(error) from error


def is_avro(value: bytes) -> bool:
    """Say whether the bytes are Avro single-object encoding."""
    return value.startswith(MARKER)


def text_of(value: bytes) -> bytes:
    """Give the JSON text without a byte order mark.

    Raises:
        WireError: the first byte is not one that JSON begins with.

    """
    text = value.removeprefix(_BOM).lstrip(_BLANKS)
    if value.startswith(b"\x00"):
        raise WireError(
            "confluent_framing",
            "It is framed for a schema registry, and no registry is configured; send Avro single-object encoding or JSON.",
        )
    if not text.startswith((b"{", b"[")):
        raise WireError(
            "unreadable", "It begins neither like Avro single-object encoding (C3 01) nor like JSON ({ or [)."
        )
    return text


def avro_datum(value: bytes, *names: str) -> tuple[str, Any]:
    """Read a single-object datum of one of the named schemas, resolved to this release's; give its name and plain data.

    Raises:
        WireError: the schema is unknown or another one, or the bytes are broken.

    """
    if len(value) < HEADER:
        raise WireError("broken_avro", "It ends within the header of ten bytes.")
    schema = by_fingerprint().get(value[len(MARKER) : HEADER])
    if schema is None:
        raise WireError(
            "unknown_fingerprint",
            f"No schema has the fingerprint {value[2:HEADER].hex()}; write with one of schemas/ of a release up to this one.",
        )
    if schema.name not in names:
        raise WireError("unexpected_schema", f"It is a {schema.name}; this topic takes {' or '.join(names)}.")
    stream = io.BytesIO(value[HEADER:])
    reader = None if schema.is_current else current()[schema.name].parsed
    try:
        datum = schemaless_reader(stream, schema.parsed, reader)
    except Exception as error:  # fastavro raises whatever the broken bytes lead it to
        raise WireError(
            "broken_avro", f"The datum cannot be read ({type(error).__name__}: {error})."
        ) from error
    if stream.read(1):
        raise WireError("broken_avro", "Bytes follow after the datum.")
    return schema.name, datum
