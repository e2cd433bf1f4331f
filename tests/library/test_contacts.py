"""`contact` and `quiet_hours` of people: what is read, and what is wrong with it."""

from datetime import timedelta

import pytest

from app.library.compile import compile_library
from app.library.lint import lint
from app.model.catalog import Contact
from app.model.words import Urgency

WHOLE = """
people:
  alice:
    contact_ref: pager/alice
    contact:
      - {channel: push}
      - {channel: chat, ref: slack/alice, urgency: low}
      - {channel: call, after: 3m, urgency: high}
    quiet_hours: "22:00-07:00"
  bob: {contact_ref: pager/bob}
rules: {receipt_within: 45s}
"""


def test_ways_are_read_and_the_own_reference_stands_in():
    library = compile_library({"x.yaml": WHOLE})
    alice = library.people["alice"]
    assert alice.contact == (
        Contact("push", "pager/alice"),
        Contact("chat", "slack/alice", urgency=Urgency.LOW),
        Contact("call", "pager/alice", timedelta(minutes=3), Urgency.HIGH),
    )
    assert len(alice.quiet_hours) == 7
    assert library.people["bob"].contact == ()
    assert library.rules.receipt_within == timedelta(seconds=45)
    assert compile_library({}).rules.receipt_within == timedelta(seconds=30)


def test_an_address_for_a_reference_of_ones_own_is_advised_against():
    (found,) = [
        each for each in lint({"x.yaml": "people:\n  al: {contact_ref: al@example.com}\n"}) if each.line == 2
    ]
    assert (found.column, found.level) == (21, "advice")
    assert "looks like an address" in found.message


def person(text):
    return f"people: {{alice: {{{text}}}}}"


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("contact: []", 27, "has no way to be reached"),
        ("contact: [{ref: a}]", 28, "does not say its channel"),
        ("contact: [{channel: pusch, ref: a}]", 38, "did you mean 'push'?"),
        ("contact: [{channel: pigeon, ref: a}]", 38, "one of: push, sms, call, chat, mail"),
        ("contact: [{channel: push}]", 28, "nothing says where alice is reached by push"),
        ("contact: [{channel: call, ref: +49 30 1234567}]", 49, "looks like an address"),
        ("contact: [{channel: mail, ref: alice@example.com}]", 49, "looks like an address"),
        ("contact: [{channel: push, ref: a, urgency: high}]", 27, "nothing reaches alice at low urgency"),
        ("contact: [{channel: push, ref: a, urgency: loud}]", 61, "'loud'"),
        ("contact: [{channel: push, ref: a, afer: 3m}]", 52, "did you mean 'after'?"),
        ("contact: [{channel: push, ref: a, after: 3}]", 59, "3"),
        ("contact: [{channel: push, ref: AKIAQ3EGUTZZ7KLMNOPQ}]", 49, "an AWS access key"),
        ('quiet_hours: "at night"', 31, "quiet_hours: 'at night' is no time of a week"),
    ],
)
def test_mistakes(text, column, words):
    found = lint({"x.yaml": person(text)})
    assert column in [each.column for each in found if words in str(each)], [str(each) for each in found]
