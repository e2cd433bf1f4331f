"""Whose mute times may become maintenance: an alert is quiet here only if no route of Alertmanager's would tell of it."""

from __future__ import annotations

import json
from itertools import product
from random import Random

import pytest

from app.library.located import read_yaml
from app.library.problems import Findings
from app.migration.routes import alone, read_route
from app.migration.words import CannotError

VALUES = {"a": ("", "1", "2"), "b": ("", "1", "2"), "c": ("", "1")}
LABEL_SETS = [dict(zip(VALUES, each, strict=True)) for each in product(*VALUES.values())]


def takers(route, labels):
    """Give the routes that tell of an alert, as Alertmanager's documentation has it."""
    if not all(each.matches(labels) for each in route.matchers):
        return []
    found = []
    for child in route.children:
        taken = takers(child, labels)
        found += taken
        if taken and not child.goes_on:
            break
    return found or [route]


def paths(route, before=()):
    yield [*before, route]
    for child in route.children:
        yield from paths(child, (*before, route))


def tree(plain):
    return read_route(read_yaml(json.dumps(plain), Findings("a.yml")), Findings("a.yml"))


def drawn(random, depth=0):
    plain = {"continue": random.random() < 0.3}
    if depth:
        names = random.sample(list(VALUES), random.choice((1, 1, 2)))
        ops = random.choices(("=", "!=", "=~"), k=2)
        plain["matchers"] = [
            f'{name}{op}"{random.choice(VALUES[name][1:])}"' for name, op in zip(names, ops, strict=False)
        ]
    if depth < 2:
        plain["routes"] = [drawn(random, depth + 1) for _ in range(random.randint(0, 3))]
    return plain


def test_just_what_ends_at_a_route_and_nowhere_else_is_quiet():
    times = sum(times_quiet(tree(drawn(Random(seed))), seed) for seed in range(100))
    assert times > 1000


def times_quiet(root, seed):
    times = 0
    for path in paths(root):
        try:
            found = alone(path)
        except CannotError:
            found = []
        for labels in LABEL_SETS:
            quiet = any(all(each.matches(labels) for each in group) for group in found)
            if quiet:
                times += 1
                assert takers(root, labels) == [path[-1]], (seed, labels)
    return times


@pytest.mark.parametrize(
    ("plain", "found"),
    [
        ({"routes": [{"matchers": ['a="1"']}]}, [['a="1"']]),
        ({"routes": [{"matchers": ['b="1"']}, {"matchers": ['a="1"']}]}, [['a="1"', 'b!="1"']]),
        # what goes on is told of twice, so it is not quiet either
        (
            {"routes": [{"matchers": ['b="1"'], "continue": True}, {"matchers": ['a="1"']}]},
            [['a="1"', 'b!="1"']],
        ),
        ({"routes": [{"matchers": ['a="2"']}, {"matchers": ['a="1"']}]}, [['a="1"']]),
        (
            {"routes": [{"matchers": ['b="1"', 'c="1"']}, {"matchers": ['a="1"']}]},
            [['a="1"', 'b!="1"'], ['a="1"', 'c!="1"']],
        ),
        ({"routes": [{"matchers": ['a="1"'], "routes": [{"matchers": ['b="2"']}]}]}, [['a="1"', 'b="2"']]),
    ],
)
def test_the_last_route_of_a_tree_in_matchers(plain, found):
    path = list(paths(tree(plain)))[-1]
    assert [[str(each) for each in group] for group in alone(path)] == found


@pytest.mark.parametrize(
    ("plain", "why"),
    [
        (
            {"routes": [{}, {"matchers": ['a="1"']}]},
            "other routes tell of all its alerts as well, or take them",
        ),
        ({"routes": [{"matchers": ['a="1"'], "continue": True}, {}]}, ""),
        ({"routes": [{"matchers": ["a"]}, {"matchers": ['a="1"']}]}, "the route at line 1 is not understood"),
        (
            {
                "routes": [{"matchers": [f'{n}{m}="1"' for m in "xyz"]} for n in "ab"]
                + [{"matchers": ['c="1"']}]
            },
            "in too many ways",
        ),
    ],
)
def test_what_cannot_be_told_apart_is_refused(plain, why):
    path = list(paths(tree(plain)))[-1]
    if not why:
        assert alone(path) == [(tree({"matchers": ['a!="1"']}).matchers[0],)]
        return
    with pytest.raises(CannotError) as error:
        alone(path)
    assert why in str(error.value)
