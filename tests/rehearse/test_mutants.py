"""Every thing that can be spoilt is spoilt; a case that looks notices, one that does not lets it live."""

import pytest

from app.model.expressions import ExpressionError
from app.rehearse.many import mutate
from app.rehearse.mutants import Negated, mutants_of, survivors
from app.rehearse.play import play
from tests.rehearse.estate import FILES, LIBRARY, case
from tests.rehearse.test_play import GOOD

RICH = LIBRARY.runbooks["rich"]
NOTICED_BY = {
    "scale: its `if` is negated": GOOD["approved in time"],
    "scale: its approval is dropped": GOOD["approved in time"],
    "scale: its approval has no timeout": GOOD["not approved in time, so the other way"],
    "scale: its rollback is dropped": GOOD["what was scaled is scaled back"],
    "scale: it is not carried out": GOOD["approved in time"],
    "scale: it has no timeout": """\
name: x
answers: {scale: silent}
then: [1m: alice approves scale]
expect: {outcome: failed (step_timed_out)}""",
    "pods: it is tried only once": GOOD["second attempt"],
    "pods: it is tried without end": GOOD["silence of a read"],
    "pods: it has no timeout": GOOD["silence of a read"],
    "closer: it is not carried out": GOOD["approved in time"],
    "restart: its `if` is negated": GOOD["approved in time"],
    "restart: its probe is dropped": GOOD["a probe that says yes"],
    "restart: what its probe says is negated": GOOD["a probe that says no"],
    "restart: its precondition is dropped": GOOD["a precondition that does not hold"],
    "restart: all items at once": GOOD["a probe that says no"],
    "restart: it is not carried out": GOOD["not approved in time, so the other way"],
    "restart: it has no timeout": GOOD["a probe that says no"],
    "tell: its `if` is negated": GOOD["approved in time"],
    "tell: it is not carried out": GOOD["approved in time"],
    "tell: it has no timeout": GOOD["a probe that says yes"],
    "call: on-failure is dropped": GOOD["approved in time"],
    "call: it has no timeout": "name: x\nanswers: {pods: failed, call: silent}\nexpect: {steps: {call: timed_out (timed_out)}}",
    "quiet: its wait has no timeout": """\
name: x
then: [1m: alice approves scale, 2m: bruno reports tell]
expect: {outcome: failed (verification_timeout)}""",
    "quiet: its wait has no `for`": GOOD["it fires again while it is watched"],
}
"""Mutant to a case that notices it."""


def named(mutant):
    return f"{mutant.step}: {mutant.words}"


def test_all_that_can_be_spoilt_is():
    assert {named(each) for each in mutants_of(RICH, LIBRARY)} == set(NOTICED_BY)


@pytest.mark.parametrize("name", NOTICED_BY)
def test_a_case_that_looks_notices(name):
    one = case(NOTICED_BY[name])
    mutant = next(each for each in mutants_of(RICH, LIBRARY) if named(each) == name)
    assert play(one, LIBRARY).is_good
    assert not play(one, mutant.library).is_good


def test_a_case_that_does_not_look_lets_all_live():
    idle = "name: x\nthen: [1s: alice takes over]\nexpect: {outcome: cancelled}"
    number, alive = survivors(RICH, LIBRARY, [case(idle)])
    assert number == len(alive) == len(NOTICED_BY)
    assert [each.line for each in alive] == sorted(each.line for each in alive)


def test_guards_of_what_a_step_may_reach_are_spoilt_too():
    drain = LIBRARY.runbooks["drain"]
    given = "given: {alert: {alertname: Drain, severity: error, service: cart}}\ncases:\n"
    held = case("name: x\nexpect: {commands: []}", "drain.test.yaml", given)
    words = "no limit of targets per command"
    assert words in {each.words for each in mutants_of(drain, LIBRARY)}
    _, alive = survivors(drain, LIBRARY, [held])
    assert words not in {each.words for each in alive}


def test_a_negated_expression_fails_where_it_failed_before_and_keeps_what_is_no_boolean():
    condition = next(step for step in RICH.steps if step.id == "scale").condition
    negated = Negated(condition)
    assert negated.source == "!(steps.closer.outputs.worst == 'load')"
    with pytest.raises(ExpressionError):
        negated.evaluate({"steps": {}})


def test_several_processes_find_what_one_does():
    suite = {
        "rich": [case(GOOD["approved in time"])],
        "look-closer": [case("name: x\nexpect: {outcome: succeeded}", "closer.test.yaml", "given: {by: alice, inputs: {depth: 1}}\nanswers: {dig: {worst: x}}\ncases:\n")],
    }  # fmt: skip
    assert list(mutate(FILES, suite, cores=2)) == list(mutate(FILES, suite, cores=1))
