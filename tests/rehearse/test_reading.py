"""A test with mistakes is told all of them, each at its place and with its mend."""

import pytest

from app.library.problems import Findings
from app.rehearse.reading import read_shared_answers
from tests.rehearse.estate import GIVEN, LIBRARY, case, read

CASE = "given: {alert: {alertname: Rich}}\ncases:\n  - name: x\n    expect: {outcome: failed}\n"
MISTAKES = {
    "no page": ("cases: []", "nowhere.test.yaml", ["1:1: error: there is no page nowhere.md"]),
    "empty": ("", "rich.test.yaml", ["1:1: error: the test is empty; give it cases:"]),
    "no case": ("given: {alert: {alertname: X}}", "rich.test.yaml", ["1:1: error: the test has no case"]),
    "no YAML": ("cases: [", "rich.test.yaml", ["YAML"]),
    "a list": ("- a", "rich.test.yaml", ["a test is no map"]),
    "unknown field": (CASE + "    wants: 1\n", "rich.test.yaml", ["5:5: error: a case has no 'wants'"]),
    "given twice": (CASE + "    name: y\n", "rich.test.yaml", ["5:5: error: 'name' is given twice"]),
    "same name": (CASE + CASE.split("cases:\n")[1], "rich.test.yaml", ["5:1: error: a case 'x' is there already"]),
    "no name": (CASE.replace("name: x\n    ", ""), "rich.test.yaml", ["3:5: error: a case has no name"]),
    "nothing expected": (CASE.replace("    expect: {outcome: failed}\n", ""), "rich.test.yaml", ["3:5: error: the case expects nothing"]),
    "no alert": (CASE.replace("{alert: {alertname: Rich}}", "{}"), "rich.test.yaml", ["nothing says which alert there is"]),
    "unknown step": (CASE + "    answers: {pod: failed}\n", "rich.test.yaml", ["5:15: error: 'pod' is no step of rich.md; did you mean 'pods'?"]),
    "step of a page that is not used": (CASE + "    answers: {pods/dig: failed}\n", "rich.test.yaml", ["'pods/dig' is no step"]),
    "unknown answer": (CASE + "    answers: {pods: fails}\n", "rich.test.yaml", ["5:21: error: 'fails' is no answer; did you mean 'failed'?"]),
    "two answers": (CASE + "    answers: {pods: {failed: a, refused: b}}\n", "rich.test.yaml", ["an answer is failed or refused, not both"]),
    "no answers": (CASE + "    answers: {pods: []}\n", "rich.test.yaml", ["no answer is given; write silent for none"]),
    "output of a failure in the wrong place": (CASE + "    answers: {pods: {failed: {a: 1}}}\n", "rich.test.yaml", ["failed takes words"]),
    "unknown status": (CASE.replace("failed", "broken"), "rich.test.yaml", ["4:23: error: 'broken' is no outcome"]),
    "unknown verb": (CASE + "    then: [1m: alice agrees scale]\n", "rich.test.yaml", ["5:16: error: 'alice agrees scale' is nothing that can happen"]),
    "no step": (CASE + "    then: [1m: alice approves]\n", "rich.test.yaml", ["approves names a step"]),
    "no moment": (CASE + "    then: [soon: resolved]\n", "rich.test.yaml", ["5:12: error: this says not when; write 2m: resolved"]),
    "not even an entry": (CASE + "    then: [{a: 1, b: 2}]\n", "rich.test.yaml", ["this says not when"]),
    "no change": (CASE + "    given: {changes: [{ago: 3m}]}\n", "rich.test.yaml", ["this is no change"]),
    "no command": (CASE.replace("outcome: failed", "commands: [{pods: {}, closer: {}}]"), "rich.test.yaml", ["this is no command"]),
    "command of no step": (CASE.replace("outcome: failed", "commands: [pots x2]"), "rich.test.yaml", ["'pots' is no step"]),
    "unknown standing": (CASE + "    given: {standing: broken}\n", "rich.test.yaml", ["standing: 'broken' is unknown"]),
    "unknown mode": (CASE + "    given: {mode: atuo}\n", "rich.test.yaml", ["did you mean 'auto'?"]),
    "inputs by nobody": (CASE + "    given: {inputs: {a: 1}}\n", "rich.test.yaml", ["inputs are given by a person; say by: PERSON"]),
    "no duration": (CASE.replace("outcome: failed", "within: soon"), "rich.test.yaml", ["within: 'soon' is no duration"]),
}  # fmt: skip


@pytest.mark.parametrize(("text", "path", "told"), MISTAKES.values(), ids=MISTAKES)
def test_mistakes_are_told_at_their_place(text, path, told):
    _, problems = read(text, path)
    for words in told:
        assert any(words in problem for problem in problems), problems
    assert all(problem.startswith(f"{path}:") for problem in problems)


def test_all_mistakes_are_told_at_once():
    _, problems = read(
        CASE.replace("failed", "broken") + "    answers: {pod: failed, pods: fails}\n    wants: 1\n"
    )
    assert len(problems) == 4


def test_a_case_goes_over_what_the_file_gives():
    one = case(
        "name: x\ngiven: {alert: {severity: null, pod: cart-9}}\nanswers: {pods: silent}\nexpect: {outcome: failed}"
    )
    assert one.given.labels == {"alertname": "Rich", "service": "cart", "pod": "cart-9"}
    assert one.answers["pods"][0].status is None
    assert one.answers["closer/dig"][0].output == {"worst": "load"}


@pytest.mark.parametrize(
    ("text", "output", "reason"),
    [
        ("{failed: 2, asked: 3}", {"failed": 2, "asked": 3}, ""),
        ("{output: {failed: 2}}", {"failed": 2}, ""),
        ("{succeeded: {failed: 2}}", {"failed": 2}, ""),
        ("{failed: no such pod}", {}, "no such pod"),
        ("{failed: no such pod, output: {code: 4}}", {"code": 4}, "no such pod"),
        ("{}", {}, ""),
    ],
)
def test_an_output_is_told_from_a_status(text, output, reason):
    (answer,) = case(f"name: x\nanswers: {{pods: {text}}}\nexpect: {{outcome: failed}}").answers["pods"]
    assert (answer.output, answer.reason) == (output, reason)


def test_what_happens_goes_by_its_time_whatever_the_order():
    one = case("name: x\nthen: [2m: resolved, 1m: fires]\nexpect: {outcome: failed}")
    assert [each.words for each in one.then] == ["1m: fires", "2m: resolved"]


def test_shared_answers_are_those_of_the_file():
    shared = read_shared_answers("rich.test.yaml", GIVEN, LIBRARY)
    assert sorted(shared) == ["closer/dig", "pods"]
    assert read_shared_answers("nowhere.test.yaml", GIVEN, LIBRARY) == {}


def test_yaml_that_explodes_is_refused():
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
        for before, name in zip("abcdefg", "bcdefgh", strict=True)
    )
    findings = Findings("rich.test.yaml")
    _, problems = read(bomb)
    assert findings.problems == []
    assert any("too large" in problem for problem in problems)
