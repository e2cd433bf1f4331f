"""Makes the Avro schema of a model: same field names as in JSON, same words of explanation, self-contained.

    python -m app.wire.avsc      writes schemas/*.avsc anew; a test holds files and models equal

How types map: text, enums that may grow → string; closed enums → enum; integers → long; moments → timestamp-millis;
`Values` → map of scalars, arrays of scalars and maps of scalars; what may be null → ["null", ...] with default null.
Types within a record are named in a namespace of their own (`oncall.v1.step_command.Effect`), so that code generators
can read all files together.
"""

from __future__ import annotations

import json
import re
import types
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined, to_jsonable_python

from app.model.base import Frozen, Value
from app.model.words import AlertStatus, Effect, Mode, Phase, Severity, Urgency
from app.resources import schemas_dir
from app.wire.topics import PUBLIC

NAMESPACE = "oncall.v1"

CLOSED = (Severity, Urgency, AlertStatus, Mode, Effect, Phase)
"""Lists of words that never grow: an Avro enum cannot, without breaking those who have the older schema.

All others are strings whose doc lists the words of this release: a reader must expect new ones.
"""

Schema = dict[str, Any] | list[Any] | str

_PRIMITIVES: dict[Any, Schema] = {
    bool: "boolean",
    int: "long",
    float: "double",
    str: "string",
    bytes: "bytes",
    datetime: {"type": "long", "logicalType": "timestamp-millis"},
}
_SCALARS: list[Schema] = ["null", "boolean", "long", "double", "string"]
_VALUE: list[Schema] = [
    *_SCALARS,
    {"type": "array", "items": _SCALARS},
    {"type": "map", "values": _SCALARS},
]


def schema_of(model: type[Frozen]) -> dict[str, Any]:
    """Give the Avro schema of a topic value's model."""
    return _Builder(f"{NAMESPACE}.{_snake(model.__name__)}").record(model, NAMESPACE)


def text_of(model: type[Frozen]) -> str:
    """Give the schema as the text of its file."""
    return json.dumps(schema_of(model), indent=2, ensure_ascii=False) + "\n"


class _Builder:
    """Builds one self-contained schema: a type is defined where it is met first and named thereafter."""

    def __init__(self, inner: str) -> None:
        self._inner = inner
        self._defined: set[type] = set()

    def record(self, model: type[Frozen], namespace: str) -> dict[str, Any]:
        self._defined.add(model)
        return {
            "type": "record",
            "name": model.__name__,
            "namespace": namespace,
            "doc": _words(model.__doc__),
            "fields": [self._field(name, field) for name, field in model.model_fields.items()],
        }

    def _field(self, name: str, field: FieldInfo) -> dict[str, Any]:
        built: dict[str, Any] = {
            "name": field.alias or name,
            "doc": _doc(field),
            "type": self._type(field.annotation),
        }
        default = field.get_default(call_default_factory=True)
        if default is not PydanticUndefined:
            built["default"] = to_jsonable_python(default, by_alias=True)
        return built

    def _type(self, annotation: Any) -> Schema:  # noqa: PLR0911  # one return for each kind of type
        if annotation == Value:
            return _VALUE
        if annotation in _PRIMITIVES:
            return _PRIMITIVES[annotation]
        origin, args = get_origin(annotation), get_args(annotation)
        if origin is Annotated:
            return self._type(args[0])
        if origin in (Union, types.UnionType):
            return [
                "null" if arg is type(None) else self._type(arg) for arg in sorted(args, key=_is_not_null)
            ]
        if origin is list:
            return {"type": "array", "items": self._type(args[0])}
        if origin is dict:
            return {"type": "map", "values": self._type(args[1])}
        if origin is Literal:
            return "string"
        return self._named(annotation)

    def _named(self, annotation: type) -> Schema:
        if annotation in self._defined:
            return f"{self._inner}.{annotation.__name__}"
        if issubclass(annotation, Frozen):
            return self.record(annotation, self._inner)
        if annotation not in CLOSED:
            return "string"
        self._defined.add(annotation)
        return {
            "type": "enum",
            "name": annotation.__name__,
            "namespace": self._inner,
            "doc": _words(annotation.__doc__),
            "symbols": [word.value for word in annotation],
        }


def _is_not_null(annotation: Any) -> bool:
    return annotation is not type(None)


def _doc(field: FieldInfo) -> str:
    words = _open_words(field.annotation)
    doc = _words(field.description)
    return f"{doc} One of: {', '.join(words)}." if len(words) > 1 else doc


def _open_words(annotation: Any) -> list[str]:
    """Give the words of an enum or literal that is a string on the wire."""
    if get_origin(annotation) is Literal:
        return [str(word) for word in get_args(annotation)]
    if isinstance(annotation, type) and issubclass(annotation, StrEnum) and annotation not in CLOSED:
        return [word.value for word in annotation]
    return [
        word
        for arg in get_args(annotation)
        if get_origin(annotation) is not dict
        for word in _open_words(arg)
    ]


def _words(text: str | None) -> str:
    return re.sub(r"\s+", " ", (text or "").replace("`", "")).strip()


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def write(folder: Path) -> None:
    """Write the schema of every topic value."""
    for model in PUBLIC:
        (folder / f"{model.__name__}.avsc").write_text(text_of(model), encoding="utf-8")


if __name__ == "__main__":
    write(schemas_dir())
