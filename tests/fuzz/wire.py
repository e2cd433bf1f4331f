"""The public schemas as a stranger uses them: from their files, with fastavro alone."""

from __future__ import annotations

import io
import json
from pathlib import Path

from fastavro import parse_schema, schemaless_reader, schemaless_writer
from fastavro.schema import fingerprint, to_parsing_canonical_form

SCHEMAS = Path(__file__).resolve().parents[2] / "schemas"
MARKER = b"\xc3\x01"
HEADER = 10


def _print_of(raw):
    return bytes.fromhex(fingerprint(to_parsing_canonical_form(raw), "CRC-64-AVRO"))


RAW = {path.stem: json.loads(path.read_text()) for path in sorted(SCHEMAS.glob("*.avsc"))}
PARSED = {name: parse_schema(raw) for name, raw in RAW.items()}
PRINTS = {name: _print_of(raw) for name, raw in RAW.items()}
_WRITERS = {
    _print_of(raw): (raw["name"], parse_schema(raw))
    for path in (*sorted(SCHEMAS.glob("released/*/*.avsc")), *sorted(SCHEMAS.glob("*.avsc")))
    for raw in [json.loads(path.read_text())]
}


class NoDatum(Exception):  # noqa: N818 - no error: a finding about the bytes
    """The bytes are no datum of a schema in the folder; the message says why."""


def write(name, datum):
    """Give a datum in single-object encoding."""
    out = io.BytesIO()
    out.write(MARKER + PRINTS[name])
    schemaless_writer(out, PARSED[name], datum)
    return out.getvalue()


def read(value, *names):
    """Read a datum of one of the named schemas to its last byte; give the schema's name and the datum."""
    name, writer = _WRITERS.get(value[len(MARKER) : HEADER], ("", None))
    if not value.startswith(MARKER) or name not in names:
        raise NoDatum("no schema of this topic")
    stream = io.BytesIO(value[HEADER:])
    try:
        datum = schemaless_reader(stream, writer, PARSED[name])
    except Exception as error:  # fastavro raises whatever broken bytes lead it to
        raise NoDatum(f"{type(error).__name__}: {error}") from error
    if stream.read(1):
        raise NoDatum("bytes follow")
    return name, datum
