"""One filled value of every public model, and hypothesis strategies for models in general."""

from __future__ import annotations

import types
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from hypothesis import strategies as st

from app.model.base import Frozen, Value, to_instant

TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
LONG = st.integers(-(2**63), 2**63 - 1)
DOUBLE = st.floats(allow_nan=False, allow_infinity=False)
SCALAR = st.none() | st.booleans() | LONG | DOUBLE | TEXT
VALUE = SCALAR | st.lists(SCALAR, max_size=3) | st.dictionaries(TEXT, SCALAR, max_size=3)
INSTANT = st.datetimes(timezones=st.just(UTC)).map(to_instant)

_LEAVES: dict[Any, st.SearchStrategy] = {
    bool: st.booleans(),
    int: LONG,
    float: DOUBLE,
    str: TEXT,
    bytes: st.binary(max_size=12),
    datetime: INSTANT,
    type(None): st.none(),
}


def of_model(model: type[Frozen]) -> st.SearchStrategy[Frozen]:
    """Any value of a model."""
    fields = {name: _of(field.annotation) for name, field in model.model_fields.items()}
    return st.fixed_dictionaries(fields).map(lambda given: model(**given))


def _of(annotation: Any) -> st.SearchStrategy:
    if annotation == Value or annotation in _LEAVES:
        return VALUE if annotation == Value else _LEAVES[annotation]
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is None:
        is_enum = issubclass(annotation, StrEnum)
        return st.sampled_from(list(annotation)) if is_enum else of_model(annotation)
    if origin in (Union, types.UnionType):
        return st.one_of([_of(arg) for arg in args])
    return {
        Annotated: lambda: _of(args[0]),
        list: lambda: st.lists(_of(args[0]), max_size=2),
        dict: lambda: st.dictionaries(TEXT, _of(args[1]), max_size=2),
        Literal: lambda: st.sampled_from(args),
    }[origin]()
