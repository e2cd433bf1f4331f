"""Acknowledging many incidents by matchers."""

from __future__ import annotations

import pytest

from app.core.bulk import acknowledgements, facts_of, unacknowledged
from app.model.inputs import Actor
from app.model.matchers import parse_matcher
from app.model.words import IncidentStatus, ResponseKind, Severity
from tests.support.incidents import NOW, ago, an_incident

CART = an_incident(id="cart", labels={"cluster": "eu", "service": "other"}, acknowledged_at=None)
STOCK = CART.model_copy(
    update={
        "id": "stock",
        "service": "stock",
        "severity": Severity.INFO,
        "domain": "x",
        "opened_at": ago(hours=9),
    }
)


@pytest.mark.parametrize(
    ("matchers", "found"),
    [
        ([], ["stock", "cart"]),
        (['service="cart"'], ["cart"]),
        (['cluster="eu"'], ["stock", "cart"]),
        (['cluster="eu"', 'severity=~"info|warning"'], ["stock"]),
        (['domain="x"'], ["stock"]),
        (['nothing=""'], ["stock", "cart"]),
        (['service="other"'], []),
    ],
)
def test_matchers_look_at_what_the_incident_is(matchers, found):
    chosen = unacknowledged([CART, STOCK], [parse_matcher(each) for each in matchers])
    assert [each.id for each in chosen] == found


@pytest.mark.parametrize(
    "fields",
    [
        {"status": IncidentStatus.RESOLVED},
        {"status": IncidentStatus.MERGED},
        {"acknowledged_at": NOW},
    ],
)
def test_what_is_over_or_cared_for_is_left_alone(fields):
    assert unacknowledged([CART.model_copy(update=fields)], []) == []


def test_what_an_incident_says_itself_takes_the_place_of_labels():
    assert facts_of(CART)["service"] == CART.service


def test_the_same_request_gives_the_same_ids_and_another_gives_others():
    who = Actor(provider="cli", id="alice")
    first = acknowledgements([CART, STOCK], "r1", who, "on it", NOW)
    assert first == acknowledgements([CART, STOCK], "r1", who, "on it", NOW)
    assert [(each.incident_id, each.domain, each.response, each.text) for each in first] == [
        ("cart", CART.domain, ResponseKind.ACKNOWLEDGE, "on it"),
        ("stock", "x", ResponseKind.ACKNOWLEDGE, "on it"),
    ]
    others = acknowledgements([CART, STOCK], "r2", who, "on it", NOW)
    assert len({each.id for each in (*first, *others)}) == 4
