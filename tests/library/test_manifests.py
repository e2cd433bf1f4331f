"""The YAML beside the pages: what is read, what must exist, and where it is wrong."""

from datetime import UTC, datetime, timedelta

import pytest

from app.library.compile import compile_library
from app.library.lint import lint
from app.model.catalog import Blast, Freeze, Guards, Limit, Parameter
from app.model.correlation import WEIGHTS, CorrelationRules
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
        ("teams: {a: {timezone: Europe/Berlim}}", 1, 23, "did you mean 'Europe/Berlin'?"),
        ("people: {a: {timezone: CEST}}", 1, 24, "write it as Europe/Berlin"),
        ("people: {a: {timezone: Europe/Berln}}", 1, 24, "did you mean 'Europe/Berlin'?"),
        ("people: {a: {timezone: Q/X}}", 1, 24, "'Q/X' is unknown; write it as Europe/Berlin"),
        ("teams: {a: {escalation: x}}", 1, 9, "names the policy 'x', which is nowhere said"),
        ("teams: {a: {mode: aprove}}", 1, 19, "did you mean 'approve'?"),
        ("services: {a: {team: x}}", 1, 12, "names the team 'x'"),
        ("services: {a: {}, b: {depends_on: [aa]}}", 1, 19, "did you mean 'a'?"),
        ("services: {a: {match: x}}", 1, 23, "not a matcher"),
        ("policies: {a: {}}", 1, 15, "has no level"),
        ("policies: {a: {levels: [{}]}}", 1, 25, "names nobody"),
        ("policies: {a: {levels: [{targets: [alice]}]}}", 1, 36, "write user:ID"),
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


GUARDS = """
actions:
  k.undo: {effect: change}
  k.cordon: {effect: idempotent, targets: nodes, params: {nodes: list}}
  k.look: {effect: read}
teams: {shop: {members: [alice]}}
people: {alice: {identities: ["slack:U1", "github:alice"]}}
services: {cart: {}}
rules: {trusted: [slack, console]}
guards:
  executions: {service: 1, team: 3, overall: 10}
  commands: {k.undo: {service: 1, overall: 2}, "*": {overall: 20}}
  blast_radius: {k.cordon: {per_command: 2, per_hour: 6}}
  breaker: {failures: 3, window: 2h}
  freeze:
    - {from: 2026-12-24T00:00:00Z, until: "2026-12-27T01:00:00+01:00", reason: Christmas, services: [cart], teams: [shop]}
  quiet_after_deploy: {for: 3m, except: [k.undo]}
  runs_to_auto: 5
"""


def test_guards_people_and_what_is_trusted():
    library = compile_library({"x.yaml": GUARDS})
    assert library.guards == Guards(
        executions=Limit(1, 3, 10),
        commands={"k.undo": Limit(service=1, overall=2), "*": Limit(overall=20)},
        blast={"k.cordon": Blast(2, 6)},
        breaker_failures=3,
        breaker_window=timedelta(hours=2),
        freezes=(
            Freeze(
                datetime(2026, 12, 24, tzinfo=UTC),
                datetime(2026, 12, 27, tzinfo=UTC),
                "Christmas",
                ("cart",),
                ("shop",),
            ),
        ),
        quiet_after_deploy=timedelta(minutes=3),
        quiet_except=("k.undo",),
        runs_to_auto=5,
    )
    assert library.rules.trusted == ("slack", "console")
    assert library.teams["shop"].members == ("alice",)
    assert library.people["alice"].identities == ("slack:U1", "github:alice")
    assert library.actions["k.cordon"].targets == "nodes"
    assert compile_library({}).guards == Guards()


CORRELATION = """
correlation:
  join_at: 1.2
  weights: {near_in_time: 0}
  half_life: 5m
  merge_crowd: 4
  rules:
    - {name: one-rack, first: ['alertname="Down"'], then: ['alertname=~".*Slow"'], equal: [rack], within: 10m, join: always}
    - {equal: tenant, join: never}
"""


def test_how_alerts_are_correlated():
    read = compile_library({"x.yaml": CORRELATION}).correlation
    assert (read.join_at, read.half_life, read.merge_crowd) == (1.2, timedelta(minutes=5), 4)
    assert read.weights == {**WEIGHTS, "near_in_time": 0}
    first, second = read.rules
    assert (first.name, first.equal, first.within, first.join) == (
        "one-rack",
        ("rack",),
        timedelta(minutes=10),
        "always",
    )
    assert [str(each.alternatives[0][0]) for each in (first.first, first.then)] == [
        'alertname="Down"',
        'alertname=~".*Slow"',
    ]
    assert (second.name, second.equal, second.within, second.join) == ("rule-2", ("tenant",), None, "never")
    assert compile_library({}).correlation == CorrelationRules()


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("guards: {exections: {}}", 10, "did you mean 'executions'?"),
        ("guards: {executions: {services: 1}}", 23, "did you mean 'service'?"),
        ("guards: {executions: {service: -1}}", 32, "no whole number"),
        ("guards: {commands: {k.undoo: {}}}", 21, "did you mean 'k.undo'?"),
        ("guards: {commands: {k.look: {overall: 1}}}", 21, "reads are never held back"),
        ("guards: {blast_radius: {'*': {per_hour: 1}}}", 25, "action '*' is not in the catalogue"),
        ("guards: {blast_radius: {k.undo: {per_command: 3, per_hour: 2}}}", 47, "more than per_hour"),
        ("guards: {breaker: {failures: 3, window: 0s}}", 19, "window is zero"),
        ("guards: {freeze: [{from: 2026-12-24, until: 2026-12-25T00:00:00Z}]}", 26, "write it with its zone"),
        ("guards: {freeze: [{from: 2026-12-26T00:00:00Z, until: 2026-12-25T00:00:00Z}]}", 55, "ends before it begins"),
        ("guards: {freeze: [{from: 2026-12-26T00:00:00Z}]}", 19, "needs until:"),
        ("guards: {freeze: [{from: 2026-12-24T00:00:00Z, until: 2026-12-25T00:00:00Z, teams: [shopp]}]}", 85, "did you mean 'shop'?"),
        ("guards: {quiet_after_deploy: {for: 31m}}", 36, "longer than 30 minutes"),
        ("guards: {quiet_after_deploy: {for: 3m, except: [k.undos]}}", 49, "did you mean 'k.undo'?"),
        ("guards: {runs_to_auto: often}", 24, "no whole number"),
        ("teams: {b: {members: [alise]}}", 9, "did you mean 'alice'?"),
        ("people: {b: {identities: [U2]}}", 27, "write provider:id"),
        ("people: {b: {identities: ['slack:U1']}}", 10, "which is that of alice"),
        ("actions: {b: {effect: change, targets: nodes, params: {nodes: string}}}", 40, "name a parameter of type list"),
        ("mode: approve", 7, "nothing vouches for who they are"),
        ("correlation: {join: 1}", 15, "did you mean 'join_at'?"),
        ("correlation: {join_at: -1}", 24, "no number from 0 to 10"),
        ("correlation: {half_life: 0s}", 26, "half_life is zero"),
        ("correlation: {merge_crowd: 2.5}", 28, "no whole number"),
        ("correlation: {weights: {same_servce: 1}}", 25, "did you mean 'same_service'?"),
        ("correlation: {distance: 9}", 25, "no whole number from 0 to 5"),
        ("correlation: {rules: [{then: a=b}]}", 23, "does not say join:"),
        ("correlation: {rules: [{join: sometimes, then: a=b}]}", 30, "always"),
        ("correlation: {rules: [{join: never}]}", 23, "holds for any two alerts"),
        ("correlation: {rules: [{name: a, equal: b, join: never}, {name: a, equal: c, join: never}]}", 64, "another rule"),
        ("teams: {sh\u043ep: {}}", 9, "mixes Latin letters with U+043E"),
        ('services: {"ca\\u200brt": {}}', 12, "U+200B"),
        ("# \u202e\nmode: auto", 3, "changes the order"),
        ("people: {b: {contact_ref: AKIAQ3EGUTZZ7KLMNOPQ}}", 27, "an AWS access key"),
    ],
)  # fmt: skip
def test_mistakes_of_guards_and_people(text, column, words):
    others = GUARDS[: GUARDS.index("rules:")]
    found = problems(text, **{"a.yaml": others})
    assert [each.column for each in found if words in str(each)] == [column], found
