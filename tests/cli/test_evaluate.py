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


def lines(path, *given):
    path.write_text("".join(f"{json.dumps(each)}\n" for each in given))
    return path


HEAD = {
    "kind": "scenario",
    "name": "night",
    "start": "2026-03-02T08:00:00Z",
    "library": {"estate.yaml": "services: {cart: {system: shop}, pay: {system: bank}}"},
}
OUTAGE = {"kind": "outage", "id": "o", "root": "cart"}


def firing(service, mark):
    """An alert of a service with a fingerprint, as it reaches an input, and its truth."""
    labels = {"alertname": "Down", "service": service, "severity": "critical", "pod": mark}
    said = {"labels": labels, "startsAt": "2026-03-02T08:00:01Z", "fingerprint": mark}
    return (
        {"kind": "input", "at": 5, "topic": "alerts", "value": said},
        {"kind": "alert", "fingerprint": mark, "startsAt": said["startsAt"], "outage": "o"},
    )


@pytest.mark.parametrize("marks", [("a1", "b2"), ("A1", "B2")], ids=["small letters", "capitals"])
def test_the_case_of_a_fingerprint_makes_no_difference(oncall, tmp_path, marks):
    inputs, truths = zip(*(firing("cart", mark) for mark in marks), strict=True)
    file = lines(tmp_path / "s.jsonl", HEAD, *inputs, OUTAGE, *truths)
    result = oncall("evaluate", "correlation", str(file), "--jobs", "1", "--json")
    ours = json.loads(result.stdout)["classes"]["all"]["ours"]
    assert (ours["recall"], ours["noise_incidents_per_scenario"]) == (1.0, 0.0)
    assert "not everything counts" not in result.stderr


def test_a_root_that_the_catalog_does_not_have_is_named_with_its_line(oncall, tmp_path):
    file = lines(tmp_path / "s.jsonl", HEAD, OUTAGE | {"root": "crat"})
    result = oncall("evaluate", "correlation", str(file), "--jobs", "1")
    assert result.exit_code == 2
    assert f"{file}:2: root: 'crat' is no service of the catalog; did you mean 'cart'?" in result.stderr


def test_what_counts_nowhere_is_counted(oncall, tmp_path):
    told, true = firing("cart", "a1")
    refused = {"kind": "input", "at": 9, "topic": "alerts", "value": {"labels": {"alertname": 7}}}
    late = true | {"startsAt": "2026-03-02T08:00:02Z"}
    file = lines(tmp_path / "s.jsonl", HEAD, told, refused, refused, OUTAGE | {"change": "d1"}, true, late)
    result = oncall("evaluate", "correlation", str(file), "--jobs", "1")
    assert result.exit_code == 0, result.stderr
    words = "2 inputs refused, 1 truth line without a firing, 1 outage whose change no input brings"
    assert words in result.stderr
