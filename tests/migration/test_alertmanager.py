"""A whole configuration: what comes over is a manifest that lint takes, and every other line is named with the reason."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.library.compile import compile_library
from app.library.problems import LibraryError
from app.migration.alertmanager import read_alertmanager
from app.migration.into import fit
from app.migration.pieces import manifest


def brought(text):
    found = read_alertmanager(text, "am.yml")
    return compile_library({"a.yaml": manifest(found.pieces, "am.yml")})


def stays(text):
    return [
        f"{note.line}: {note.words}"
        for note in read_alertmanager(text, "am.yml").notes
        if not note.is_brought
    ]


RULES = """
inhibit_rules:
  - source_matchers: [severity="critical"]
    target_matchers: ['severity=~"warning|info"']
    equal: [alertname, cluster]
  - name: old
    source_match: {alertname: NodeDown}
    source_match_re: {node: "db-.*"}
    target_match: {severity: warning}
    equal: [node]
"""


def test_inhibit_rules_come_over_with_their_meaning():
    first, second = brought(RULES).inhibit
    assert (first.name, first.equal) == ("alertmanager-1", ("alertname", "cluster"))
    assert (list(map(str, first.source)), list(map(str, first.target))) == (
        ['severity="critical"'],
        ['severity=~"warning|info"'],
    )
    assert (second.name, list(map(str, second.source))) == ("old", ['alertname="NodeDown"', 'node=~"db-.*"'])
    assert stays(RULES) == []


def test_the_root_s_grouping_comes_over():
    assert brought("route: {group_by: [team, 'cluster']}").rules.group_by == ("team", "cluster")


WINDOWS = """
route:
  routes:
    - matchers: [service="web"]
    - matchers: ['env="dev"']
      mute_time_intervals: [nights, weekends]
time_intervals:
  - name: nights
    time_intervals:
      - times: [{start_time: '22:00', end_time: '24:00'}, {start_time: '00:00', end_time: '06:30'}]
        weekdays: ['monday:friday']
        location: Europe/Berlin
mute_time_intervals:
  - name: weekends
    time_intervals: [{weekdays: [saturday, sunday]}]
"""


def test_mute_times_come_over_as_windows_of_the_same_time():
    late, early, weekend = brought(WINDOWS).maintenance
    assert [each.name for each in (late, early, weekend)] == ["nights-6-1", "nights-6-2", "weekends-6"]
    assert list(map(str, late.matchers)) == ['env="dev"', 'service!="web"']

    def quiet(text):
        at = datetime.fromisoformat(text).replace(tzinfo=UTC)
        return [each.name for each in (late, early, weekend) if each.schedule.active(at) is not None]

    assert quiet("2026-03-02T20:59") == []
    assert quiet("2026-03-02T21:00") == ["nights-6-1"]
    assert quiet("2026-03-02T23:00") == ["nights-6-2"]
    assert quiet("2026-07-03T04:29") == ["nights-6-2"]
    assert quiet("2026-07-03T04:30") == []
    assert quiet("2026-07-05T12:00") == ["weekends-6"]
    assert stays(WINDOWS) == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "inhibit_rules: [{target_matchers: [a=b]}]",
            ["1: inhibit rule 1 as alertmanager-1: source_matchers is empty"],
        ),
        (
            "inhibit_rules: [{source_matchers: [a], target_matchers: [a=b]}]",
            ["1: inhibit rule 1: 'a' is no matcher"],
        ),
        ("inhibit_rules: [{sauce: [a]}]", ["1: inhibit rule 1: it has 'sauce', which is not known here"]),
        ("route: {group_by: ['...']}", ["1: group_by ['...']: each alert would be an incident of its own"]),
        (
            "route:\n  group_by: [a]\n  routes:\n  - group_by: [a]\n  - group_by: [b]",
            ["5: group_by of a route below the root: one group_by holds for all"],
        ),
        (
            "route:\n  receiver: x\n  group_wait: 1m\n  repeat_interval: 1h\n  colour: red",
            [
                "2: receiver x: who is told is the service's team",
                "3: group_wait 1m: nothing waits here",
                "4: repeat_interval 1h: the escalation policy",
                "5: colour of a route: it is not known here",
            ],
        ),
        (
            "global:\n  resolve_timeout: 5m\n  smtp_from: a@example.com\nreceivers:\n- name: x\n- name: y\nmystery: 1",
            [
                "2: global resolve_timeout:",
                "3: global smtp_from: how people are reached",
                "5: receiver x: teams, policies and connectors",
                "6: receiver y: teams",
                "7: mystery: it is not known here",
            ],
        ),
        (
            "time_intervals:\n- name: n\n  time_intervals: [{}]\nroute:\n  routes:\n  - active_time_intervals: [n]",
            ["6: active_time_intervals n: a window says when it is quiet"],
        ),
        (
            "mute_time_intervals:\n- name: n\n  time_intervals: [{}]",
            ["2: time interval n: no route names it"],
        ),
        (
            "route:\n  routes:\n  - matchers: [a=b]\n    mute_time_intervals: [n]",
            ["4: mute time n of the route at line 3: no time interval has this name"],
        ),
        (
            """route:
  routes:
  - matchers: [a=b]
    mute_time_intervals: [n]
time_intervals: [{name: n, time_intervals: [{location: Local}]}]""",
            ["4: mute time n of the route at line 3: its location is Local"],
        ),
    ],
)
def test_what_stays_behind_is_named_with_line_and_reason(text, told):
    found = stays(text)
    assert len(found) == len(told)
    for said, expected in zip(found, told, strict=True):
        assert said.startswith(expected)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: [", "am.yml:1:5: error: YAML"),
        ("services: {}", "am.yml:1:1: error: it is no configuration of Alertmanager's"),
        ("", "it is no configuration of Alertmanager's"),
        ("inhibit_rules: [{equal: {a: b}}]", "equal: an entry is no text"),
    ],
)
def test_what_is_no_configuration_is_refused(text, told):
    with pytest.raises(LibraryError) as error:
        read_alertmanager(text, "am.yml")
    assert told in str(error.value)


def test_rules_that_the_folder_has_already_are_not_written_twice():
    found = read_alertmanager("route: {group_by: [a]}" + RULES, "am.yml")
    own = {"x.md": "rules: no manifest", "lib/b.yaml": "mode: auto\nrules: {team: x}\nteams: {x: {}}"}
    fitting = fit(found, own)
    assert [piece.section for piece in fitting.pieces] == ["inhibit", "inhibit"]
    assert "lib/b.yaml:2 has rules already: set it there" in fitting.notes[0].words
    compile_library({"a.yaml": manifest(fitting.pieces, "am.yml"), "b.yaml": own["lib/b.yaml"]})
    assert fit(found, {"b.yaml": "mode: auto"}) is found


def test_nothing_makes_no_manifest():
    assert manifest([], "am.yml") == ""
