"""`oncall evaluate correlation`: a report for people and one for scripts, from seeds and from files."""

from __future__ import annotations

import json

import pytest


def test_seeds_are_measured_and_again_from_their_files(oncall, tmp_path):
    made = oncall("evaluate", "correlation", "--seeds", "9", "--jobs", "1", "--json")
    assert made.exit_code == 0, made.output
    facts = json.loads(made.stdout)
    assert facts["scenarios"] == 9
    assert facts["ways"][0] == "ours"
    ours = facts["classes"]["all"]["ours"]
    assert 0 < ours["f1"] <= 1
    assert {*facts["classes"]} > {"cascade", "quiet", "all"}
    written = oncall("evaluate", "correlation", "--seeds", "9", "--write", str(tmp_path / "s"))
    assert written.exit_code == 0, written.output
    files = sorted(str(each) for each in (tmp_path / "s").iterdir())
    assert len(files) == 9
    again = json.loads(oncall("evaluate", "correlation", *files, "--jobs", "2", "--json").stdout)
    assert again["classes"]["all"] == facts["classes"]["all"]


def test_the_table_has_a_row_for_each_class_and_way(oncall):
    shown = oncall("evaluate", "correlation", "--class", "cascade", "--seeds", "2", "--jobs", "1").stdout
    assert shown.count("ours") == 2
    assert "labels: " in shown
    assert "time: " in shown
    assert "2 scenarios." in shown


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--class", "cascades"], "there is no class 'cascades'; one of: cascade,"),
        (["night.jsonl", "--class", "flap"], "files are measured as they are"),
        (["night.jsonl"], "night.jsonl:2: topic: 'alarms' is none of"),
        (["none.jsonl"], "none.jsonl"),
        (["broken.jsonl"], "night: its library has mistakes"),
    ],
)
def test_mistakes_are_told_in_words(oncall, tmp_path, monkeypatch, arguments, told):
    monkeypatch.chdir(tmp_path)
    head = {"kind": "scenario", "name": "night", "start": "2026-03-02T08:00:00Z", "library": {}}
    wrong = {"kind": "input", "at": 1, "topic": "alarms", "value": {}}
    (tmp_path / "night.jsonl").write_text(f"{json.dumps(head)}\n{json.dumps(wrong)}\n")
    broken = json.dumps(head | {"library": {"a.yaml": "servces: {}"}})
    (tmp_path / "broken.jsonl").write_text(broken + "\n")
    result = oncall("evaluate", "correlation", *arguments, "--jobs", "1")
    assert result.exit_code == 2
    assert told in result.stderr
    assert "Traceback" not in result.stderr
