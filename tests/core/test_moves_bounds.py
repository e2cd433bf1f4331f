"""What a domain remembers of moves is bounded, whoever says how much."""

from __future__ import annotations

from app.core.bounds import (
    ARRIVING_BYTES,
    AWAY_BYTES,
    FLAPPING,
    INHIBITOR_BYTES,
    MEMBERS,
    OWN_MEMBERS,
    WAITING,
    WAITING_BYTES,
)
from app.core.membership import keep_within_bounds
from app.core.moves.parcels import PATIENCE, take
from app.core.moves.places import note_away
from app.core.quiet import flapping, inhibition
from app.core.quiet.sizes import texts_size
from app.model.incident import Member
from app.model.moving import Away, Moving
from app.model.notices import Notice
from app.model.quiet import Flap, Inhibitor
from app.model.words import NoticeKind
from tests.core.story import alert_signal
from tests.core.test_moves import begin, moved, slowly, there
from tests.core.test_moves_together import drafted, with_services

SERVICES = [f"m{number}" for number in range(6)]


def test_what_waits_of_many_services_is_bounded_together() -> None:
    story = slowly()
    story.publish(with_services(story.library, *SERVICES))
    library = story.library
    for service in SERVICES:
        library = moved(library, "store", service)
    story.at(10).publish(library)
    new = there(story)
    for service in SERVICES:
        for number in range(3):
            sent = [
                alert_signal(of_service=service, pod=f"{service}-{number}-{each}", filler="f" * 400, starts=9)
                for each in range(34)
            ]
            story.world._decide(new.domain, *sent)
    asking = new.record.moving.asking.values()
    assert sum(len(each.held) for each in asking) <= WAITING
    waits = [one.signal.model_dump_json() for each in asking for one in each.held]
    assert 0 < sum(len(each) for each in waits) <= WAITING_BYTES
    members = sum(len(each.members) for each in new.record.incidents.values())
    assert members + len(waits) == 6 * 3 * 34, "what waits no longer is decided"


def test_what_ended_unheard_is_bounded() -> None:
    story = slowly()
    story.alert()
    story.at(10).publish(moved(story.library, "store"))
    new = there(story)
    new.alert(pod="first")
    story.at(75)
    for start in range(0, WAITING + 100, 100):
        ends = [alert_signal(status="resolved", pod=f"p{start + each}") for each in range(100)]
        story.world._decide(new.domain, *ends)
    ended = new.record.moving.asking["cart"].ended
    assert 0 < len(ended) <= WAITING
    assert alert_signal(pod=f"p{WAITING + 99}").body.alert.fingerprint in ended, "the newest are kept"
    assert sum(len(each.model_dump_json()) for each in ended.values()) < 2 * WAITING_BYTES


def test_what_is_remembered_of_incidents_elsewhere_is_bounded_in_bytes() -> None:
    draft = drafted(Moving())
    for number in range(20):
        alerts = [f"{number:04}{each:012}" for each in range(2000)]
        note_away(draft, f"i{number}", Away(to="production/store", alerts=alerts, since=draft.at))
    kept = draft.moving.away
    assert list(kept) == [f"i{number}" for number in range(20 - len(kept), 20)]
    assert len(kept) > 1
    assert sum(len(one) for each in kept.values() for one in each.alerts) <= AWAY_BYTES


def part(letter: str, number: int, content: str = "x") -> Notice:
    return Notice(
        id=f"{letter}-{number}",
        kind=NoticeKind.INCIDENTS_MOVED,
        domain="production/mall",
        sender="production/shop",
        letter_id=letter,
        part=number,
        parts=9,
        content=content,
    )


def test_letters_that_lack_a_part_are_bounded_and_forgotten() -> None:
    draft = drafted(Moving())
    for letter in ("a", "b", "c"):
        take(draft, part(letter, 1, "x" * (ARRIVING_BYTES // 2)))
    assert list(draft.moving.arriving) == ["b", "c"]
    assert take(draft, part("a", 2)) is None, "its beginning was forgotten"
    assert list(draft.moving.arriving) == ["b", "c"]
    draft.at += PATIENCE
    take(draft, part("d", 1))
    assert list(draft.moving.arriving) == ["d"]
    assert draft.moving.arriving_since == {"d": draft.at}


def test_inhibitors_that_come_take_no_more_than_there_is_room_for() -> None:
    draft = drafted(Moving())
    sources = {
        f"f{number}": Inhibitor(labels={"alertname": "a" * 1000, "n": str(number)}, since=draft.at)
        for number in range(100)
    }
    inhibition.put_in(draft, sources)
    kept = draft.quiet.inhibitors
    assert 10 < len(kept) < 100
    assert sum(texts_size(each.labels) for each in kept.values()) <= INHIBITOR_BYTES


def test_of_too_many_that_flap_the_rest_count_as_they_were_last() -> None:
    story = begin()
    story.apply(*[alert_signal(pod=f"p{number}") for number in range(FLAPPING + 10)])
    incident = story.incident
    draft = drafted(Moving())
    draft.incidents[incident.id] = incident.model_copy(update={"flapping": FLAPPING + 10})
    flaps = {
        fingerprint: Flap(
            fires=False,
            changes=[draft.at],
            incident_id=incident.id,
            signal=alert_signal(status="resolved", pod=f"p{number}").body,
        )
        for number, fingerprint in enumerate(incident.members)
    }
    flapping.put_in(draft, flaps)
    flaps_on = sum(bool(each.incident_id) for each in draft.quiet.flaps.values())
    now = draft.incidents[incident.id]
    assert 0 < flaps_on <= FLAPPING
    assert (now.flapping, now.firing) == (flaps_on, flaps_on)


def test_of_an_incident_that_comes_what_is_beyond_the_domains_alerts_is_counted() -> None:
    story = begin()
    story.apply(*[alert_signal(pod=f"p{number}") for number in range(60)])
    incident = story.incident
    draft = drafted(Moving())
    full = {f"{number}": Member(f=True) for number in range(MEMBERS - 10)}
    draft.incidents = {"full": incident.model_copy(update={"id": "full", "members": full})}
    draft.incidents[incident.id] = incident
    keep_within_bounds(draft, incident.id)
    now = draft.incidents[incident.id]
    assert len(now.members) == OWN_MEMBERS
    assert (now.firing, now.overflow_firing, now.approximate) == (60, 60 - OWN_MEMBERS, True)
    assert now.members.keys() <= {each.fingerprint for each in now.alerts}, "what is shown is kept"
