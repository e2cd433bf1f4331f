"""Which incidents one machine explains together: two that it does, and every condition alone that is missing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.core.common_machine import crowded_with
from app.model.correlation import CorrelationRules
from app.model.evidence import AlertView
from app.model.incident import Affected, Incident
from app.model.words import AlertStatus, IncidentStatus, Mode, Severity, Urgency
from tests.core.estate import seconds
from tests.core.shop import shop
from tests.core.story import START

Where = dict[str, dict[str, str]]
"""Service to what names its place in its alert."""
N1 = {"node": "n1"}


def incident(id_: str, places: Where, *, after: float = 0, **fields: Any) -> Incident:
    """An incident whose services fire at places."""
    began = START + seconds(after)
    machines = {f"machine {name}" for place in places.values() for name in place.values()}
    given: dict[str, Any] = {
        "id": id_,
        "domain": "production/shop",
        "title": id_,
        "status": IncidentStatus.TRIGGERED,
        "reason": "first_alert",
        "severity": Severity.WARNING,
        "urgency": Urgency.HIGH,
        "service": next(iter(places)),
        "opened_at": began,
        "updated_at": began,
        "mode": Mode.AUTO,
        "affected": {name: Affected(first=began, last=began, count=1) for name in places},
        "entities": dict.fromkeys(sorted(machines), began),
        "alerts": [
            AlertView(
                fingerprint=name,
                name="Slow",
                service=name,
                severity=Severity.WARNING,
                status=AlertStatus.FIRING,
                labels={"service": name, **place},
                starts_at=began,
                updated_at=began,
            )
            for name, place in places.items()
        ],
        **fields,
    }
    return Incident.model_validate(given)


JOB: Where = {"island": N1}
BESIDE: Where = {"cart": N1, "search": N1}


def are_one(one: Incident, other: Incident, *, at: float = 200, **correlation: Any) -> bool:
    """Tell whether two incidents are about one machine together, whichever is asked."""
    library = replace(shop(), correlation=CorrelationRules(**correlation))
    both = (one, other)
    found = [crowded_with(each, both, library, START + seconds(at)) for each in both]
    assert (found[0] is None) == (found[1] is None)
    return found[0] is not None


def test_what_fires_on_one_machine_alone_is_about_it_together() -> None:
    found = crowded_with(
        incident("two", BESIDE, after=150),
        [incident("two", BESIDE, after=150), incident("one", JOB)],
        shop(),
        START + seconds(200),
    )
    assert found is not None
    assert [each.id for each in found.others] == ["one"]
    assert found.words == "machine n1, where 3 services fire, and they on no other"


@pytest.mark.parametrize(
    "beside",
    [
        {"cart": {"node": "n2"}, "search": {"node": "n2"}},
        {"cart": N1, "search": {"node": "n2"}},
        {"cart": N1},
        {"cart": N1, "search": {}},
        {"cart": {"instance": "n1"}, "search": {"instance": "n1"}},
        {"cart": {}, "search": {}},
        {"island": N1, "cart": N1},
    ],
    ids=[
        "another machine",
        "one more machine",
        "too few",
        "half elsewhere",
        "who looks at it",
        "nowhere",
        "too few different ones",
    ],
)
def test_what_is_not_about_it_stays_by_itself(beside: Where) -> None:
    assert not are_one(incident("one", JOB), incident("two", beside, after=150))


@pytest.mark.parametrize(
    "beside",
    [
        {"cart": N1, "search": N1, "web": {}},
        {"cart": {"host": "n1"}, "search": {"host": "n1"}},
        {"cart": N1, "search": N1, "": {}},
    ],
    ids=["most there", "by host", "and what is of no service"],
)
def test_what_is_about_it_all_the_same(beside: Where) -> None:
    assert are_one(incident("one", JOB), incident("two", beside, after=150))


@pytest.mark.parametrize(
    "fields",
    [
        {"status": IncidentStatus.RESOLVED},
        {"status": IncidentStatus.MERGED},
        {"severity": Severity.INFO},
        {"reopened": 1},
        {"kept_apart": True},
        {"opened_at": START - seconds(101)},
        {"mode": Mode.SHADOW},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_one_that_may_not_be_part_of_another_stays_by_itself(fields: dict[str, Any]) -> None:
    assert not are_one(incident("one", JOB, **fields), incident("two", BESIDE, after=150))


@pytest.mark.parametrize(("crowd", "one"), [(0, False), (1, True), (3, True), (4, False)])
def test_how_many_it_takes_is_a_setting(crowd: int, *, one: bool) -> None:
    assert are_one(incident("one", JOB), incident("two", BESIDE, after=150), merge_crowd=crowd) == one


def test_all_that_are_about_it_count() -> None:
    three = [incident(name, {name: N1}) for name in ("cart", "search", "island")]
    for each in three:
        found = crowded_with(each, three, shop(), START + seconds(10))
        assert found is not None
        assert {other.id for other in found.others} == {"cart", "search", "island"} - {each.id}
