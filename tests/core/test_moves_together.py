"""What goes with a service that moves, beside its own incidents: alerts in those of others, what keeps others quiet, what flaps."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.core.draft import Draft
from app.core.moves.handing import remember
from app.core.record import load
from app.model.library import Library
from app.model.moving import Away, Moving
from app.model.noise import InhibitRule
from app.model.parcels import Memory
from tests.core.estate import seconds
from tests.core.quiet.test_inhibition import matchers
from tests.core.story import START, alert_signal
from tests.core.test_golden import golden
from tests.core.test_moves import NEW, OLD, PAGE, begin, move, moved, there


def with_services(library: Library, *names: str) -> Library:
    known = library.services["cart"]
    more = {each: replace(known, id=each) for each in names}
    return replace(library, hash="more", services={**library.services, **more})


def test_alerts_of_several_services_that_move_find_the_incident_that_stays() -> None:
    story = begin()
    story.publish(with_services(story.library, "till", "pos"))
    story.apply(alert_signal("Slow", of_service="pos", pod="x"))
    story.apply(alert_signal(of_service="till", pod="x", starts=1))
    story.apply(alert_signal("Full", of_service="cart", pod="x", starts=1))
    assert story.incident.firing == 3
    story.at(10).publish(moved(moved(story.library, "store", "till"), "store", "cart"))
    new = there(story)
    for service in ("till", "cart"):
        new.apply(alert_signal("New", of_service=service, pod=service, starts=9))
    new.apply(alert_signal(of_service="till", status="resolved", pod="x", starts=1))
    new.apply(alert_signal("Full", of_service="cart", status="resolved", pod="x", starts=1))
    assert story.incident.firing == 1
    assert [each.firing for each in new.record.incidents.values()] == [1, 1]


TWO = ["a", "b"], ["b", "c"]


@pytest.mark.parametrize(
    ("to", "since", "expected"),
    [
        (OLD, 0, (OLD, ["a", "b", "c"])),
        (NEW, 50, (NEW, ["a", "b", "c"])),
        (NEW, 0, (OLD, ["a", "b"])),
    ],
    ids=["the same place", "a newer place", "an older place"],
)
def test_of_two_words_where_an_incident_is_the_newer_counts(
    to: str, since: float, expected: tuple[str, list[str]]
) -> None:
    ours, theirs = TWO
    known = Away(to=OLD, alerts=ours, ids=["x"], since=START + seconds(20))
    draft = drafted(Moving(away={"i": known}))
    remember(draft, Memory(away={"i": Away(to=to, alerts=theirs, since=START + seconds(since))}))
    now = draft.moving.away["i"]
    assert ((now.to, now.alerts), now.ids) == (expected, ["x"])


def drafted(moving: Moving) -> Draft:
    library = begin().library
    return Draft(
        domain="production/mall",
        at=START + seconds(60),
        libraries={library.hash: library},
        library=library,
        mode=None,
        incidents={},
        changes=[],
        timers={},
        moving=moving,
    )


def test_an_incident_of_the_first_release_goes_with_its_service() -> None:
    story = begin(PAGE)
    record = load(golden("wait-holds"))
    runs = [run for each in record.incidents.values() for run in each.executions]
    for run in runs:
        story.world.libraries[run.library] = replace(story.library, hash=run.library)
    story.world.records[OLD], story.world.now = record, record.now
    [before] = record.incidents.values()
    assert before.home == ""
    new = move(story)
    new.apply(alert_signal(starts=9, pod="cart-2"))
    assert story.record.incidents == {}
    assert before.id in new.record.incidents


QUIETS = InhibitRule("info", matchers('alertname="InfoInhibitor"'), matchers('severity="info"'), ())


def test_what_keeps_others_quiet_goes_along_though_no_incident_holds_it() -> None:
    story = begin()
    story.publish(replace(story.library, hash="info", inhibit=(QUIETS,)))
    story.alert("InfoInhibitor", severity="none")
    new = move(story.at(10))
    new.alert("Noisy", severity="info", starts=9)
    assert (len(story.record.quiet.inhibitors), len(new.record.quiet.inhibitors)) == (0, 1)
    assert (len(new.record.quiet.held), new.record.incidents) == (1, {})


def test_what_flaps_goes_with_its_incident_though_that_holds_it_no_longer_exactly() -> None:
    story = begin()
    story.alert()
    for minute in range(1, 5):
        story.at(60 * minute).resolves(starts=60 * (minute - 1))
        story.at(60 * minute + 30).alert(starts=60 * minute)
    assert story.incident.flapping == 1
    record, incident = story.record, story.incident
    beyond = incident.model_copy(
        update={"members": {}, "overflow_firing": incident.firing, "approximate": True}
    )
    story.world.records[OLD] = record.model_copy(update={"incidents": {incident.id: beyond}})
    new = move(story.at(280))
    new.alert("Slow", starts=279, pod="b")
    assert (story.record.quiet.flaps, story.record.timers) == ({}, {})
    assert [each.incident_id for each in new.record.quiet.flaps.values() if each.incident_id] == [incident.id]
    new.at(3000)
    assert new.record.quiet.flaps == {}


def test_what_flaps_in_an_incident_that_is_gone_ends_and_no_more() -> None:
    story = begin()
    story.alert()
    for minute in range(1, 5):
        story.at(60 * minute).resolves(starts=60 * (minute - 1))
        story.at(60 * minute + 30).alert(starts=60 * minute)
    timers = {each: timer for each, timer in story.record.timers.items() if not timer.incident_id}
    story.world.records[OLD] = story.record.model_copy(update={"incidents": {}, "timers": timers})
    story.at(3000)
    assert not any(each.incident_id for each in story.record.quiet.flaps.values())
