"""What is meant to hurt, or looks like it: each has its answer, in bounded time."""

import time

import pytest

from app.core.render import MAX_CHARS, render
from app.library.expressions import CelError, compile_cel, compile_template
from app.library.lint import lint
from app.model.expressions import ExpressionError
from tests.library.texts import FULL, step

NODE = ("action: kubernetes.node", "with: {node: a}")
SECONDS = 30
"""Of this process alone: far more than any of it takes, and far less than what it would take unbounded."""


@pytest.fixture(autouse=True)
def in_bounded_time():
    start = time.process_time()
    yield
    assert time.process_time() - start < SECONDS


def messages(text, **files):
    return [each.message for each in lint({**FULL, **files, "page.md": text}) if each.path == "page.md"]


def test_a_page_of_ten_thousand_steps():
    text = "".join(step(*NODE, id_=f"s{number}") for number in range(10_000))
    assert messages(text) == ["the page has more than 200 steps"]


def test_as_many_steps_as_there_may_be_each_needing_all_before_it():
    names = [f"s{number}" for number in range(200)]
    text = "".join(step(*NODE, f"needs: [{', '.join(names[:n])}]", id_=name) for n, name in enumerate(names))
    found = messages(text)
    assert len(found) == 1
    assert "the budget is 10m" in found[0]


def test_pages_that_use_one_another_hundreds_deep_and_hundreds_wide():
    deep = {f"p{n}.md": step(f"uses: p{n + 1}") for n in range(600)} | {"p600.md": step(*NODE)}
    assert "deep" in lint({**FULL, **deep})[0].message
    wide = {
        f"w{n}.md": "".join(step(f"uses: w{n + 1}", id_=f"s{each}") for each in range(200)) for n in range(4)
    } | {"w4.md": step(*NODE)}
    found = [
        each.message for each in lint({**FULL, **wide}) if each.path == "w0.md" and each.level == "error"
    ]
    assert found == ["with the runbooks it uses the page has more than 500 steps"]


def test_pages_that_all_use_one_another():
    names = [f"p{n}" for n in range(60)]
    files = {f"{name}.md": "".join(step(f"uses: {other}", id_=other) for other in names) for name in names}
    found = [each for each in lint({**FULL, **files}) if each.level == "error"]
    assert [each.path for each in found] == sorted(files)
    assert all("uses itself in the end" in each.message for each in found)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("(" * 990 + "1" + ")" * 990, "nested too deep"),
        ("[" * 990 + "]" * 990, "nested too deep"),
        ("!" * 1990 + "true", "nested too deep"),
        ("'" + "x" * 2000 + "'", "longer than 2000 characters"),
        ("[1].map(a, [1].map(b, [1].map(c, c)))", "more than 2 times"),
        ("[1, 2].reduce(r, i, 'x', r + r)", "no function 'reduce'"),
        ("a{b: 1}", "makes no sense here"),
    ],
)
def test_expressions_that_would_cost_too_much_are_not_compiled(source, words):
    with pytest.raises(CelError, match=words):
        compile_cel(source)


BIG = {"steps": {"x": {"output": {"list": list(range(5000)), "text": "x" * 16_000}}}}


@pytest.mark.parametrize(
    "source",
    [
        "steps.x.output.list.map(a, steps.x.output.list.exists(b, b == a && a == -1))",
        "steps.x.output.list.map(a, steps.x.output.list)",
        "steps.x.output.list.all(a, steps.x.output.list.all(b, a + b >= 0))",
    ],
)
def test_expressions_that_cost_too_much_are_given_up(source):
    with pytest.raises(ExpressionError, match=r"given up|more than 20000 values") as caught:
        compile_cel(source).evaluate(BIG)
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize("pattern", ["(x+x+)+y", "(.{1,100}){1,9}y"])
def test_regular_expressions_take_time_that_grows_with_the_text_alone(pattern):
    assert compile_cel(f"steps.x.output.text.matches('{pattern}')").evaluate(BIG) is False


def test_giving_up_does_not_depend_on_the_machine():
    for length, fits in ((20, True), (5000, False)):
        names = {"steps": {"x": {"output": {"list": list(range(length))}}}}
        given = compile_cel("steps.x.output.list.map(a, steps.x.output.list.exists(b, b == a))")
        if fits:
            assert len(given.evaluate(names)) == length
        else:
            with pytest.raises(ExpressionError):
                given.evaluate(names)


@pytest.mark.parametrize(
    "source",
    ["${{ steps.x.output.text }}" * 700, "${{ " + " + ".join(["steps.x.output.text"] * 90) + " }}"],
    ids=["many parts", "one expression"],
)
def test_a_template_that_gives_megabytes_is_an_error_of_its_step(source):
    with pytest.raises(ExpressionError, match=f"{MAX_CHARS} characters"):
        render(compile_template(source), BIG)


BOMB = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{b}: &{b} [{','.join(['*' + a] * 10)}]\n" for a, b in zip("abcdef", "bcdefg", strict=True)
)


def test_anchors_that_explode_in_every_step():
    text = "".join(step(BOMB, id_=f"s{number}") for number in range(200))
    found = messages(text)
    assert found
    assert all("too large or nested too deep" in each for each in found)


def test_anchors_that_explode_in_front_matter_and_manifests():
    found = lint({"page.md": f"---\n{BOMB}---\n" + step(*NODE), "x.yaml": BOMB})
    assert {each.path for each in found if "too large or nested too deep" in each.message} == {
        "page.md",
        "x.yaml",
    }


@pytest.mark.parametrize(
    "text",
    [
        "[" * 20_000,
        "*" * 20_000,
        "> " * 20_000 + "x",
        "- " * 20_000 + "x",
        "`" * 20_000,
        "<" * 20_000,
        "![" * 10_000,
        "[a](" * 5_000,
        "${{" * 20_000,
        "${{ 1 }}" * 20_000,
        "{{< ref " * 20_000,
        "# " + "x" * 100_000,
        "## Follow-up\n" + "- [ ] x {owner=a due=5d}\n" * 5_000,
        "---\n" + "x: 1\n" * 80_000 + "---\n",
        "\n" * 100_000,
        "\n---" * 20_000,
        "password=" + "a1" * 100_000,
        "a" * 100_000,
        "a://" + "b" * 100_000,
        "```yaml step=a\n" + "a" * 100_000,
    ],
    ids=lambda text: repr(text[:12]),
)
def test_pages_of_one_thing_again_and_again(text):
    found = lint({"page.md": text})
    assert all(each.level == "advice" for each in found) is ("step=" not in text)


def test_a_manifest_of_very_many_values():
    (found,) = lint({"x.yaml": "x:\n" + "- 1\n" * 80_000})
    assert "the document is too large" in found.message


def test_ids_that_are_no_ids():
    found = messages(step(*NODE, id_="a\u202eb"))
    assert found[0].startswith(r"'a\u202eb' is no step id")
    assert "\u202e" not in "".join(found)
