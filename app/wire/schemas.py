"""The schemas that this release reads: its own, and every one ever released."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from fastavro import parse_schema
from fastavro.schema import fingerprint, to_parsing_canonical_form

from app.resources import schemas_dir


@dataclass(frozen=True)
class Schema:
    """A schema, parsed."""

    name: str
    """The record's name without its namespace, such as `StepCommand`."""
    fingerprint: bytes
    """CRC-64-AVRO of the parsing canonical form, as the eight bytes that single-object encoding carries."""
    raw: Any
    """As it stands in its file."""
    parsed: Any
    """What fastavro works with."""
    is_current: bool


@cache
def current() -> dict[str, Schema]:
    """Give this release's schemas by name."""
    return {path.stem: _read(path, is_current=True) for path in sorted(schemas_dir().glob("*.avsc"))}


@cache
def by_fingerprint() -> dict[bytes, Schema]:
    """Give every schema that can be read; this release's own wins where nothing changed."""
    released = [_read(path, is_current=False) for path in sorted(schemas_dir().glob("released/*/*.avsc"))]
    return {schema.fingerprint: schema for schema in (*released, *current().values())}


def fingerprint_of(schema: Any) -> bytes:
    """Give the fingerprint of a schema as single-object encoding carries it (little-endian)."""
    return bytes.fromhex(fingerprint(to_parsing_canonical_form(schema), "CRC-64-AVRO"))


def _read(path: Path, *, is_current: bool) -> Schema:
    raw = json.loads(path.read_text(encoding="utf-8"))
    return Schema(raw["name"], fingerprint_of(raw), raw, parse_schema(raw), is_current)
