"""CEL, compiled once: the one expression language, in `if`, `wait` and `${{ }}`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import celpy
from celpy import celtypes
from celpy.adapter import json_to_cel
from celpy.celparser import CELParseError
from celpy.evaluation import CELEvalError

from app.core.context import known_fields
from app.library.problems import suggest
from app.model.expressions import Context, ExpressionError, Template

MAX_SOURCE = 2000
"""The longest expression, in characters."""
MAX_MACROS = 2
"""How many `exists`, `all`, `map`, `filter` an expression may have: what it costs stays small."""
NAMES = ("incident", "trigger", "steps")
"""What an expression may read."""

_MACRO = re.compile(r"\.\s*(?:exists_one|exists|all|filter|map|reduce|min)\s*\(\s*(?:([A-Za-z_]\w*)\s*,)?")
_STRING = re.compile(
    r"""r?(?:\"\"\".*?\"\"\"|'''.*?'''|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')""", re.DOTALL
)
_FREE_NAME = re.compile(r"(?<![\w.])([A-Za-z_]\w*)(?!\w)(?!\s*\()")
_WORDS = {
    "true",
    "false",
    "null",
    "in",
    *["int", "uint", "double", "bool", "string", "bytes", "list", "map", "type", "null_type"],
}
_STEP = re.compile(r"(?<![\w.])steps\s*\.\s*([A-Za-z_]\w*)")
FIELDS = known_fields()
"""The fields right under `incident` and `trigger`."""
_FIELD = re.compile(rf"(?<![\w.])({'|'.join(FIELDS)})\s*\.\s*([A-Za-z_]\w*)")
_PART = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)


class CelError(ValueError):
    """An expression that cannot be compiled; the message says what is wrong."""


@dataclass(frozen=True)
class Cel:
    """A compiled expression; two of equal text are equal."""

    source: str
    _program: Any = field(repr=False, compare=False)

    def evaluate(self, context: Context) -> Any:
        """Give its value as plain data; ExpressionError where it cannot be worked out."""
        try:
            value = self._program.evaluate({name: json_to_cel(given) for name, given in context.items()})
        except CELEvalError as error:
            raise ExpressionError(f"{self.source}: {_words(error)}") from error
        except Exception as error:  # the interpreter lets Python's own through, and none may stop the engine
            raise ExpressionError(f"{self.source}: {error}") from error
        return _plain(value)


@lru_cache(maxsize=10_000)
def compile_cel(source: str) -> Cel:
    """Compile an expression.

    Raises:
        CelError: it is no CEL, reads unknown names, or may cost too much.

    """
    text = source.strip()
    if not text:
        raise CelError("the expression is empty")
    if len(text) > MAX_SOURCE:
        raise CelError(f"the expression is longer than {MAX_SOURCE} characters")
    bare = _STRING.sub("''", text)
    macros = _MACRO.findall(bare)
    if len(macros) > MAX_MACROS:
        raise CelError(f"the expression goes over lists more than {MAX_MACROS} times")
    try:
        environment = celpy.Environment()
        program = environment.program(environment.compile(text))
    except (CELParseError, RecursionError) as error:
        raise CelError(_parse_words(error)) from error
    unknown = sorted(
        {n for n in _FREE_NAME.findall(bare) if n not in {*NAMES, *_WORDS, *macros}} - _field_names(bare)
    )
    if unknown:
        raise CelError(f"{unknown[0]!r} is unknown; an expression reads {', '.join(NAMES)}")
    _check_fields(bare)
    return Cel(text, program)


def steps_read(source: str) -> set[str]:
    """Name the steps that an expression reads as `steps.NAME`."""
    return set(_STEP.findall(_STRING.sub("''", source)))


def compile_template(source: str) -> Template:
    """Compile a text with `${{ }}` in it.

    Raises:
        CelError: an expression in it cannot be compiled, or is not closed.

    """
    if "${{" not in source:
        return Template(source, (source,) if source else ())
    parts: list[Any] = []
    end = 0
    for found in _PART.finditer(source):
        if found.start() > end:
            parts.append(source[end : found.start()])
        parts.append(compile_cel(found[1]))
        end = found.end()
    if end < len(source):
        parts.append(source[end:])
    if any(isinstance(part, str) and "${{" in part for part in parts):
        raise CelError("a ${{ is not closed; end it with }}")
    return Template(source, tuple(parts))


def _check_fields(bare: str) -> None:
    for name, field_ in _FIELD.findall(bare):
        if field_ not in FIELDS[name]:
            raise CelError(f"{name} has no {field_!r}: {suggest(field_, FIELDS[name])}")


def _field_names(bare: str) -> set[str]:
    """Names before a colon within braces are map keys or fields, not variables (`a ? b : c` has none there)."""
    return set(re.findall(r"[{,]\s*([A-Za-z_]\w*)\s*:", bare))


def _plain(value: Any) -> Any:
    """Give a CEL value as JSON-like Python."""
    if value is None or isinstance(value, celtypes.BoolType | bool):
        return None if value is None else bool(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Mapping):
        return {str(_plain(name)): _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    raise ExpressionError(
        f"a value of type {type(value).__name__} cannot leave an expression; turn it into a string"
    )


def _words(error: Exception) -> str:
    return str(error.args[0]) if error.args else str(error)


def _parse_words(error: Exception) -> str:
    column = getattr(error, "column", None)
    where = f" near column {column}" if column else ""
    return f"it is no CEL expression{where}"
