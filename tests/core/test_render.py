"""Templates filled in, and what a record keeps of what is long."""

from __future__ import annotations

import json

import pytest

from app.core.bounds import OUTPUT_BYTES, bounded_output
from app.core.render import MAX_CHARS, render, render_params, render_prose
from app.model.expressions import ExpressionError, Template
from tests.core.estate import Says

COUNT = Says("count", lambda names: names["count"])
PODS = Says("pods", lambda _: ["a", "b"])
DEEP = Says("deep", lambda _: [["a"]])
LONG = Says("long", lambda _: "x" * (MAX_CHARS + 1))


def template(*parts) -> Template:
    return Template("".join(p if isinstance(p, str) else f"${{{{ {p.source} }}}}" for p in parts), parts)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (template(COUNT), 3),
        (template("n=", COUNT), "n=3"),
        (template(PODS), ["a", "b"]),
        (template("pods ", PODS), 'pods ["a", "b"]'),
        (template("plain"), "plain"),
        (Template("", ()), ""),
    ],
)
def test_one_whole_expression_keeps_its_type(given, expected) -> None:
    assert render(given, {"count": 3}) == expected


@pytest.mark.parametrize("given", [template(DEEP), template(LONG), template("a", LONG), template(COUNT)])
def test_what_cannot_be_sent_is_an_error(given) -> None:
    with pytest.raises(ExpressionError):
        render(given, {})


def test_params_name_the_one_that_fails() -> None:
    assert render_params(
        {"a": 1, "b": [template(COUNT), "x"], "c": {"d": template(COUNT)}}, {"count": 3}
    ) == {
        "a": 1,
        "b": [3, "x"],
        "c": {"d": 3},
    }
    with pytest.raises(ExpressionError, match=r"with\.replicas: .*count"):
        render_params({"replicas": template(COUNT)}, {})
    with pytest.raises(ExpressionError, match="inside a list"):
        render_params({"pods": [template(PODS)]}, {})


def test_prose_shows_what_was_meant_where_an_expression_fails() -> None:
    assert render_prose(template("scale to ", COUNT, "!"), {}) == "scale to ${{ count }}!"


@pytest.mark.parametrize(
    "output",
    [
        {"log": "x" * 60_000},
        {f"k{i}": "y" * 600 for i in range(100)},
        {"list": ["z" * 100] * 600},
        {"map": {str(i): "w" * 100 for i in range(600)}},
        {str(i) * 40: i for i in range(2000)},
    ],
)
def test_an_output_is_cut_to_what_a_record_keeps(output) -> None:
    kept = bounded_output(output)
    assert len(json.dumps(kept)) <= OUTPUT_BYTES
    assert bounded_output({"a": 1}) == {"a": 1}
