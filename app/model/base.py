"""The base of every value, and the few types that many of them share."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainSerializer,
    TypeAdapter,
    ValidationError,
)

Scalar = bool | int | float | str | None
"""What a parameter or an output may hold at its leaves; integers are 64-bit."""

Value = Scalar | list[Scalar] | dict[str, Scalar]
"""A parameter or an output: a scalar, a list of scalars or a map of scalars; no deeper, so that Avro can hold it."""


def _fits(value: Value) -> Value:
    """Refuse integers that Avro cannot hold: there they would silently become doubles."""
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else (value,)
    if any(isinstance(each, int) and not -(2**63) <= each < 2**63 for each in inside):
        raise ValueError("an integer must fit into 64 bits; send a larger one as text")
    return value


Values = dict[str, Annotated[Value, AfterValidator(_fits)]]


def _from_base64(value: Any) -> Any:
    try:
        return base64.b64decode(value, validate=True) if isinstance(value, str) else value
    except binascii.Error as error:
        raise ValueError(f"bytes must be base64: {error}") from error


def _to_base64(value: bytes) -> str:
    return base64.b64encode(value).decode()


Blob = Annotated[bytes, BeforeValidator(_from_base64), PlainSerializer(_to_base64, when_used="json")]
"""Bytes; in JSON standard base64 (pydantic's own is the URL-safe one, which jq and most decoders do not read)."""


def to_instant(moment: datetime) -> datetime:
    """Give the moment in UTC, cut to milliseconds; a moment without a zone is taken to be UTC."""
    milliseconds = moment.microsecond // 1000 * 1000
    if (
        not moment.utcoffset()
    ):  # no zone, or UTC by whatever name: nearly every moment, and there are very many
        return moment.replace(tzinfo=UTC, microsecond=milliseconds)
    try:
        utc = moment.astimezone(UTC)
    except OverflowError:
        utc = moment.replace(tzinfo=UTC)
    return utc.replace(microsecond=milliseconds)


_DATE_CHARS = len("2026-11-24")
_MOMENT = TypeAdapter(datetime)


@lru_cache(maxsize=8192)  # a record has hundreds, most of them as they were when it was read last
def _read_moment(text: str) -> datetime | str:
    """Read a moment; give the text back if it is none, so that the field itself says what is wrong with it."""
    try:
        return to_instant(_MOMENT.validate_python(text))
    except ValidationError:
        return text


def _no_guess(value: Any) -> Any:
    """Refuse numbers, alone or as text, and bare dates: seconds or milliseconds, and which hour, nobody can know."""
    if isinstance(value, datetime):
        return to_instant(value)
    if isinstance(value, str) and len(value) > _DATE_CHARS and value[4] == "-":
        return _read_moment(value)
    raise ValueError("a moment is written as in RFC 3339, such as 2026-11-24T03:12:07.250Z")


Instant = Annotated[datetime, BeforeValidator(_no_guess)]
"""A moment in UTC with millisecond precision; as text it is RFC 3339, where without a zone it is taken to be UTC."""


class Frozen(BaseModel):
    """A value: immutable, compared by its fields, tolerant of fields it does not know (newer writers add some)."""

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        populate_by_name=True,
        use_attribute_docstrings=True,
        serialize_by_alias=True,
        ser_json_inf_nan="strings",
    )
