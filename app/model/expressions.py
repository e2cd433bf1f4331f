"""What a compiled expression and a template are to the engine; the library floor compiles them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from app.model.base import Scalar

Context = Mapping[str, Any]
"""The names an expression may use, such as `incident`, `trigger`, `steps`; JSON-like values throughout."""


class ExpressionError(Exception):
    """An expression that could not be evaluated, such as one that reads a missing key; never false, never empty."""


class Expression(Protocol):
    """A compiled CEL expression."""

    @property
    def source(self) -> str:
        """Its text."""

    def evaluate(self, context: Context) -> Any:
        """Give its value as a JSON-like Python value.

        Raises:
            ExpressionError: a key is missing, a type does not fit, or it costs too much.

        """


@dataclass(frozen=True)
class Template:
    """Text with `${{ expressions }}` in it."""

    source: str
    parts: tuple[str | Expression, ...]

    @property
    def is_one_expression(self) -> bool:
        """Whether the whole text is one expression, whose value then keeps its type."""
        return len(self.parts) == 1 and not isinstance(self.parts[0], str)


Param = Scalar | Template | list["Param"] | dict[str, "Param"]
"""A parameter as the page has it: scalars, templates, and lists and maps of them."""
