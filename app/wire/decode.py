"""Bytes become values. The first bytes say how: `C3 01` Avro single-object, `{` or `[` JSON, `00` Confluent framing."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, TypeVar

from fastavro import parse_schema, schemaless_reader
from pydantic import ValidationError
from pydantic_core import from_json

from app.model.base import Frozen
from app.wire.errors import WireError, from_validation, path_of
from app.wire.schemas import Schema, by_fingerprint, current

__all__ = ["WireError", "avro_datum", "datum_of", "decode", "is_avro", "json_datum", "validate"]

MARKER = b"\xc3\x01"
HEADER = len(MARKER) + 8
_FIRST, _LAST = -62_135_596_800_000, 253_402_300_799_999
"""The years 1 to 9999 in milliseconds of Unix time."""
_BLANKS = b" \t\r\n"
_BOM = b"\xef\xbb\xbf"

M = TypeVar("M", bound=Frozen)


def decode(value: bytes | None, model: type[M]) -> M:
    """Read a value of the model.

    Raises:
        WireError: it is none; the error says why and names the field.

    """
    return validate(datum_of(value, model), model)


def datum_of(value: bytes | None, model: type[Frozen]) -> Any:
    """Read a value of the model as plain data, not validated yet.

    Raises:
        WireError: the bytes cannot be read.

    """
    if value is None:
        raise WireError("null_value", "The message has no value; send a JSON object or an Avro record.")
    if is_avro(value):
        return avro_datum(value, model.__name__)[1]
    return json_datum(value)


def validate(datum: Any, model: type[M]) -> M:
    """Make a value of plain data, by the names of the schema alone.

    A null field is as good as an absent one: many languages write theirs so.

    Raises:
        WireError: it does not fit; the error names the field.

    """
    if isinstance(datum, dict):
        datum = {name: value for name, value in datum.items() if value is not None}
    try:
        return model.model_validate(datum, by_alias=True, by_name=False)
    except ValidationError as error:
        raise from_validation(error, datum) from error


def json_datum(value: bytes) -> Any:
    """Read JSON as plain data.

    Raises:
        WireError: it is none.

    """
    try:
        return from_json(text_of(value), allow_inf_nan=False)
    except WireError:
        raise
    except ValueError as error:
        raise WireError("broken_json", f"It is not JSON: {error}.") from error


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
        raise WireError(
            "unexpected_schema", f"It is of the schema {schema.name}; this topic takes {' or '.join(names)}."
        )
    stream = io.BytesIO(value[HEADER:])
    reader = None if schema.is_current else current()[schema.name].parsed
    try:
        datum = schemaless_reader(stream, schema.parsed, reader)
    except OverflowError as error:
        raise _bad_time(schema, value[HEADER:]) from error
    except Exception as error:  # fastavro raises whatever the broken bytes lead it to
        raise WireError(
            "broken_avro", f"The datum cannot be read ({type(error).__name__}: {error})."
        ) from error
    if stream.read(1):
        raise WireError("broken_avro", "Bytes follow after the datum.")
    return schema.name, datum


def _bad_time(schema: Schema, datum: bytes) -> WireError:
    """Name the first field whose milliseconds are no moment between the years 1 and 9999."""
    plain = parse_schema(_without_times(schema.raw))
    try:
        read = schemaless_reader(io.BytesIO(datum), plain, None)
    except (EOFError, LookupError, OverflowError, ValueError) as error:  # broken further on as well
        return WireError("broken_avro", f"The datum cannot be read ({type(error).__name__}: {error}).")
    place = next(_far_longs(read, ()), ())
    return WireError("invalid_field", "It is no moment between the years 1 and 9999.", path_of(place))


def _without_times(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_without_times(each) for each in schema]
    if isinstance(schema, dict):
        return {name: _without_times(each) for name, each in schema.items() if name != "logicalType"}
    return schema


def _far_longs(datum: Any, place: tuple[int | str, ...]) -> Iterator[tuple[int | str, ...]]:
    if isinstance(datum, int) and not _FIRST <= datum <= _LAST:
        yield place
    inside = datum.items() if isinstance(datum, dict) else enumerate(datum) if isinstance(datum, list) else ()
    for name, each in inside:
        yield from _far_longs(each, (*place, name))
