import json

import pytest

from app.cli.lines import read_lines
from app.model.inputs import Alert, StepResult, SystemEvent

GOOD = '{"labels": {"alertname": "DiskFilling"}}'


def test_each_line_is_a_value_and_blank_ones_are_none():
    reading = read_lines(f"{GOOD}\n\n  \n{GOOD}\n", Alert)
    assert len(reading.values) == 2
    assert not reading.problems


@pytest.mark.parametrize(
    "text",
    [json.dumps([json.loads(GOOD)] * 2), json.dumps([json.loads(GOOD)] * 2, indent=2), f"{GOOD}\n[{GOOD}]"],
)
def test_lists_and_documents_over_several_lines_will_do(text):
    assert len(read_lines(text, Alert).values) == 2


def test_alertmanagers_names_are_read():
    (alert,) = read_lines('{"labels": {"a": "b"}, "startsAt": "2026-01-01T00:00:00Z"}', Alert).values
    assert alert.starts_at is not None


@pytest.mark.parametrize(
    ("line", "model", "problem"),
    [
        ("{", Alert, "line 2, column 2: not JSON"),
        ("{}", Alert, "line 2: labels: field required"),
        ('{"labels": {}}', Alert, "line 2: labels: empty"),
        ('{"labels": {"a": 1}}', Alert, "line 2: labels.a: "),
        ('{"labels": {"a": "b"}, "startsAt": "soon"}', Alert, "line 2: startsAt: "),
        ('{"type": []}', SystemEvent, "line 2: type: "),
        ('{"status": "done"}', StepResult, "line 2: status: "),
        ("7", Alert, "line 2: the value: "),
        (r'{"labels": {"a": "\ud800"}}', Alert, "line 2: half a surrogate"),
    ],
)
def test_a_mistake_names_line_field_and_what_is_wrong(line, model, problem):
    good = {Alert: GOOD, SystemEvent: '{"type": "deploy"}', StepResult: "{}"}[model]
    reading = read_lines(f"{good}\n{line}\n{good}", model)
    assert len(reading.values) == 2
    assert len(reading.problems) == 1
    assert reading.problems[0].startswith(problem)


def test_all_mistakes_are_found_at_once():
    assert len(read_lines("{\n{}\n[]x\n" + GOOD, Alert).problems) == 3


def test_a_field_nobody_reads_is_told_once():
    line = '{"labels": {"a": "b"}, "anotations": {}}'
    reading = read_lines(f"{line}\n{line}", Alert)
    assert reading.advice == ["line 1: anotations is no field of Alert; did you mean annotations?"]
    assert len(reading.values) == 2


def test_a_line_that_nests_too_deep_is_told_as_any_other():
    reading = read_lines(f"{GOOD}\n{'[' * 100_000}\n", Alert)
    assert reading.problems == ["line 2: it nests too deep to be read; write it flatter"]
