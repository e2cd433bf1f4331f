"""The ways to a person, in words."""

import pytest

from app.core.escalation.ways import in_words, ways_of
from app.model.catalog import Contact, Person
from app.model.words import Urgency
from tests.core.estate import seconds

PUSH, CALL = Contact("push"), Contact("call", after=seconds(180), urgency=Urgency.HIGH)


@pytest.mark.parametrize(
    ("contact", "urgency", "words"),
    [
        ((), Urgency.HIGH, ""),
        ((PUSH,), Urgency.LOW, "push"),
        ((CALL, PUSH), Urgency.HIGH, "push, call after 3m"),
        ((CALL, PUSH), Urgency.LOW, "push"),
        ((CALL,), Urgency.LOW, "call"),
    ],
)
def test_ways_in_words(contact, urgency, words):
    assert in_words(Person("alice", contact=contact), urgency) == words


def test_a_channel_and_who_has_no_ways_are_left_to_the_pager():
    assert ways_of(None, Urgency.HIGH) == [Contact()]
    assert ways_of(Person("alice", contact_ref="a"), Urgency.HIGH) == [Contact(ref="a")]
