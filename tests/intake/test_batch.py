"""Batches: one message a domain, in order, split where it grows too large; and whatever comes, nothing is raised or lost."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.model.topics import INPUTS
from app.model.words import Mode
from app.settings import OutputFormat
from app.wire.codec import Codec
from tests.intake.helpers import LIBRARY, message, signals, take

LIMIT = 512 * 1024


def alert(n, **labels):
    return {"labels": {"alertname": "A", "n": str(n), **labels}, "startsAt": "2026-11-24T02:00:00Z"}


def test_signals_of_a_domain_share_a_message_in_order():
    given_ = [
        alert(0, namespace="a"),
        alert(1, service="cart"),
        alert(2, namespace="a"),
        alert(3, app="payments"),
    ]
    result = take(*(message(value, offset=at) for at, value in enumerate(given_)), mode=Mode.SHADOW)
    assert [
        (batch.domain, [each.body.alert.labels["n"] for each in batch.signals]) for batch in result.batches
    ] == [
        ("production/-/namespace=a,alertname=A", ["0", "2"]),
        ("production/checkout", ["1", "3"]),
    ]
    assert {(batch.library, batch.mode) for batch in result.batches} == {(LIBRARY.hash, Mode.SHADOW)}


@pytest.mark.parametrize("fmt", list(OutputFormat))
def test_a_large_batch_is_split_in_order(fmt):
    pad = {f"pad{n}": "x" * 1_000 for n in range(4)}
    result = take(*(message([alert(at * 10 + n, **pad) for n in range(10)], offset=at) for at in range(40)))
    assert len(result.batches) > 1
    assert all(len(Codec(fmt).encode(batch)) < LIMIT for batch in result.batches)
    assert [int(each.body.alert.labels["n"]) for each in signals(result)] == list(range(400))


def test_identities_do_not_depend_on_batches():
    messages = [message([alert(at), alert(-at)], offset=at) for at in range(1, 6)]
    together = [signal.identity for signal in signals(take(*messages))]
    apart = [signal.identity for each in messages for signal in signals(take(each))]
    assert together == apart


def test_bad_and_good_messages_do_not_touch_one_another():
    result = take(message(None, offset=1), message(alert(1), offset=2), message(b"\xc3\x01", offset=3))
    assert [letter.offset for letter in result.dead_letters] == [1, 3]
    assert [signal.source.offset for signal in signals(result)] == [2]


LEAF = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
NAMES = [
    "labels",
    "annotations",
    "status",
    "startsAt",
    "endsAt",
    "alerts",
    "text",
    "data",
    "domain",
    "output",
    "actor",
]
PLAIN = st.recursive(
    LEAF,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*NAMES, "", "type"]), inner, max_size=5)
    ),
    max_leaves=12,
)


@settings(deadline=None, max_examples=300)
@given(
    value=st.binary(max_size=40) | PLAIN.map(lambda plain: json.dumps(plain).encode()),
    start=st.sampled_from([b"", b"{", b"[", b"\xef\xbb\xbf", b"\xc3\x01"]),
    topic=st.sampled_from(INPUTS),
)
def test_whatever_comes_becomes_signals_or_letters(value, start, topic):
    result = take(message(start + value, topic=topic))
    for batch in result.batches:
        for fmt in OutputFormat:
            Codec(fmt).encode(batch)
    for letter in result.dead_letters:
        assert letter.detail
        for fmt in OutputFormat:
            Codec(fmt).encode(letter)
