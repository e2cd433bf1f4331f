"""The YAML beside the pages: what is read, what must exist, and where it is wrong."""

from datetime import timedelta

import pytest

from app.library.compile import compile_library
from app.library.lint import lint
from app.model.catalog import Parameter
from app.model.words import Effect, Mode, Severity
from tests.library.texts import ACTIONS, PEOPLE


def problems(text, **others):
    return [each for each in lint({"x.yaml": text, **others}) if each.path == "x.yaml"]


def test_what_is_not_said_has_a_default():
    library = compile_library({})
    assert library.rules.mode is Mode.SHADOW
    assert library.rules.reopen_window == timedelta(minutes=30)
    assert library.rules.change_window == timedelta(hours=1)


def test_sections_of_several_files_are_merged():
    library = compile_library(
        {
            "a/teams.yaml": "teams: {a: {}}\nmode: auto",
            "b/teams.yml": "teams: {b: {mode: shadow}}\nrules: {severities: {p1: critical}, group_by: cluster}",
        }
    )
    assert sorted(library.teams) == ["a", "b"]
    assert library.teams["b"].mode is Mode.SHADOW
    assert library.rules.mode is Mode.AUTO
    assert library.rules.severities == {"p1": Severity.CRITICAL}
    assert library.rules.group_by == ("cluster",)


def test_actions():
    library = compile_library({"actions.yaml": ACTIONS})
    describe = library.actions["kubernetes.describe"]
    assert describe.effect is Effect.READ
    assert describe.parameters == (
        Parameter("namespace", "string", True, ""),
        Parameter("pod", "string", True, "The pod"),
        Parameter("tail", "integer", False, ""),
    )


def test_services_match_by_labels():
    library = compile_library(
        {"c.yaml": "services: {cart: {match: ['namespace=\"shop\"', 'pod=~\"cart-.*\"']}}"}
    )
    match = library.services["cart"].match
    assert match.best({"namespace": "shop", "pod": "cart-1"})
    assert match.best({"namespace": "shop", "pod": "search-1"}) is None


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("teems: {}", 1, 1, "did you mean 'teams'?"),
        ("- a", 1, 1, "is no map"),
        ("teams: [a]", 1, 8, "teams is no map"),
        ("teams: {a: b}", 1, 12, "teams.a is no map"),
        ("teams:\n  a: {titel: A}", 2, 7, "did you mean 'title'?"),
        ("teams: {a: {escalation: x}}", 1, 9, "names the policy 'x', which is nowhere said"),
        ("teams: {a: {mode: aprove}}", 1, 19, "did you mean 'approve'?"),
        ("services: {a: {team: x}}", 1, 12, "names the team 'x'"),
        ("services: {a: {}, b: {depends_on: [aa]}}", 1, 19, "did you mean 'a'?"),
        ("services: {a: {match: x}}", 1, 23, "not a matcher"),
        ("policies: {a: {}}", 1, 15, "has no level"),
        ("policies: {a: {levels: [{}]}}", 1, 25, "names nobody"),
        ("policies: {a: {levels: [{targets: [alice]}]}}", 1, 25, "write user:ID"),
        ("policies: {a: {levels: [{targets: ['user:alice']}]}}", 1, 12, "names the person 'alice'"),
        ("policies: {a: {levels: [{targets: ['channel:x'], ack_timeout: 5}]}}", 1, 63, "is no duration"),
        ("actions: {a: {}}", 1, 14, "does not say its effect"),
        ("actions: {a: {effect: reed}}", 1, 23, "did you mean 'read'?"),
        ("actions: {a: {effect: read, params: {x: text}}}", 1, 41, "'text' is no type"),
        ("actions: {a: {effect: read, params: {x: {type: list, needed: true}}}}", 1, 54, "has no 'needed'"),
        ("actions: {a: {effect: read, params: {x: {required: maybe}}}}", 1, 52, "neither true nor false"),
        ("rules: {team: x}", 1, 8, "names the team 'x'"),
        ("rules: {escalation: x}", 1, 8, "names the policy 'x'"),
        ("rules: {severities: {p1: worst}}", 1, 26, "severities.p1: 'worst' is unknown"),
        ("rules: {reopen_window: 1w}", 1, 24, "is no duration"),
        ("mode: auto\nmode: auto", 2, 1, "given twice"),
    ],
)  # fmt: skip
def test_mistakes_are_pointed_at(text, line, column, words):
    found = problems(text)
    assert [(each.line, each.column) for each in found if words in str(each)] == [(line, column)], found


def test_a_thing_is_said_once():
    files = {"a.yaml": PEOPLE, "b.yaml": "people: {alice: {}}\nmode: auto", "c.yaml": "mode: shadow"}
    found = [str(each) for each in lint(files)]
    assert len(found) == 2
    assert "b.yaml:1:10: error: people alice is said already at a.yaml:5" in found[0]
    assert "c.yaml:1:7: error: mode is said already at b.yaml:2" in found[1]


def test_a_parameter_keeps_its_type_through_a_template():
    page = (
        "## Diagnosis\n```yaml step=look\naction: kubernetes.describe\n"
        "with: {namespace: a, pod: b, tail: '${{ incident.firing }}'}\n```\n"
    )
    assert lint({"actions.yaml": ACTIONS, "p.md": page}) == []
    mixed = page.replace("'${{ incident.firing }}'", "'${{ incident.firing }}0'")
    (found,) = lint({"actions.yaml": ACTIONS, "p.md": mixed})
    assert "with.tail is no integer" in found.message
