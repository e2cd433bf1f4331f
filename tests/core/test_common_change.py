"""Which incidents one change explains together: two that it does, and every condition alone that is missing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.core.common_change import explained_with
from app.model.correlation import CorrelationRules
from app.model.evidence import Change, Suspect
from app.model.incident import Affected, Incident
from app.model.library import Library
from app.model.words import IncidentStatus, Mode, Severity, Urgency
from tests.core.estate import seconds
from tests.core.shop import shop
from tests.core.story import START

CERTAINLY, HARDLY = 0.9, 0.1
Affects = dict[str, tuple[float, Severity]]


def affects(*services: str, after: float = 0, severity: Severity = Severity.ERROR) -> Affects:
    """Service to when it began to fire, and how bad it is."""
    return dict.fromkeys(services, (after, severity))


def incident(
    id_: str, affected: Affects, suspects: dict[str, float], service: str = "", **fields: Any
) -> Incident:
    """An incident; of its suspects the service that was changed is the id."""
    held = {
        name: Affected(first=START + seconds(after), last=START + seconds(after), count=1, severity=severity)
        for name, (after, severity) in affected.items()
    }
    began = min(each.first for each in held.values())
    given: dict[str, Any] = {
        "id": id_,
        "domain": "production/shop",
        "title": id_,
        "status": IncidentStatus.TRIGGERED,
        "reason": "first_alert",
        "severity": max((each.severity for each in held.values()), key=lambda each: each.rank),
        "urgency": Urgency.HIGH,
        "team": "data",
        "service": service or next(iter(affected)),
        "opened_at": began,
        "updated_at": began,
        "mode": Mode.AUTO,
        "affected": held,
        "changes": [
            Change(id=each, type="deploy", service=each, at=START - seconds(30)) for each in suspects
        ],
        "suspects": [Suspect(change_id=each, score=score) for each, score in suspects.items()],
        **fields,
    }
    return Incident.model_validate(given)


def is_explained(one: Incident, *others: Incident, library: Library | None = None, at: float = 100) -> bool:
    """Tell whether all of them are explained together, whichever is asked."""
    every = (one, *others)
    found = [explained_with(each, every, library or shop(), START + seconds(at)) for each in every]
    together = [
        {*(each.id for each in has.others), asked.id} if has is not None else {asked.id}
        for has, asked in zip(found, every, strict=True)
    ]
    assert all(each == together[0] for each in together) or all(len(each) == 1 for each in together)
    return len(together[0]) == len(every)


SILENT = {"one": affects("orders", "cart"), "two": affects("billing", after=20)}
DB = {"db": 0.5}


def silent(**changes: Any) -> tuple[Incident, Incident]:
    """Two incidents of what needs the database, which was changed and keeps silent; fields that begin with `two_` are of the second."""
    ours = {name: value for name, value in changes.items() if not name.startswith("two_")}
    theirs = {name.removeprefix("two_"): value for name, value in changes.items() if name.startswith("two_")}
    one = {"affected": SILENT["one"], "suspects": DB, **ours}
    two = {"affected": SILENT["two"], "suspects": DB, **theirs}
    return incident("one", **one), incident("two", **two)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"suspects": {"island": 0.8, "db": 0.4}, "two_suspects": {"db": 0.4}},
        {"suspects": {"disk": 0.5}, "two_suspects": {"disk": 0.5}},
        {"two_affected": affects("billing", "db", after=60)},
        {"two_affected": affects("billing", severity=Severity.WARNING)},
        {"mode": Mode.SHADOW, "two_mode": Mode.SHADOW},
    ],
    ids=["as it is", "not the first suspect", "two steps below", "it fires late", "a warning", "in shadow"],
)
def test_what_all_need_explains_them(changes) -> None:
    assert is_explained(*silent(**changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"suspects": {"db": 0.39}},
        {"two_suspects": {"db": 0.39}},
        {"two_suspects": {"island": 0.5}},
        {"two_suspects": {}},
        {"affected": affects("orders", "cart", "cache")},
        {"two_affected": affects("billing", "", after=20)},
        {"two_affected": affects("billing", "unheard-of", after=20)},
        {"affected": affects("orders")},
        {"two_affected": affects("billing", after=61)},
        {"two_affected": affects("billing", severity=Severity.INFO)},
        {"two_mode": Mode.SHADOW},
        {"two_status": IncidentStatus.RESOLVED},
        {"two_reopened": 1},
        {"two_kept_apart": True},
        {"kept_apart": True},
        {"two_opened_at": START - seconds(201)},
    ],
    ids=[
        "hardly suspected here",
        "hardly suspected there",
        "another suspected there",
        "nothing suspected there",
        "one does not need it",
        "one of no service",
        "one that the catalog does not know",
        "too few",
        "too far apart",
        "information",
        "in shadow",
        "over",
        "reopened",
        "split",
        "split here",
        "not young",
    ],
)
def test_what_not_all_need_does_not(changes) -> None:
    assert not is_explained(*silent(**changes))


def test_incidents_of_one_service_each_are_explained_together() -> None:
    each = [incident(name, affects(name), DB) for name in ("orders", "billing", "cart")]
    assert is_explained(*each)
    assert not is_explained(*each[:2])


CACHE = {"cache": CERTAINLY}


def beside(**changes: Any) -> tuple[Incident, Incident]:
    """The cache, which was changed and fires, and an incident of what is not tied to it."""
    ours = {name: value for name, value in changes.items() if not name.startswith("two_")}
    theirs = {name.removeprefix("two_"): value for name, value in changes.items() if name.startswith("two_")}
    one = {"affected": affects("cache"), "suspects": CACHE, **ours}
    two = {"affected": affects("orders", "db", "billing", after=20), "suspects": {"cache": HARDLY}, **theirs}
    return incident("one", **one), incident("two", **two)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"suspects": {"cache": 0.75}},
        {"two_suspects": {"db": 0.7}},
        {"affected": affects("cache", "cart"), "two_affected": affects("orders", "db", after=20)},
    ],
    ids=["as it is", "just certain", "another is less certain", "two and two"],
)
def test_what_failed_itself_explains_what_fails_within_the_minute(changes) -> None:
    assert is_explained(*beside(**changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"suspects": {"cache": 0.74}},
        {"suspects": {"index": CERTAINLY}},
        {"affected": affects("island"), "suspects": {"island": CERTAINLY}},
        {"affected": affects("cart"), "service": "cache"},
        {"two_suspects": {"db": 0.75}},
        {"two_affected": affects("orders", "db", after=20)},
        {
            "affected": affects("cache", "cart"),
            "two_affected": {**affects("cart", after=10), **affects("orders", after=20)},
        },
        {"affected": affects("cache", severity=Severity.WARNING)},
        {"two_affected": affects("orders", "db", "billing", severity=Severity.WARNING)},
        {"two_affected": affects("orders", "db", "billing", after=61)},
        {"two_affected": affects("orders", "db", "billing", after=-31)},
        {"two_team": "sales"},
        {"two_mode": Mode.SHADOW},
        {"two_kept_apart": True},
    ],
    ids=[
        "not certain",
        "something else was changed",
        "nobody needs it",
        "it does not fire itself",
        "another change is as certain there",
        "too few",
        "too few, one of them twice",
        "a warning",
        "warnings there",
        "too far apart",
        "it was changed afterwards",
        "of another team",
        "in shadow",
        "split",
    ],
)
def test_what_may_not_have_failed_for_it_stays_apart(changes) -> None:
    assert not is_explained(*beside(**changes))


@pytest.mark.parametrize("make", [silent, beside])
def test_more_may_be_asked_for(make) -> None:
    pair = make()
    strict = replace(shop(), correlation=CorrelationRules(merge_suspect_at=1.1))
    assert is_explained(*pair)
    assert not is_explained(*pair, library=strict)
