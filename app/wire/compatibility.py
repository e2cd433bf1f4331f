"""Whether the schemas are compatible, both ways, with all that were ever released (full transitive compatibility)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from avro.compatibility import ReaderWriterCompatibilityChecker, SchemaCompatibilityType
from avro.errors import AvroException
from avro.schema import Schema, parse

from app.wire.avsc import schema_of
from app.wire.topics import PUBLIC


@dataclass(frozen=True)
class Problem:
    """A schema that does not fit, with the way to mend it."""

    path: str
    message: str
    mend: str

    def __str__(self) -> str:
        """Give it as one line."""
        return f"{self.path}: {self.message}. {self.mend}"


def check(folder: Path) -> list[Problem]:
    """Check every schema of the folder against the models and against its released forms in `released/VERSION/`."""
    return [
        problem
        for model in PUBLIC
        for problem in (*_against_model(folder, model.__name__), *_against_released(folder, model.__name__))
    ]


def _against_model(folder: Path, name: str) -> list[Problem]:
    path = folder / f"{name}.avsc"
    if not path.is_file():
        return [Problem(path.name, "the file is missing", _WRITE)]
    model = next(each for each in PUBLIC if each.__name__ == name)
    try:
        written = json.loads(path.read_text(encoding="utf-8"))
        parse(json.dumps(written))
    except (ValueError, AvroException) as error:
        return [Problem(path.name, f"it is no Avro schema: {error}", _WRITE)]
    if written != json.loads(json.dumps(schema_of(model))):
        return [Problem(path.name, "it differs from the model", _WRITE)]
    return []


_WRITE = "Write the files anew with `python -m app.wire.avsc`"


def _against_released(folder: Path, name: str) -> list[Problem]:
    path = folder / f"{name}.avsc"
    current = _parsed(path)
    if current is None:
        return []
    found = []
    for released in sorted(folder.glob(f"released/*/{name}.avsc")):
        older = _parsed(released)
        where = f"{released.parent.parent.name}/{released.parent.name}/{released.name}"
        if older is None:
            found.append(Problem(where, "it is no Avro schema", "Restore the file as it was released"))
            continue
        found += _differences(path.name, where, current, older)
    return found


def _differences(name: str, where: str, current: Schema, older: Schema) -> list[Problem]:
    found = []
    for reader, writer, words in (
        (current, older, f"it cannot read what {where} wrote"),
        (older, current, f"{where} cannot read what it writes"),
    ):
        checker = ReaderWriterCompatibilityChecker()  # type: ignore[no-untyped-call]  # avro leaves its __init__ bare
        result = checker.get_compatibility(reader, writer)
        if result.compatibility is not SchemaCompatibilityType.compatible:
            reasons = "; ".join(sorted(result.messages)) or "no reason given"
            places = ", ".join(sorted(result.locations))
            mend = "Give new fields a default, and neither rename, remove without default, nor retype a field"
            found.append(Problem(name, f"{words}: {reasons} at {places}", mend))
    return found


def _parsed(path: Path) -> Schema | None:
    try:
        return parse(path.read_text(encoding="utf-8"))
    except (OSError, AvroException):
        return None
