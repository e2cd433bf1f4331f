"""CEL and templates: what they give, and that whatever goes wrong is our own error."""

import re

import pytest

from app.core.context import context_of, known_fields
from app.library.expressions import MAX_SOURCE, CelError, compile_cel, compile_template
from app.model.expressions import ExpressionError

CONTEXT = {
    "incident": {
        "firing": 2,
        "severity": "critical",
        "labels": {"a": "1"},
        "alerts": [],
        "changes": [{"type": "deploy", "service": "cart"}, {"type": "config", "service": ""}],
    },
    "trigger": {
        "name": "Crash",
        "service": "cart",
        "labels": {"pod": "cart-1", "größe": "ü"},
        "annotations": {},
    },
    "steps": {
        "look": {"status": "succeeded", "output": {"n": 3, "ratio": 0.5, "list": [1, 2], "none": None}}
    },
}


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("incident.firing == 2", True),
        ("incident.firing + 1", 3),
        ("trigger.labels.pod", "cart-1"),
        ("trigger.labels['größe']", "ü"),
        ("trigger.labels.pod.startsWith('cart-')", True),
        ("trigger.labels.pod.matches('^cart-[0-9]+$')", True),
        ("trigger.labels.pod + '!'", "cart-1!"),
        ("size(trigger.labels.pod)", 6),
        ("incident.changes.exists(c, c.type == 'deploy' && c.service == trigger.service)", True),
        ("incident.changes.filter(c, c.type == 'config').size()", 1),
        ("incident.changes.map(c, c.type)", ["deploy", "config"]),
        ("incident.alerts.all(a, a.status == 'firing')", True),
        ("has(trigger.labels.pod)", True),
        ("has(trigger.labels.node)", False),
        ("has(trigger.labels.node) ? trigger.labels.node : 'none'", "none"),
        ("'pod' in trigger.labels", True),
        ("steps.look.output.n", 3),
        ("steps.look.output.ratio", 0.5),
        ("steps.look.output.ratio < double(1)", True),
        ("steps.look.output.list", [1, 2]),
        ("steps.look.output.none", None),
        ("{'a': steps.look.output.n}", {"a": 3}),
        ("string(incident.firing)", "2"),
        ("int('7')", 7),
        ("incident.firing > 1 ? 'many' : 'one'", "many"),
        ("'incident.sevrity'", "incident.sevrity"),
        ("true || trigger.labels.node == 'x'", True),
        ("'a\\nb'", "a\nb"),
    ],
)
def test_values(source, value):
    found = compile_cel(source).evaluate(CONTEXT)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    "source",
    [
        "trigger.labels.node",
        "trigger.labels['node'] == ''",
        "steps.gone.status",
        "steps.look.output.n / 0",
        "steps.look.output.n + 'x'",
        "int('x')",
        "incident.labels.pod.startsWith('x')",
        "9223372036854775807 + incident.firing",
        "steps.look.output.list[7]",
        "trigger.labels.pod.matches('(')",
    ],
)
def test_what_cannot_be_worked_out_is_an_error_never_false_or_empty(source):
    with pytest.raises(ExpressionError, match=r".+"):
        compile_cel(source).evaluate(CONTEXT)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("", "empty"),
        ("  ", "empty"),
        ("1 +", "no CEL"),
        ("'x", "no CEL"),
        ("a; b", "no CEL"),
        ("alert.name", "'alert' is unknown"),
        ("env", "'env' is unknown"),
        ("incident.changes.exists(c, d.type == 'x')", "'d' is unknown"),
        ("incident.sevrity", "did you mean 'severity'?"),
        ("has(trigger.lables)", "did you mean 'labels'?"),
        ("'x" + "x" * MAX_SOURCE + "'", "longer than"),
        (".exists(a, ".join(["incident.alerts"] * 4) + "true)))", "more than 2 times"),
    ],
)
def test_what_cannot_be_compiled(source, words):
    with pytest.raises(CelError, match=re.escape(words)):
        compile_cel(source)


def test_differences_of_this_interpreter_that_the_documents_name():
    with pytest.raises(ExpressionError):
        compile_cel("1 < 0.5").evaluate(CONTEXT)
    assert compile_cel("has(trigger.annotations.a.b)").evaluate(CONTEXT) is False


def test_the_known_fields_are_those_of_the_production_context():
    fields = known_fields()
    assert {"firing", "severity", "labels", "changes"} <= set(fields["incident"])
    assert {"labels", "annotations", "service"} <= set(fields["trigger"])
    assert context_of.__module__ == known_fields.__module__


@pytest.mark.parametrize(
    ("source", "parts"),
    [
        ("", []),
        ("plain", ["plain"]),
        ("{{ no }} $x ${y}", ["{{ no }} $x ${y}"]),
        ("${{ incident.firing }}", [2]),
        ("a ${{ incident.firing }} b", ["a ", 2, " b"]),
        ("${{ trigger.name }}${{ incident.firing }}", ["Crash", 2]),
        ("${{ '}' + '{' }}", ["}{"]),
    ],
)
def test_templates(source, parts):
    template = compile_template(source)
    assert [each if isinstance(each, str) else each.evaluate(CONTEXT) for each in template.parts] == parts


@pytest.mark.parametrize("source", ["${{", "a ${{ incident.firing", "${{ }}", "${{ nope }}", "${{ 1 }} ${{"])
def test_broken_templates(source):
    with pytest.raises(CelError):
        compile_template(source)


@pytest.mark.parametrize("both", ["&&", "||"])
def test_where_both_sides_lack_something_the_first_is_named(both):
    expression = compile_cel(f"steps.a.output.x > 1 {both} steps.a.output.y < 2")
    with pytest.raises(ExpressionError) as caught:
        expression.evaluate({"steps": {"a": {"output": {}}}})
    assert "no such member in mapping: 'x'" in str(caught.value)
    assert "celpy" not in str(caught.value)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("1e308 * 10.0", "no finite number"),
        ("{'a': [double('nan')]}", "no finite number"),
        ("18446744073709551615u", "does not fit into 64 bits"),
        (r"'\ud800'", "half a character"),
    ],
)
def test_what_no_record_could_hold_never_leaves_an_expression(source, words):
    """It was read again as something else, or could not be written at all: what followed hung on whether a worker had been restarted."""
    with pytest.raises(ExpressionError, match=words):
        compile_cel(source).evaluate(CONTEXT)
