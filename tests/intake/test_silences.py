"""Silences at intake: alerts are told which match them, and wishes that cannot be read are refused with their field."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.intake.batch import intake_batch
from app.model.library import Library
from app.model.silences import MOST, Silence, matching
from app.model.topics import ALERTS, RESPONSES
from tests.intake.helpers import NOW as AT
from tests.intake.helpers import message

LIBRARY = Library(hash="l")


def silence(id_: str = "s1", *matchers: str, hours: float = 1) -> Silence:
    return Silence(
        id=id_, matchers=list(matchers) or ["a=1"], starts_at=AT, ends_at=AT + timedelta(hours=hours), updated_at=AT
    )  # fmt: skip


def taken(topic: str, document, *silences: Silence):
    return intake_batch([message(document, topic=topic)], LIBRARY, None, "l", silences)


def test_an_alert_is_told_what_matches_it():
    alerts = [{"labels": {"alertname": "A", "a": "1"}}, {"labels": {"alertname": "B", "a": "2"}}]
    read = taken(ALERTS, alerts, silence("s1"), silence("s2", "a=~1|2", hours=2), silence("s3", "b=1"))
    told = [[each.id for each in signal.body.silences] for batch in read.batches for signal in batch.signals]
    assert told == [["s2", "s1"], ["s2"]]


def test_its_identity_is_the_same_whatever_is_known():
    alert = {"labels": {"a": "1"}, "startsAt": "2026-11-24T03:00:00Z"}
    [one], [other] = (taken(ALERTS, alert, *known).batches for known in ((), (silence(),)))
    assert one.signals[0].identity == other.signals[0].identity


def test_of_very_many_those_that_last_longest_are_told():
    many = [silence(f"s{number}", hours=number) for number in range(1, 30)]
    assert [each.id for each in matching(many, {"a": "1"})] == [f"s{29 - number}" for number in range(MOST)]


@pytest.mark.parametrize(
    ("fields", "reason", "field"),
    [
        ({}, "missing_field", "silence"),
        ({"silence": {}}, "missing_field", "silence"),
        ({"silence": {"matchers": ["a"]}}, "invalid_field", "silence.matchers[0]"),
        ({"silence": {"matchers": ["a=1", "b=~("]}}, "invalid_field", "silence.matchers[1]"),
        ({"silence": {"matchers": ["a=~.*", "b!=1"]}}, "invalid_field", "silence.matchers"),
        ({"silence": {"matchers": ["a=1"] * 21}}, "too_large", "silence.matchers"),
        ({"silence": {"matchers": ["a=" + "1" * 1000]}}, "too_large", "silence.matchers[0]"),
        ({"silence": {"id": "x" * 201}}, "too_large", "silence.id"),
        ({"silence": {"matchers": ["a=1"], "endsAt": 7}}, "invalid_field", "silence.endsAt"),
        ({"silence": {"id": "s"}, "domain": "production/shop"}, "invalid_field", "domain"),
    ],
)
def test_a_wish_that_cannot_be_read(fields, reason, field):
    read = taken(RESPONSES, {"id": "r", "domain": "control", "response": "silence", **fields})
    assert [(each.reason, each.field) for each in read.dead_letters] == [(reason, field)]
    assert read.batches == []


def test_a_wish_in_alertmanagers_words():
    wish = {"matchers": ['a="1"'], "startsAt": "2026-11-24T03:00:00Z", "endsAt": "2026-11-24T05:00:00+01:00"}
    [batch] = taken(
        RESPONSES, {"id": "r", "domain": "control", "response": "silence", "silence": wish}
    ).batches
    read = batch.signals[0].body.response.silence
    assert (read.matchers, read.ends_at - read.starts_at) == (['a="1"'], timedelta(hours=1))
