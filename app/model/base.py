"""The base of every value, and the few types that many of them share."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict

MAX_YEAR = 9999

Scalar = bool | int | float | str | None
"""What a parameter or an output may hold at its leaves; integers are 64-bit."""

Value = Scalar | list[Scalar] | dict[str, Scalar]
"""A parameter or an output: a scalar, a list of scalars or a map of scalars; no deeper, so that Avro can hold it."""

Values = dict[str, Value]


def to_instant(moment: datetime) -> datetime:
    """Give the moment in UTC, cut to milliseconds; a moment without a zone is taken to be UTC."""
    aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    try:
        utc = aware.astimezone(UTC)
    except OverflowError:
        utc = aware.replace(tzinfo=UTC)
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)


Instant = Annotated[datetime, AfterValidator(to_instant)]
"""A moment in UTC with millisecond precision."""


class Frozen(BaseModel):
    """A value: immutable, compared by its fields, tolerant of fields it does not know (newer writers add some)."""

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        populate_by_name=True,
        use_attribute_docstrings=True,
        serialize_by_alias=True,
        ser_json_inf_nan="strings",
        ser_json_bytes="base64",
        val_json_bytes="base64",
    )
