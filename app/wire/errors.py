"""What reading bytes may end in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

REASONS = (
    "null_value",
    "confluent_framing",
    "unknown_fingerprint",
    "unexpected_schema",
    "broken_avro",
    "broken_json",
    "unreadable",
    "wrong_shape",
    "missing_field",
    "invalid_field",
    "too_large",
)
"""The closed list of reasons; they are metric labels too."""


class WireError(ValueError):
    """Bytes that are no value of the kind asked for. `field` is a path such as `alerts[3].labels.pod`, or empty."""

    def __init__(self, reason: str, detail: str, field: str = "") -> None:
        super().__init__(f"{field}: {detail}" if field else detail)
        self.reason, self.field, self.detail = reason, field, detail


def from_validation(error: ValidationError, datum: Any) -> WireError:
    """Give the first of pydantic's findings about the datum, with the number of the others."""
    findings = error.errors(include_url=False, include_context=False)
    first = findings[0]
    more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
    path = path_of(_real(first["loc"], datum, is_missing=first["type"] == "missing"))
    detail = f"{first['msg']}{more}"
    if first["type"] == "json_invalid":
        return WireError("broken_json", detail)
    if not path:
        return WireError("wrong_shape", detail)
    return WireError("missing_field" if first["type"] == "missing" else "invalid_field", detail, path)


def path_of(places: Sequence[int | str]) -> str:
    """Give a path as people write it: `alerts[3].labels.pod`."""
    path = ""
    for place in places:
        path += f"[{place}]" if isinstance(place, int) else f".{place}" if path else place
    return path


def _real(places: Sequence[int | str], datum: Any, *, is_missing: bool) -> list[int | str]:
    """Give the places that are in the datum: pydantic adds which branch of a union it tried, such as `bool`."""
    found: list[int | str] = []
    for place in places:
        inside = dict(enumerate(datum)) if isinstance(datum, list) else datum
        if not isinstance(inside, Mapping) or place not in inside:
            return [*found, place] if is_missing else found
        datum = inside[place]
        found.append(place)
    return found
