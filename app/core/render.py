"""Templates filled in: typed for parameters, as words for prose."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

from app.model.base import Scalar, Value, Values
from app.model.expressions import Context, ExpressionError, Param, Template

MAX_CHARS = 64 * 1024
"""The longest text that a template may give."""


def render(template: Template, context: Context) -> Value:
    """Fill a template in; one whole expression keeps its type.

    Raises:
        ExpressionError: an expression fails, gives something too deep to send, or the text gets too long.

    """
    if template.is_one_expression:
        value = template.parts[0].evaluate(context)  # type: ignore[union-attr]  # is_one_expression says so
        return _sendable(value, template.source)
    text = ""
    for part in template.parts:
        text += part if isinstance(part, str) else as_text(part.evaluate(context))
        if len(text) > MAX_CHARS:
            msg = f"the text of {template.source[:60]!r} is longer than {MAX_CHARS} characters"
            raise ExpressionError(msg)
    return text


def render_params(params: Mapping[str, Param], context: Context, field: str = "with") -> Values:
    """Fill all parameters of a step in; `field` is where the page has them.

    Raises:
        ExpressionError: as `render`; the message names the parameter.

    """
    filled: Values = {}
    for name, param in params.items():
        try:
            filled[name] = _param(param, context)
        except ExpressionError as error:
            msg = f"{field}.{name}: {error}"
            raise ExpressionError(msg) from error
    return filled


def render_prose(template: Template, context: Context) -> str:
    """Fill prose in for people; an expression that fails stays as its source, so that a reader sees what was meant."""
    words = []
    for part in template.parts:
        if isinstance(part, str):
            words.append(part)
            continue
        try:
            words.append(as_text(part.evaluate(context)))
        except ExpressionError:
            words.append("${{ " + part.source + " }}")
    return "".join(words)


def _param(param: Param, context: Context) -> Value:
    if isinstance(param, Template):
        return render(param, context)
    if isinstance(param, list):
        return [_leaf(item, context) for item in param]
    if isinstance(param, dict):
        return {name: _leaf(item, context) for name, item in param.items()}
    return param


def _leaf(param: Param, context: Context) -> Scalar:
    value = _param(param, context)
    if isinstance(value, list | dict):
        msg = "an expression inside a list or map must give a text, a number, a boolean or null"
        raise ExpressionError(msg)
    return value


def _sendable(value: Any, source: str) -> Value:
    leaves = (
        value if isinstance(value, list) else list(value.values()) if isinstance(value, dict) else [value]
    )
    for leaf in leaves:
        if isinstance(leaf, list | dict):
            msg = f"{source!r} gives a value that is nested too deep; give a scalar, or a list or map of scalars"
            raise ExpressionError(msg)
    if len(json.dumps(value)) > MAX_CHARS:
        msg = f"{source!r} gives more than {MAX_CHARS} characters"
        raise ExpressionError(msg)
    return cast("Value", value)


def as_text(value: Any) -> str:
    """Give a value as it stands in a text: words as they are, all else as JSON."""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)
