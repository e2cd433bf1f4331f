import json

import pytest

from app.connectors.answers import MAX_ANSWER_BYTES, AnswerError, answer_in, our_answer, topic_for
from app.model.inputs import Response, StepResult
from app.model.words import AnswerStatus, ResponseKind
from tests.connectors.samples import chat, step


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"ok",
        b"[]",
        b'{"ok": true}',
        b'"status"',
        b"\xff\xfe",
        b'{"status": "\\ud800"}',
        b'{"status": "failed", "output": {"n": NaN}}',
        b'{"status": "' + b"x" * MAX_ANSWER_BYTES + b'"}',
    ],
)
def test_a_body_that_is_no_answer(body):
    assert answer_in(step(), body) is None


def test_an_answer_is_about_the_command_whatever_it_says_itself():
    said = {"status": "succeeded", "command_id": "another", "domain": "elsewhere", "output": {"restarts": 5}}
    answer = answer_in(step(), json.dumps(said).encode())
    assert isinstance(answer, StepResult)
    assert (answer.command_id, answer.object_id, answer.domain) == (
        step().id,
        "step-1",
        "production/checkout",
    )
    assert answer.status is AnswerStatus.SUCCEEDED
    assert answer.output == {"restarts": 5}


def test_an_answer_keeps_its_id_or_gets_one_that_repeats_bear_too():
    own = answer_in(step(), b'{"status": "running", "id": "mine"}')
    first, again, later = (
        answer_in(step(), b'{"status": "%s"}' % s) for s in (b"running", b"running", b"succeeded")
    )
    assert own.id == "mine"
    assert first.id == again.id != later.id


def test_a_pager_may_acknowledge_in_its_answer():
    answer = answer_in(
        chat(), b'{"status": "succeeded", "response": "acknowledge", "actor": {"id": "alice"}}'
    )
    assert isinstance(answer, Response)
    assert (answer.response, answer.incident_id, answer.actor.id) == (
        ResponseKind.ACKNOWLEDGE,
        "inc-1",
        "alice",
    )


@pytest.mark.parametrize(
    ("body", "field"),
    [(b'{"status": "done"}', "status"), (b'{"status": "failed", "retryable": "perhaps"}', "retryable")],
)
def test_an_answer_that_cannot_be_read_names_the_field(body, field):
    with pytest.raises(AnswerError, match=f"^{field}: "):
        answer_in(step(), body)


@pytest.mark.parametrize(("command", "topic"), [(step(), "step-results"), (chat(), "responses")])
def test_where_answers_go(command, topic):
    answer = our_answer(command, AnswerStatus.EXPIRED, "past not_after")
    assert topic_for(command) == topic
    assert answer == our_answer(command, AnswerStatus.EXPIRED, "past not_after")
    assert answer.actor.provider == "bridge"
