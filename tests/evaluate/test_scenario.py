"""The format of scenario files: what is written is read again, and what is wrong is named with its line."""

from __future__ import annotations

import json

import pytest

from app.evaluate.generator.make import make
from app.evaluate.scenario import ScenarioError, dump, read

HEAD = {
    "kind": "scenario",
    "name": "night",
    "class": "cascade",
    "start": "2026-03-02T08:00:00Z",
    "library": {"estate.yaml": "mode: auto"},
}
ALERT = {"labels": {"alertname": "Down"}, "startsAt": "2026-03-02T08:01:00Z", "fingerprint": "a1"}
INPUT = {"kind": "input", "at": 65.5, "topic": "alerts", "value": ALERT}
OUTAGE = {"kind": "outage", "id": "o", "root": "cart"}
TRUTH = {"kind": "alert", "fingerprint": "a1", "startsAt": "2026-03-02T08:01:00Z", "outage": "o"}


def lines(*given):
    return [each if isinstance(each, str) else json.dumps(each) for each in given]


def test_scenarios_follow_one_another():
    first, second = read(lines(HEAD, INPUT, OUTAGE, TRUTH, "", HEAD | {"name": "day"}), "x.jsonl")
    assert (first.head.name, first.head.class_, second.head.name, second.inputs) == (
        "night",
        "cascade",
        "day",
        (),
    )
    assert (first.outages["o"].root, first.outages["o"].change) == ("cart", None)
    assert [(each.fingerprint, outage) for each, outage in first.truth.items()] == [("a1", "o")]


@pytest.mark.parametrize("seed", range(9))
def test_what_is_written_is_read_again(seed):
    scenario = make(seed)
    assert read(dump(scenario), "x") == [scenario]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ((), "x.jsonl: it holds no scenario"),
        ((HEAD, "{"), "x.jsonl:2: column 2 is not JSON"),
        ((HEAD, {"kind": "thing"}), "x.jsonl:2: kind: input tag 'thing'"),
        ((INPUT,), "x.jsonl:1: no scenario begins here"),
        (
            (HEAD, {"kind": "input", "at": "soon", "topic": "alerts", "value": 1}),
            "x.jsonl:2: at: input should be",
        ),
        ((HEAD, INPUT | {"topic": "alarms"}), "x.jsonl:2: topic: 'alarms' is none of alerts,"),
        ((HEAD | {"version": 2},), "x.jsonl:1: version: 2 is not known"),
        ((HEAD, INPUT, INPUT | {"at": 3}), "x.jsonl:1: inputs of night are not in order"),
        ((HEAD, TRUTH), "x.jsonl:1: night has alerts of 'o', but no outage of that id"),
        ((HEAD, "", HEAD), "x.jsonl:3: name: 'night' is the scenario's at x.jsonl:1"),
        ((HEAD, OUTAGE, OUTAGE | {"root": "pay"}), "x.jsonl:3: id: 'o' is the outage's at x.jsonl:2"),
        (
            (HEAD, OUTAGE, TRUTH, TRUTH | {"outage": None}),
            "x.jsonl:4: this firing's truth is said at x.jsonl:3",
        ),
        (
            (HEAD, OUTAGE, TRUTH, TRUTH | {"fingerprint": "A1"}),
            "x.jsonl:4: this firing's truth is said at x.jsonl:3",
        ),
        ((HEAD, OUTAGE | {"chnage": "d1"}), "x.jsonl:2: chnage: there is no such field"),
        ((HEAD | {"klass": "x"},), "x.jsonl:1: klass: there is no such field"),
        ((HEAD, TRUTH | {"startsAt": "2026-03-02"}), "x.jsonl:2: startsAt: value error, a moment is written"),
    ],
)
def test_a_mistake_is_named_with_its_line(given, told):
    with pytest.raises(ScenarioError) as error:
        read(lines(*given), "x.jsonl")
    assert told in str(error.value)


def test_every_mistake_is_named_at_once():
    with pytest.raises(ScenarioError) as error:
        read(lines(HEAD, "{", INPUT | {"topic": "alarms"}), "x.jsonl")
    assert len(str(error.value).splitlines()) == 2
