"""YAML 1.2, with the place of everything, and bounds on what it may cost."""

import pytest

from app.library.located import read_yaml
from app.library.problems import Findings


def read(text):
    findings = Findings("x.yaml")
    located = read_yaml(text, findings)
    return (located.plain() if located else None), [(each.line, each.column) for each in findings.problems]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"),
        ("no", "no"),
        ("on", "on"),
        ("true", True),
        ("TRUE", True),
        ("tRUE", "tRUE"),
        ("~", None),
        ("null", None),
        ("''", ""),
        ("010", 10),
        ("0o10", 8),
        ("0x1f", 31),
        ("1_000", "1_000"),
        ("1:30", "1:30"),
        ("-3", -3),
        ("'3'", "3"),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("2026-11-24", "2026-11-24"),
        ("[a, {b: 1}]", ["a", {"b": 1}]),
        ("&x [1, 2]", [1, 2]),
        ("[&x {a: 1}, *x]", [{"a": 1}, {"a": 1}]),
    ],
)
def test_scalars_are_those_of_yaml_1_2(text, value):
    assert read(text) == (value, [])


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a: [\n", (2, 1)),
        ("a: 'x\n", (2, 1)),
        ("a: 1\n b: 2\n", (2, 3)),
        ("\tb: 2\n", (1, 1)),
        ("a: 1\na: 2\n", (2, 1)),
        ("[a]: 1\n", (1, 1)),
        ("a: *x\n", (1, 4)),
        ("a: 1\n---\nb: 2\n", (2, 1)),
        ("a: !!python/object:os.system x\n", None),
    ],
)
def test_mistakes_are_pointed_at(text, place):
    assert read(text)[1] == ([place] if place else [])


@pytest.mark.parametrize(
    ("text", "mend"),
    [
        ("a:\n\tb: 2\n", "indent with spaces"),
        ("title: Disk: full\n", "in quotes"),
        ("a: @x\n", "in quotes"),
        ("a: 1\n---\nb: 2\n", "a file is one document"),
        ("[" * 5000 + "]" * 5000, "write it out plainly"),
        ("a: [1\n", "brackets"),
    ],
)
def test_a_usual_slip_comes_with_its_own_mend(text, mend):
    findings = Findings("x.yaml")
    read_yaml(text, findings)
    assert [mend in problem.mend for problem in findings.problems] == [True]
    assert "recursion" not in findings.problems[0].message


def test_tags_make_nothing_but_data():
    assert read("a: !!python/object/apply:os.system ['true']") == ({"a": ["true"]}, [])


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
        + "".join(
            f"{b}: &{b} [{','.join(['*' + a] * 10)}]\n" for a, b in zip("abcdef", "bcdefg", strict=True)
        ),
        "a: &a [*a]\n",
        "[" * 500 + "]" * 500,
        "{a: " * 100 + "}" * 100,
        "- " * 400 + "x",
    ],
    ids=["aliases of aliases", "an alias of itself", "deep lists", "deep maps", "deep dashes"],
)
def test_what_would_cost_too_much_is_refused(text):
    value, places = read(text)
    assert value is None
    assert len(places) == 1
