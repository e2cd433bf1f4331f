"""What simulations judge of system events that page finds what is wrong, and nothing else."""

from __future__ import annotations

import pytest

from app.core import record as records
from app.core.record import empty
from app.model.inputs import SystemEvent, SystemEventSignal
from app.model.moving import Moving, Place
from app.model.signals import Signal, SignalBatch
from app.simulate.estate import MOVES, libraries
from app.simulate.events import EventsThatPage

FIRST, MOVED = libraries(MOVES[:1])
SHOP, FIND = "production/shop", "production/find"


def event(id_: str, type_: str = "failover", service: str = "search") -> SystemEvent:
    return SystemEvent(id=id_, type=type_, service=service, source="ha")


def judged(*happenings: tuple[str, SystemEvent, bool], library=FIRST, place: str = "") -> list[str]:
    """Give what is wrong where events come to domains, and page there or not."""
    judge = EventsThatPage({each.hash: each for each in (FIRST, MOVED)})
    for domain, each, pages in happenings:
        signal = Signal(identity=f"system_event:{each.id}", body=SystemEventSignal(event=each))
        batch = SignalBatch(domain=domain, library=library.hash, signals=[signal])
        data = {"id": each.id, "service": each.service}
        told = [
            {"type": "IncidentOpened", "reason": "system_event", "data": data},
            {"type": "Escalated", "reason": "system_event", "data": {}},
        ]
        moving = Moving(places={each.service: Place(number=2, domain=place)} if place else {})
        after = records.dump(empty(domain).model_copy(update={"moving": moving}))
        judge.take(batch, told if pages else [], after)
    return list(judge.breaches())


F1, OVER, DEPLOY = event("f1"), event("f1-over", "failover.ended"), event("d1", "deploy")


@pytest.mark.parametrize(
    ("happenings", "library", "place", "wrong"),
    [
        ([(SHOP, F1, True)], FIRST, "", []),
        ([(FIND, F1, True)], MOVED, "", []),
        ([(SHOP, F1, True)], MOVED, SHOP, []),
        ([(SHOP, F1, False), (SHOP, OVER, False)], FIRST, "", []),
        ([(SHOP, DEPLOY, False)], FIRST, "", []),
        ([(SHOP, F1, False)], FIRST, "", ["f1 of search paged nobody, and nothing said that it is over"]),
        ([(SHOP, F1, True)] * 2, FIRST, "", [f"f1 paged in {SHOP} and in {SHOP}"]),
        ([(SHOP, F1, True)], MOVED, "", [f"f1 paged in {SHOP}, and search is in {FIND}"]),
        ([(SHOP, F1, True)], FIRST, FIND, [f"f1 paged in {SHOP}, and search is in {FIND}"]),
    ],
    ids=[
        "at home",
        "where it moved to",
        "where it moved back, as the record knows",
        "it was over",
        "no rule names it",
        "lost",
        "twice",
        "left behind",
        "left behind, as the record knows",
    ],
)
def test_what_is_wrong_is_said(happenings, library, place, wrong) -> None:
    assert judged(*happenings, library=library, place=place) == wrong
