"""`inhibit`: what is read, and what is wrong with it."""

import pytest

from app.library.compile import compile_library
from app.library.lint import lint
from app.model.matchers import parse_matcher

RULE = "inhibit: [{source_matchers: ['a=\"1\"'], target_matchers: ['b=~\"2|3\"', 'c!=\"4\"'], equal: [node]}]"


def problems(text):
    return [each for each in lint({"x.yaml": text}) if each.path == "x.yaml"]


def test_a_rule_is_read():
    (rule,) = compile_library({"x.yaml": RULE}).inhibit
    assert rule.source == (parse_matcher('a="1"'),)
    assert rule.target == (parse_matcher('b=~"2|3"'), parse_matcher('c!="4"'))
    assert (rule.equal, rule.name) == (("node",), "1")


def test_rules_of_several_files_are_one_list_in_the_order_of_paths():
    named = RULE.replace("[{", "[{name: nodes, ")
    assert [each.name for each in compile_library({"b.yaml": RULE, "a.yaml": named}).inhibit] == [
        "nodes",
        "2",
    ]


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("inhibit: [{target_matchers: ['a=\"1\"']}]", 1, 11, "needs source_matchers"),
        ("inhibit: [{source_matchers: ['a=\"1\"']}]", 1, 11, "needs target_matchers"),
        ("inhibit: [{source_matchers: [], target_matchers: [a=1]}]", 1, 29, "would match every alert"),
        ("inhibit: [{source_matchers: [a], target_matchers: [a=1]}]", 1, 30, "is not a matcher"),
        ("inhibit: [{source_matchers: [a=1, a=2], target_matchers: [b=1]}]", 1, 29, "can never match"),
        ("inhibit: [{source_matchers: [b=1], target_matchers: [a=x, 'a=~\"y.*\"']}]", 1, 53, "can never match"),
        ("inhibit: [{source_matchers: [a=1], target_matchers: [a=2], equal: [a]}]", 1, 67, "never mute"),
        ("inhibit: [{source_matchers: [a=1], target_matchers: [b=2], equals: [a]}]", 1, 60, "did you mean 'equal'"),
        ("inhibit: [x]", 1, 11, "is no map"),
    ],
)  # fmt: skip
def test_what_is_wrong(text, line, column, words):
    found = problems(text)
    assert [each for each in found if words in str(each) and (each.line, each.column) == (line, column)], (
        found
    )


def test_what_matches_is_no_mistake():
    fine = "inhibit: [{source_matchers: [a=1, 'a=~\"1|2\"'], target_matchers: [a=2, b=3], equal: [b]}]"
    assert [each for each in problems(fine) if each.level == "error"] == []
