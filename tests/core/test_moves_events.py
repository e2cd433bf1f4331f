"""System events that page unless they are over in time go with their service when it moves: none pages twice, none is lost, none stays behind."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.bounds import AWAITED
from app.core.escalation import events
from app.model.inputs import SystemEvent, SystemEventSignal
from app.model.matchers import parse_matcher
from app.model.outputs import IncidentEvent
from app.model.policy import EventRule, Unless
from app.model.signals import Signal
from tests.core.estate import seconds
from tests.core.story import START, Story
from tests.core.test_moves import (
    HOMES,
    NEW,
    OLD,
    THIRD,
    all_incidents,
    begin,
    in_order,
    move,
    moved,
    slowly,
    there,
)

WITHIN = 120
RULE = EventRule(
    "failover",
    (parse_matcher('type="failover"'),),
    unless=Unless((parse_matcher('type="failover.ended"'),), seconds(WITHIN), ("service", "subject")),
)


def with_rule(story: Story, rule: EventRule = RULE) -> Story:
    story.publish(replace(story.library, hash=f"{story.library.hash}+events", event_rules=(rule,)))
    return story


def event(id_: str, type_: str = "failover", service: str = "cart", subject: str = "db-1") -> Signal:
    body = SystemEvent(id=id_, type=type_, service=service, subject=subject, source="ha", summary=id_)
    return Signal(identity=f"system_event:{id_}", body=SystemEventSignal(event=body))


def over(id_: str = "e1", **fields: str) -> Signal:
    return event(f"{id_}-over", "failover.ended", **fields)


def paged(story: Story) -> list[tuple[str, str, float]]:
    """Each event that paged, with where and when."""
    return [
        (each.data["id"], each.domain, (each.at - START).total_seconds())
        for each in story.outputs
        if isinstance(each, IncidentEvent)
        and (each.type == "EventJoined" or (each.type, each.reason) == ("IncidentOpened", "system_event"))
    ]


def awaited(story: Story) -> list[tuple[str, str]]:
    """Each event that is awaited, with where."""
    return [(each.event_id, name) for name, record in story.world.records.items() for each in record.awaited]


def awaiting(story: Story) -> Story:
    """The cart failed over, and then moves."""
    with_rule(story).apply(event("e1"))
    return move(story.at(10))


@pytest.mark.parametrize("first", ["its own timer", "another's signal", "its new domain asks"])
def test_it_pages_at_its_time_where_its_service_is(first) -> None:
    story = begin()
    new = awaiting(story)
    assert awaited(story) == [("e1", OLD)], "until the next signal"
    if first == "another's signal":
        story.apply(event("e2", "deploy", subject="x", service="stock"))
    if first == "its new domain asks":
        new.apply(event("e2", "deploy", subject="x"))
    assert awaited(story) == [("e1", OLD if first == "its own timer" else NEW)]
    story.at(WITHIN - 1)
    assert paged(story) == []
    story.at(WITHIN)
    assert (paged(story), awaited(story)) == ([("e1", NEW, WITHIN)], [])
    assert not any(events.TIMER in record.timers for record in story.world.records.values())
    assert [each.domain for each in all_incidents(story)] == [NEW]
    in_order(story)


@pytest.mark.parametrize("where", [NEW, OLD])
def test_what_says_in_time_that_it_is_over_finds_it_wherever_it_comes(where) -> None:
    story = begin()
    new = awaiting(story)
    if where == OLD:  # it was taken in by the old library, after all was handed over
        new.apply(event("e2", "deploy", subject="x"))
        story.world.library = story.world.libraries["lib1+events"]
    story.at(20).apply(over(), domain=where)
    assert awaited(story) == []
    story.at(500)
    assert paged(story) == []
    assert not all_incidents(story)


def test_it_goes_to_and_fro_and_on_while_it_is_under_way() -> None:
    story = slowly()
    awaiting(story)
    story.apply(event("e2", "deploy", service="stock", subject="x"))
    assert awaited(story) == [], "it is under way"
    move(story.at(20), "mall")
    story.world.deliver()
    assert awaited(story) == [("e1", THIRD)]
    move(story.at(30), "shop").apply(event("e3", "deploy", subject="x"))
    story.world.deliver()
    assert awaited(story) == [("e1", OLD)]
    story.at(500).world.deliver()
    assert paged(story) == [("e1", OLD, WITHIN)]


def test_one_whose_time_is_over_when_it_arrives_pages_then() -> None:
    story = slowly()
    awaiting(story)
    story.apply(event("e2", "deploy", service="stock", subject="x"))
    story.at(WITHIN + 30).world.deliver()
    story.at(WITHIN + 31)
    assert paged(story) == [("e1", NEW, WITHIN + 30)]


def test_one_of_another_service_stays() -> None:
    story = begin()
    till = replace(story.library.services["cart"], id="till")
    story.publish(replace(story.library, hash="both", services={**story.library.services, "till": till}))
    with_rule(story).apply(event("e1"), event("e2", service="till"))
    move(story.at(10)).apply(event("e3", "deploy", subject="x"))
    assert sorted(awaited(story)) == [("e1", NEW), ("e2", OLD)]
    story.at(WITHIN)
    assert sorted(paged(story)) == [("e1", NEW, WITHIN), ("e2", OLD, WITHIN)]


@pytest.mark.parametrize("third", [False, True])
def test_one_that_comes_late_is_forgotten_if_it_was_over_there_in_time(*, third: bool) -> None:
    """Nobody answered for a minute, so that what says that it is over was decided without it."""
    story = slowly()
    new = awaiting(story)
    new.apply(over())
    story.at(75)
    assert new.record.moving.asking["cart"].held == []
    if third:
        move(story, "mall").apply(event("e2", "deploy", subject="x"))
    story.at(80).world.deliver()
    assert awaited(story) == []
    story.at(500).world.deliver()
    assert paged(story) == []


UNLESS = Unless(RULE.unless.matchers, seconds(WITHIN), ("subject",)) if RULE.unless else None


@pytest.mark.parametrize(
    ("rule", "end", "before"),
    [
        (RULE, over(subject="db-2"), False),
        (RULE, over(), True),
        (replace(RULE, unless=replace(UNLESS, equal=("subject", "source"))), over(), False),
        (
            replace(RULE, unless=replace(UNLESS, matchers=(parse_matcher('environment!="staging"'),))),
            over(),
            False,
        ),
    ],
    ids=["of another", "before it began", "the source is not remembered", "nor is the environment"],
)
def test_one_that_comes_late_pages_where_it_cannot_be_known_to_be_over(rule, end, before) -> None:
    story = with_rule(slowly(), rule)
    if before:
        there(story).apply(end)
    story.at(1).apply(event("e1"))
    new = move(story.at(10))
    new.apply(event("e2", "deploy", subject="x") if before else end)
    story.at(80).world.deliver()
    assert awaited(story) == [("e1", NEW)]
    story.at(500).world.deliver()
    assert [each[:2] for each in paged(story)] == [("e1", NEW)]


def test_of_too_many_together_the_oldest_page_at_once() -> None:
    story = with_rule(begin())
    count = AWAITED - 10
    story.apply(*(event(f"e{number}", subject=f"db-{number}") for number in range(count)))
    there(story).apply(
        *(event(f"n{number}", service="shelf", subject=f"s-{number}") for number in range(count))
    )
    new = move(story.at(10))
    new.apply(event("x", "deploy", subject="x"))
    assert [each[0] for each in paged(story)] == [f"e{number}" for number in range(2 * count - AWAITED)]
    assert len(new.record.awaited) == AWAITED
    story.at(500)
    assert len({each[0] for each in paged(story)}) == len(paged(story)) == 2 * count
    assert {each[1] for each in paged(story)} == {NEW}


HAPPENINGS = st.lists(
    st.tuples(st.sampled_from(["fails over", "is over", "passes"]), st.integers(0, 2), st.floats(1, 70)),
    min_size=2,
    max_size=9,
)


def lived(story: Story, happenings: list[tuple[str, int, float]], moves: set[int], steps: int = 0) -> Story:
    """The cart's databases fail over and recover, while it moves to and fro; of what is said between domains so much comes meanwhile."""
    with_rule(story)
    now, home = 0.0, 0
    for place, (what, which, later) in enumerate(happenings):
        now = round(now + later, 3)
        story.at(now)
        if place in moves:
            home = (home + 1) % len(HOMES)
            story.publish(moved(story.world.library, HOMES[home]))
        here = there(story, f"production/{HOMES[home]}")
        name = f"{place}-{which}"
        if what == "passes":
            for _ in range(steps):
                story.world.deliver(place)
        else:
            signal = (
                event(name, subject=f"db-{which}")
                if what == "fails over"
                else over(name, subject=f"db-{which}")
            )
            here.apply(signal)
    for _ in range(8):
        if steps:
            story.world.deliver()
        now += 60
        story.at(now)
    return story


@settings(deadline=None, max_examples=60)
@given(happenings=HAPPENINGS, moves=st.sets(st.integers(1, 8), max_size=4))
def test_a_move_at_any_instant_changes_nothing_but_the_domain(happenings, moves) -> None:
    stays, goes = lived(begin(), happenings, set()), lived(begin(), happenings, moves)
    assert [(id_, at) for id_, _, at in paged(goes)] == [(id_, at) for id_, _, at in paged(stays)]
    assert awaited(goes) == []
    in_order(goes)


@settings(deadline=None, max_examples=60)
@given(happenings=HAPPENINGS, moves=st.sets(st.integers(1, 8), max_size=5), steps=st.integers(1, 3))
def test_however_slow_the_domains_are_each_pages_once_unless_it_was_over(happenings, moves, steps) -> None:
    goes = lived(slowly(), happenings, moves, steps)
    ids = [each[0] for each in paged(goes)]
    assert len(ids) == len(set(ids))
    ended = {which for what, which, _ in happenings if what == "is over"}
    wanted = {
        f"{place}-{which}"
        for place, (what, which, _) in enumerate(happenings)
        if what == "fails over" and which not in ended
    }
    assert wanted <= set(ids)
    assert awaited(goes) == []
    in_order(goes)
