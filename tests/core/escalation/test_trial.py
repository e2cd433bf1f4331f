"""`page_test`: a person is paged in all their ways for a test, and what became of each is known."""

from dataclasses import replace

import pytest

from app.model.catalog import Contact
from app.model.commands import EscalationCommand
from app.model.inputs import Response, ResponseSignal
from app.model.notices import CONTROL
from app.model.outputs import DeadLetter
from app.model.signals import Signal
from app.model.standings import Standing
from app.model.words import AnswerStatus, Delivery, Mode, ResponseKind, Urgency
from tests.core.estate import library
from tests.core.story import Story, vouched


def story():
    known = library()
    contact = (
        Contact("push", "push/alice"),
        Contact("chat", "c", urgency=Urgency.LOW),
        Contact("call", "call/alice"),
    )
    alice = replace(known.people["alice"], contact=contact)
    return Story(replace(known, people={**known.people, "alice": alice}))


def commands(outputs, op="notify"):
    return [each for each in outputs if isinstance(each, EscalationCommand) and each.op == op]


def said(outputs):
    (standing,) = [each for each in outputs if isinstance(each, Standing)]
    return standing


def answers(it, page, **fields):
    given = {"id": f"a{len(it.world.log)}", "domain": CONTROL, "object_id": page.object_id, **fields}
    response = Response.model_validate(given)
    return it.apply(Signal(identity=response.id, body=ResponseSignal(response=response)), domain=CONTROL)


def test_a_test_page_goes_out_in_every_way_and_what_comes_of_it_is_told():
    it = story()
    made = it.operator("page_test", target="slack:alice")
    push, call = commands(made)
    assert [(each.channel, each.is_test, each.reason) for each in (push, call)] == [
        ("push", True, "test_page"),
        ("call", True, "test_page"),
    ]
    assert push.incident_id == ""
    assert "asked for by carol. Nothing is wrong." in push.text
    assert (said(made).id, said(made).reason) == ("test_page:alice", "test_page_sent")
    told = said(answers(it, call, status=AnswerStatus.FAILED, reason="no such number"))
    assert [(each.delivery, each.reason) for each in told.tried] == [
        (Delivery.NONE, ""),
        (Delivery.FAILED, "no such number"),
    ]
    done = answers(it, push, response=ResponseKind.ACKNOWLEDGE, actor=vouched("alice"))
    assert (said(done).reason, said(done).by) == ("test_page_acknowledged", "alice")
    assert [each.object_id for each in commands(done, "stop")] == [push.object_id, call.object_id]
    assert not answers(it, push, response=ResponseKind.ACKNOWLEDGE), "said twice"
    assert not answers(it, call, status=AnswerStatus.ACCEPTED), "it is over"


def test_a_second_test_page_ends_the_first_and_its_standing_is_newer():
    it = story()
    first, second = it.operator("page_test", target="alice"), it.operator("page_test", target="alice")
    assert [each.object_id for each in commands(second, "stop")] == [
        each.object_id for each in commands(first)
    ]
    assert said(second).version > said(first).version
    assert len({each.id for each in commands([*first, *second])}) == 4


@pytest.mark.parametrize(
    ("target", "mode", "words"),
    [
        ("nobody", None, "there is no person 'nobody'"),
        ("team:shop", None, "goes to one person"),
        ("alice", Mode.SHADOW, "nobody is rung"),
    ],
)
def test_what_cannot_be_tested_is_refused_with_why(target, mode, words):
    it = story()
    it.mode = mode
    (letter,) = it.operator("page_test", target=target)
    assert isinstance(letter, DeadLetter)
    assert words in letter.detail


def test_what_is_said_of_an_unknown_page_is_refused():
    it = story()
    (page,) = commands(it.operator("page_test", target="bob"))
    (letter,) = answers(it, page, object_id="another", status=AnswerStatus.ACCEPTED)
    assert letter.reason == "not_supported"
