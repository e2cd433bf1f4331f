"""Whatever bytes come: findings, never an exception of another kind."""

from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from app.library.compile import compile_library
from app.library.expressions import CelError, compile_cel, compile_template
from app.library.lint import lint
from app.library.problems import LibraryError
from app.model.expressions import ExpressionError
from tests.library.test_expressions import CONTEXT
from tests.library.texts import DESIGN_PAGE, MANIFESTS

compile_cel(
    "true"
)  # the interpreter raises Python's recursion limit when it is first used, which hypothesis would note
PIECES = st.sampled_from(
    [
        *"\n\t :-#`[]{}'\"|>&*!%@,.$()=~?0",
        "---\n",
        "## Diagnosis\n",
        "```yaml step=a\n",
        "```\n",
        "action: kubernetes.describe\n",
        "with: ",
        "wait: ",
        "until: ",
        "needs: [a]\n",
        "${{ ",
        " }}",
        "incident",
        ".firing",
        "trigger.labels.pod",
        "exists(c, ",
        "- [ ] ",
        "{owner=x due=",
        "teams:",
        "  ",
        "\x00",
        "\ud7ff",
        "ß",
    ]
)
SOUP = st.lists(st.one_of(PIECES, st.text(max_size=5)), max_size=40).map("".join)


@st.composite
def damaged_pages(draw):
    text = DESIGN_PAGE
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + 30)))
        text = text[:start] + draw(SOUP) + text[end:]
    return text


@settings(deadline=None)
@given(st.one_of(SOUP, damaged_pages()), st.sampled_from(["x.md", "x.yaml"]))
def test_files(text, path):
    errors = [each for each in lint({**MANIFESTS, path: text}) if each.level == "error"]
    lines = text.count("\n") + 1
    assert all(1 <= each.line <= lines + 1 for each in errors if each.path == path)
    told = []
    try:
        compile_library({**MANIFESTS, path: text})
    except LibraryError as error:
        told = list(error.problems)
    assert told == errors


@settings(deadline=None)
@given(SOUP)
def test_expressions(source):
    with suppress(CelError, ExpressionError):
        compile_cel(source).evaluate(CONTEXT)
    with suppress(CelError):
        compile_template(source)
