"""CEL, compiled once: the one expression language, in `if`, `wait`, `foreach`, `outputs` and `${{ }}`."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import celpy
from celpy import celtypes
from celpy.adapter import json_to_cel
from celpy.celparser import CELParseError
from celpy.evaluation import CELEvalError, base_functions

from app.core.context import known_fields
from app.library.metered import MeteredEvaluator, SpentError
from app.library.problems import suggest
from app.library.reads import MACROS, Reads, depth_of, narrowed, reads_of
from app.model.expressions import Context, Expression, ExpressionError, Template

MAX_SOURCE = 2000
"""The longest expression, in characters."""
MAX_DEPTH = 200
"""How deep the syntax tree of an expression may be, some 18 brackets in one another: far from where Python gives up."""
MAX_MACROS = 2
"""How many `exists`, `all`, `map`, `filter` an expression may have: what it costs stays small."""
MAX_COST = 50_000
"""How many parts of expressions one evaluation may look at, about a second's worth."""
MAX_VALUES = 20_000
"""How many values an expression may give."""
NAMES = ("incident", "trigger", "steps", "inputs")
"""What every expression may read."""
ELSEWHERE = {
    "item": "the fields of a step with foreach:",
    "index": "the fields of a step with foreach:",
    "output": "outputs: and probe.done:",
    "business_hours": "the if: of a policy's level",
}
"""Names that are known in some places only."""
FIELDS = known_fields()
"""The fields right under `incident` and `trigger`."""

_FUNCTIONS = sorted({name for name in base_functions if name.isidentifier()} | {*MACROS, "has", "dyn"})
_TYPES = {"int", "uint", "double", "bool", "string", "bytes", "list", "map", "type", "null_type"}


_INNER = re.compile(r"""CELEvalError\(\*\((?:"([^"]*)"|'([^']*)')""")
"""A failed part, as celpy writes it into the words about the whole."""


class CelError(ValueError):
    """An expression that cannot be compiled; the message says what is wrong."""


@dataclass(frozen=True)
class Cel:
    """A compiled expression; two of equal text are equal."""

    source: str
    _program: Any = field(repr=False, compare=False)
    reads: Reads = field(repr=False, compare=False)

    def evaluate(self, context: Context) -> Any:
        """Give its value as plain data; ExpressionError where it cannot be worked out, or only at too great a cost."""
        given = {name: json_to_cel(value) for name, value in narrowed(context, self.reads.paths).items()}
        try:
            value = MeteredEvaluator(self._program.ast, self._program.new_activation(), MAX_COST).run(given)
        except CELEvalError as error:
            raise ExpressionError(f"{self.source}: {_words(error)}") from error
        except SpentError as error:
            raise ExpressionError(f"{self.source}: it goes over too much and was given up") from error
        except Exception as error:  # the interpreter lets Python's own through, and none may stop the engine
            raise ExpressionError(f"{self.source}: {error}") from error
        return _plain(value)


@lru_cache(maxsize=10_000)
def compile_cel(source: str, more: frozenset[str] = frozenset()) -> Cel:
    """Compile an expression that reads `NAMES` and those of `more`.

    Raises:
        CelError: it is no CEL, reads unknown names, or may cost too much.

    """
    text = source.strip()
    if not text:
        raise CelError("the expression is empty")
    if len(text) > MAX_SOURCE:
        raise CelError(f"the expression is longer than {MAX_SOURCE} characters")
    try:
        environment = celpy.Environment()
        tree = environment.compile(text)
        if depth_of(tree) > MAX_DEPTH:
            raise CelError("the expression is nested too deep")
        reads = reads_of(tree)
        program = environment.program(tree)
    except CELParseError as error:
        raise CelError(_parse_words(error)) from error
    if sum(call in MACROS for call in reads.calls) > MAX_MACROS:
        raise CelError(f"the expression goes over lists more than {MAX_MACROS} times")
    _check_calls(reads)
    _check_names(reads, more)
    return Cel(text, program, reads)


def constant_of(expression: Expression) -> Any:
    """Give what an expression always gives; None where that depends on something."""
    if not isinstance(expression, Cel) or (expression.reads.names and "has" in expression.reads.calls):
        return None  # of a name that is not there, has() would say false
    try:
        return expression.evaluate({})
    except ExpressionError:
        return None


def compile_template(source: str, more: frozenset[str] = frozenset()) -> Template:
    """Compile a text with `${{ }}` in it.

    Raises:
        CelError: an expression in it cannot be compiled, or is not closed.

    """

    def refuse(_place: int, error: CelError) -> None:
        raise error

    return compile_parts(source, refuse, more)


def compile_parts(
    source: str, refused: Callable[[int, CelError], None], more: frozenset[str] = frozenset()
) -> Template:
    """Compile a text with `${{ }}` in it; what cannot be compiled is told with its place, and stays as it is written."""
    parts: list[Any] = []
    end = 0
    while (start := source.find("${{", end)) >= 0:
        close = source.find("}}", start)
        if close < 0:
            refused(start, CelError("a ${{ is not closed; end it with }}"))
            break
        if start > end:
            parts.append(source[end:start])
        end = close + 2
        try:
            parts.append(compile_cel(source[start + 3 : close], more))
        except CelError as error:
            refused(start, error)
            parts.append(source[start:end])
    if end < len(source):
        parts.append(source[end:])
    return Template(source, tuple(parts))


def _check_calls(reads: Reads) -> None:
    for call in reads.calls:
        if call == "{":
            raise CelError("a name before { makes no sense here; a map is {'key': value}")
        if call not in _FUNCTIONS:
            raise CelError(f"there is no function {call!r}: {suggest(call, _FUNCTIONS)}")


def _check_names(reads: Reads, more: frozenset[str]) -> None:
    for name in sorted(reads.names - {*NAMES, *more, *_TYPES}):
        if name in ELSEWHERE:
            raise CelError(f"{name!r} is known only in {ELSEWHERE[name]}")
        raise CelError(f"{name!r} is unknown; an expression reads {', '.join([*NAMES, *sorted(more)])}")
    for name, *fields in reads.paths:
        if name in FIELDS and fields and fields[0] not in (*FIELDS[name], "*"):
            raise CelError(f"{name} has no {fields[0]!r}: {suggest(fields[0], FIELDS[name])}")


def _plain(value: Any, count: list[int] | None = None) -> Any:
    """Give a CEL value as JSON-like Python."""
    count = count if count is not None else [0]
    count[0] += 1
    if count[0] > MAX_VALUES:
        raise ExpressionError(f"it gives more than {MAX_VALUES} values")
    if value is None or isinstance(value, celtypes.BoolType | bool):
        return None if value is None else bool(value)
    if isinstance(value, int | float | str):
        return _scalar(value)
    if isinstance(value, Mapping):
        return {str(_plain(name, count)): _plain(each, count) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each, count) for each in value]
    raise ExpressionError(
        f"a value of type {type(value).__name__} cannot leave an expression; turn it into a string"
    )


def _scalar(value: float | str) -> int | float | str:
    """Give a number or text that a record holds, and reads again as the same."""
    if isinstance(value, int):
        if not -(2**63) <= value < 2**63:
            raise ExpressionError("it gives an integer that does not fit into 64 bits; turn it into a string")
        return int(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ExpressionError("it gives no finite number")
        return float(value)
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise ExpressionError("it gives half a character, which no text holds")
    return str(value)


def _words(error: Exception) -> str:
    """Give the interpreter's words; where both sides of `&&` or `||` failed, those of the first."""
    texts = [each for arg in error.args for each in (arg if isinstance(arg, tuple) else (arg,))]
    inner = _INNER.search(" ".join(map(str, texts)))
    return str((inner[1] or inner[2]) if inner else error.args[0] if error.args else error)


def _parse_words(error: Exception) -> str:
    column = getattr(error, "column", None)
    where = f" near column {column}" if column else ""
    return f"it is no CEL expression{where}"
