"""A service moves to another domain: what was held of it goes with it, nothing is opened twice, and no answer is lost."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.bounds import WAITING
from app.core.correlation import OPEN
from app.core.notices import notice_signal
from app.core.record import libraries_needed
from app.core.rehearsal import Rehearsal
from app.intake.limits import SIGNAL
from app.model.commands import ChatCommand, EscalationCommand, StepCommand
from app.model.incident import Incident, IncidentSnapshot
from app.model.library import Library
from app.model.matchers import parse_matcher
from app.model.moving import Move, Moving
from app.model.noise import InhibitRule
from app.model.notices import Notice
from app.model.outputs import DeadLetter, IncidentEvent, Output
from app.model.signals import Signal
from app.model.standings import Standing
from app.model.words import IncidentStatus, NoticeKind, StepStatus
from tests.core.estate import library, look, mend, page, quiet, seconds
from tests.core.quiet.test_silences import silence, told
from tests.core.story import START, Story, alert_signal

OLD, NEW, THIRD = "production/shop", "production/store", "production/mall"
PAGE = page(look(timeout=seconds(400)), mend(), quiet())


def moved(before: Library, to: str, service: str = "cart") -> Library:
    """The library that is published next: the service is in another system."""
    known = before.moved.get(service)
    was = before.services[service].system or service
    move = Move((known.number if known else 0) + 1, to, (*(known.formers if known else ()), was))
    return replace(
        before,
        hash=f"{before.hash}+{service}={to}",
        services={**before.services, service: replace(before.services[service], system=to)},
        moved={**before.moved, service: move},
    )


def begin(*pages: Any, **rules: Any) -> Story:
    return Story(library(*pages, **rules))


@dataclass
class Slowly(Rehearsal):
    """A world in which notices are on their way until they are delivered: for each domain in order."""

    under_way: dict[str, list[Notice]] = field(default_factory=dict)

    def apply(self, domain: str, *signals: Signal) -> list[Output]:
        given = self._decide(domain, *signals)
        for each in given:
            if isinstance(each, Notice):
                self.under_way.setdefault(each.domain, []).append(each)
        self.outputs += given
        return given

    def deliver(self, which: int | None = None) -> None:
        """Deliver the first to one of those that any is under way to; or all."""
        while waiting := [domain for domain, notices in sorted(self.under_way.items()) if notices]:
            domain = waiting[(which or 0) % len(waiting)]
            self.apply(domain, notice_signal(self.under_way[domain].pop(0)))
            if which is not None:
                return


def slowly(*pages: Any, **rules: Any) -> Story:
    known = library(*pages, **rules)
    return Story(known, world=Slowly(known, START))


def there(story: Story, domain: str = NEW) -> Story:
    """The other domain's life."""
    return Story(story.library, domain=domain, world=story.world)


def move(story: Story, to: str = "store", service: str = "cart") -> Story:
    story.publish(moved(story.library, to, service))
    return there(story, f"production/{to}")


def put_out(story: Story, kind: type, **fields: Any) -> list[Any]:
    return [
        each
        for each in story.outputs
        if type(each) is kind and all(getattr(each, name) == value for name, value in fields.items())
    ]


def opened(story: Story) -> int:
    return len(put_out(story, IncidentEvent, type="IncidentOpened"))


def all_incidents(story: Story) -> list[Incident]:
    return [each for record in story.world.records.values() for each in record.incidents.values()]


def in_order(story: Story) -> None:
    """The events of each incident have no gaps, and its snapshots rise."""
    seqs: dict[str, list[int]] = {}
    versions: dict[str, list[int]] = {}
    for each in story.outputs:
        if isinstance(each, IncidentEvent):
            seqs.setdefault(each.incident_id, []).append(each.seq)
        if isinstance(each, IncidentSnapshot):
            versions.setdefault(each.id, []).append(each.version)
    assert all(found == list(range(1, len(found) + 1)) for found in seqs.values())
    assert all(found == sorted(set(found)) for found in versions.values())
    repeated = (IncidentSnapshot, Standing)  # versions of one thing
    ids = [each.id for each in story.outputs if not isinstance(each, repeated) and hasattr(each, "id")]
    assert len(ids) == len(set(ids))


def test_it_moves_while_its_alert_fires_and_is_one_incident_with_its_late_result_counted() -> None:
    story = begin(PAGE, reopen_window=seconds(60))
    story.alert(severity="critical")
    [command] = put_out(story, StepCommand, step="look")
    pages = len(put_out(story, EscalationCommand, op="notify"))
    new = move(story.at(10))
    new.alert(severity="critical", starts=9, pod="cart-2")
    [incident] = new.record.incidents.values()
    assert (story.record.incidents, story.record.timers) == ({}, {})
    assert (incident.domain, incident.firing, incident.home_domain) == (NEW, 2, OLD)
    story.answers(command)  # it bears the old domain
    assert new.run_of("look").status is StepStatus.SUCCEEDED
    assert not put_out(story, DeadLetter)
    new.resolves(severity="critical", lasts=20)
    new.resolves(severity="critical", starts=9, pod="cart-2", lasts=20)
    new.at(200)
    assert all_incidents(story) == []
    [last] = [each for each in put_out(story, IncidentSnapshot) if each.status is IncidentStatus.CLOSED]
    assert (last.id, opened(story)) == (incident.id, 1)
    assert len(put_out(story, EscalationCommand, op="notify")) == pages
    in_order(story)


def test_the_old_domain_hands_over_with_the_first_it_hears_under_the_new_library() -> None:
    story = begin(PAGE)
    story.alert()
    new = move(story.at(10))
    story.at(420)  # its step times out, which is the first signal
    assert story.record.incidents == {}
    assert new.run_of("look").status is StepStatus.TIMED_OUT


def test_what_the_new_domain_hears_first_waits_for_what_the_old_one_holds() -> None:
    story = begin(PAGE)
    story.alert()
    new = move(story.at(10))
    world, sent = story.world, alert_signal(starts=12, pod="cart-2")
    record = new.record
    given = world._decide(NEW, sent)  # the notice is under way
    [asked] = [each for each in given if isinstance(each, Notice)]
    assert (asked.kind, asked.domain) == (NoticeKind.MOVE_ASKED, OLD)
    assert (new.record.incidents, len(new.record.moving.asking["cart"].held)) == ({}, 1)
    world._decide(NEW, sent)
    assert len(new.record.moving.asking["cart"].held) == 1
    world.apply(OLD, notice_signal(asked))
    assert len(new.record.incidents) == 1
    assert new.incident.firing == 2
    assert record.moving == Moving()
    assert new.record.moving.asking == {}


def test_when_the_old_domain_is_silent_the_alert_counts_after_a_minute_and_the_late_one_takes_it_in() -> None:
    story = begin()
    story.alert(severity="critical")
    new = move(story.at(10))
    given = story.world._decide(NEW, alert_signal(severity="critical"))
    new.at(71)
    assert opened(story) == 2
    assert put_out(story, IncidentEvent, type="MoveUnanswered")[0].reason == "former_domain_silent"
    for notice in given:
        story.world.apply(notice.domain, notice_signal(notice))
    left = [each for each in all_incidents(story) if each.status is not IncidentStatus.MERGED]
    assert [(each.domain, each.firing) for each in left] == [(NEW, 1)]
    in_order(story)


LATE = {
    "an alert that was taken in by the old library": alert_signal(starts=12, pod="cart-9"),
}


@pytest.mark.parametrize("signal", LATE.values(), ids=LATE)
def test_what_still_arrives_is_forwarded(signal: Signal) -> None:
    story = begin()
    story.alert()
    new = move(story.at(10))
    new.alert(starts=11, pod="cart-2")
    older = story.world.libraries["lib1"]
    story.world.library, newer = older, story.world.library
    story.apply(signal)
    story.apply(signal)
    story.world.library = newer
    assert story.record.incidents == {}
    assert new.incident.firing == 3
    in_order(story)


def test_an_alert_whose_end_overtook_it_opens_nothing() -> None:
    story = begin()
    story.alert()
    new = move(story.at(10))
    new.alert(starts=11, pod="cart-2")
    new.at(13).resolves(starts=12, lasts=1, pod="cart-9")
    story.world.library, newer = story.world.libraries["lib1"], story.world.library
    story.apply(alert_signal(starts=12, pod="cart-9"))
    assert (story.record.incidents, new.incident.firing, opened(story)) == ({}, 2, 1)
    story.apply(alert_signal(starts=14, pod="cart-9"))
    assert new.incident.firing == 3
    story.world.library = newer
    in_order(story)


def test_answers_of_people_and_receipts_find_it() -> None:
    story = begin()
    story.alert(severity="critical")
    [page_] = put_out(story, EscalationCommand, op="notify")
    chat = put_out(story, ChatCommand)[0]
    new = move(story.at(10))
    new.alert(severity="critical", starts=9, pod="cart-2")
    incident = new.incident.id
    story.responds("acknowledge", incident_id=incident)
    assert new.incident.status is IncidentStatus.ACKNOWLEDGED
    story.responds(None, incident_id="", object_id=chat.object_id, external_key="C1")
    assert new.incident.refs == {"chat": "C1"}
    story.responds(None, incident_id="", object_id=page_.object_id, status="failed", id="late")
    assert not put_out(story, DeadLetter)
    assert put_out(story, IncidentEvent, type="CommandFailed")
    in_order(story)


def test_it_goes_to_and_fro() -> None:
    story = begin(PAGE)
    story.alert()
    [command] = put_out(story, StepCommand, step="look")
    for round_ in range(3):
        new = move(story.at(10 + 10 * round_))
        new.alert(starts=9 + 10 * round_, pod=f"new-{round_}")
        assert [len(each.record.incidents) for each in (story, new)] == [0, 1]
        move(story.at(15 + 10 * round_), "shop")
        story.alert(starts=14 + 10 * round_, pod=f"old-{round_}")
        assert [len(each.record.incidents) for each in (story, new)] == [1, 0]
    story.answers(command)
    assert story.run_of("look").status is StepStatus.SUCCEEDED
    assert (story.incident.firing, opened(story)) == (7, 1)
    assert story.incident.id not in story.record.moving.away
    in_order(story)


def test_it_goes_on_while_it_is_under_way() -> None:
    story = slowly()
    story.alert()
    move(story.at(10))
    story.deploys("stock")  # the old domain hands over, and that is on its way
    third = move(story.at(20), "mall")
    third.alert(starts=19, pod="cart-2")
    assert all_incidents(story) == []
    story.world.deliver()
    assert [(each.domain, each.firing) for each in all_incidents(story)] == [(THIRD, 2)]
    assert opened(story) == 1


@pytest.mark.parametrize("off", [3600, 0, -3600])
def test_how_far_off_clocks_are_is_known_there(off) -> None:
    """An alert that comes 20 minutes late belongs to what began with it, also as the first one in the new domain."""
    story = begin()
    for number in range(8):
        story.at(number).alert(starts=number - off, pod=f"cart-{number}")
    new = move(story.at(1190))
    new.at(1200).alert("Slow", starts=10 - off, pod="late")
    assert [(each.domain, each.firing) for each in all_incidents(story)] == [(NEW, 9)]
    assert new.record.lags == [*story.record.lags, 1190 + off]
    assert list(new.record.clocks.values()) == [new.record.lags]


def test_what_is_known_of_clocks_there_stays() -> None:
    story = begin()
    story.alert(starts=-3600)
    new = there(story)
    new.apply(alert_signal("Crash", of_service="stock", starts=0))
    move(story.at(10)).alert(starts=10 - 3600, pod="cart-2")
    assert new.record.lags == [0, 3600]


def test_an_incident_goes_where_the_service_goes_that_it_was_opened_for() -> None:
    story = begin()
    story.publish(
        replace(
            story.library,
            hash="both",
            services={
                **story.library.services,
                "till": replace(story.library.services["cart"], id="till"),
            },
        )
    )
    story.alert(pod="x")
    story.apply(alert_signal("Slow", of_service="till", pod="x", starts=1))
    assert story.incident.firing == 2
    new = move(story.at(10))
    new.alert(starts=9, pod="y")
    story.apply(alert_signal("Slow", of_service="till", status="resolved", pod="x", starts=1))
    assert (new.incident.firing, story.record.incidents) == (2, {})
    new.responds("resolve", incident_id=new.incident.id)
    new.at(800)
    assert all_incidents(story) == []
    story.apply(alert_signal("Slow", of_service="till", pod="x", starts=700))
    assert [each.domain for each in all_incidents(story)] == [OLD]
    assert new.record.incidents == {}


def test_an_incident_of_a_service_that_stays_keeps_the_alerts_of_one_that_moves() -> None:
    story = begin()
    story.publish(
        replace(
            story.library,
            hash="both",
            services={
                **story.library.services,
                "till": replace(story.library.services["cart"], id="till"),
            },
        )
    )
    story.apply(alert_signal("Slow", of_service="till", pod="x"))
    story.alert(pod="x", starts=1)
    new = move(story.at(10))
    new.resolves(pod="x", starts=1)
    assert (story.incident.firing, new.record.incidents) == (1, {})
    new.alert(starts=12, pod="z")
    assert (story.incident.firing, new.incident.firing) == (1, 1)


def test_a_muted_alert_goes_with_it_and_takes_effect_there() -> None:
    story = begin()
    silence(story, until=100)
    story.apply(told(story, alert_signal(severity="critical")))
    assert len(story.record.quiet.held) == 1
    new = move(story.at(10))
    story.apply(alert_signal("Slow", of_service="stock", severity="none"))
    assert (len(story.record.quiet.held), len(new.record.quiet.held)) == (0, 1)
    new.at(99)
    assert opened(story) == 0
    new.at(101)
    assert [(each.domain, each.firing) for each in all_incidents(story)] == [(NEW, 1)]


def test_a_domain_that_holds_nothing_answers_and_no_more() -> None:
    story = begin()
    new = move(story)
    new.alert()
    new.resolves()
    size = len(story.record.model_dump_json())
    for minute in range(2, 6):
        new.at(60 * minute).alert(starts=60 * minute, pod=f"p{minute}")
    assert len(story.record.model_dump_json()) == size
    assert opened(story) >= 1


def test_the_libraries_of_what_is_handed_over_are_needed() -> None:
    story = begin(PAGE)
    story.alert()
    new = move(story.at(10))
    new.alert(starts=9, pod="b")
    [(batch, _, _)] = [
        each
        for each in story.world.log
        if each[0].domain == NEW
        and any(getattr(s.body, "notice", None) and s.body.notice.libraries for s in each[0].signals)
    ]
    assert "lib1" in libraries_needed(new.record.model_copy(update={"incidents": {}}), batch)


def test_a_large_incident_goes_in_parts_that_fit() -> None:
    story = begin()
    for pod in range(50):
        story.alert(pod=f"{pod:04}" + "p" * 1200)
    new = move(story.at(10))
    new.alert(starts=9, pod="b")
    parts = [each for each in put_out(story, Notice) if each.kind is NoticeKind.INCIDENTS_MOVED]
    assert len(parts) > 1
    assert all(len(notice_signal(each).model_dump_json().encode()) < SIGNAL for each in parts)
    assert new.incident.firing == 51
    assert new.record.moving.arriving == {}


def test_more_than_there_is_room_for_waits_no_longer() -> None:
    story = begin()
    story.alert()
    new = move(story.at(10))
    sent = [alert_signal(starts=11, pod=f"p{number}") for number in range(WAITING)]
    given = story.world._decide(NEW, *sent[:100])
    assert len(new.record.moving.asking["cart"].held) == 100
    story.world.outputs += story.world._decide(NEW, *sent[100:])
    assert new.incident.members.keys() == {each.body.alert.fingerprint for each in sent}
    assert new.told("MoveUnanswered") == ["too_much_waits"]
    for notice in given:
        story.world.apply(notice.domain, notice_signal(notice))
    left = [each for each in all_incidents(story) if each.status is not IncidentStatus.MERGED]
    assert sum(each.firing for each in left) == WAITING + 1


HOMES = ("shop", "store", "mall")
HAPPENINGS = st.lists(
    st.tuples(
        st.sampled_from(["fires", "ends", "answers", "acknowledges", "passes"]),
        st.integers(0, 2),
        st.floats(1, 50),
    ),
    min_size=3,
    max_size=10,
)


@dataclass
class Life:
    """A story of the cart, which moves to and fro before some of what happens."""

    story: Story
    now: float = 0
    home: int = 0
    answered: set[str] = field(default_factory=set)
    starts: dict[int, float] = field(default_factory=dict)

    def play(self, happenings: list[tuple[str, int, float]], moves: set[int]) -> Story:
        for place, (what, pod, later) in enumerate(happenings):
            self.now += round(later, 3)
            self.story.at(self.now)
            if place in moves:
                self.home = (self.home + 1) % len(HOMES)
                self.story.publish(moved(self.story.world.library, HOMES[self.home]))
            self.happens(what, pod, place)
        for _ in range(20):
            self.deliver(None, 1)
            self.now += 100
            self.story.at(self.now)
        return self.story

    def happens(self, what: str, pod: int, place: int) -> None:
        here = there(self.story, f"production/{HOMES[self.home]}")
        match what:
            case "fires":
                self.starts[pod] = self.now
                here.alert(pod=f"p{pod}", starts=self.now)
            case "ends":
                starts = self.starts.get(pod, 0.0)
                here.resolves(pod=f"p{pod}", starts=starts, lasts=max(0.5, self.now - starts))
            case "answers":
                self.answer(place)
            case "acknowledges":
                for call in put_out(self.story, EscalationCommand, op="notify")[-1:]:
                    fields = {"incident_id": call.incident_id, "object_id": call.object_id, "id": f"a{place}"}
                    there(self.story, call.domain).responds("acknowledge", **fields)
            case _:
                self.deliver(place, pod + 1)

    def answer(self, place: int) -> None:
        """The executor answers all that it was asked for since."""
        for command in put_out(self.story, StepCommand, op="run"):
            if command.id not in self.answered:
                self.answered.add(command.id)
                there(self.story, command.domain).answers(command, id=f"r-{place}-{command.step}")

    def deliver(self, which: int | None, times: int) -> None:
        for _ in range(times if isinstance(self.story.world, Slowly) else 0):
            self.story.world.deliver(which)


def _told(story: Story) -> list[list[tuple[str, str]]]:
    """What the incidents went through, whatever they are called and wherever they were."""
    told: dict[str, list[tuple[str, str]]] = {}
    for each in put_out(story, IncidentEvent):
        if each.type not in ("IncidentHandedOver", "IncidentTakenOver"):
            told.setdefault(each.incident_id, []).append((each.type, each.reason))
    return list(told.values())


@settings(deadline=None, max_examples=40)
@given(happenings=HAPPENINGS, moves=st.sets(st.integers(1, 9), max_size=3))
def test_a_move_at_any_instant_changes_nothing_but_the_domain(
    happenings: list[tuple[str, int, float]], moves: set[int]
) -> None:
    stays = Life(begin(PAGE, reopen_window=seconds(300))).play(happenings, set())
    goes = Life(begin(PAGE, reopen_window=seconds(300))).play(happenings, moves)
    assert _told(goes) == _told(stays)
    assert not put_out(goes, DeadLetter) or put_out(stays, DeadLetter)
    in_order(goes)


@settings(deadline=None, max_examples=60)
@given(happenings=HAPPENINGS, moves=st.sets(st.integers(1, 9), max_size=5))
def test_however_slow_what_they_tell_each_other_is_nothing_is_opened_twice_nor_lost(
    happenings: list[tuple[str, int, float]], moves: set[int]
) -> None:
    """All that is said between two happenings less than a minute apart may come in any order of the domains."""
    story = Life(slowly(PAGE, reopen_window=seconds(300))).play(happenings, moves)
    in_order(story)
    assert not put_out(story, DeadLetter)
    holding = [each for each in all_incidents(story) if each.status in OPEN]
    firing = [fingerprint for each in holding for fingerprint, member in each.members.items() if member.f]
    assert len(firing) == len(set(firing))
    homes = {each.domain for each in all_incidents(story)}
    assert len(homes) <= 1
    assert not any(record.moving.asking or record.moving.arriving for record in story.world.records.values())


@pytest.mark.parametrize("is_repeat", [False, True])
def test_what_a_source_kept_quiet_that_moved_away_takes_effect_whatever_comes_next(
    *, is_repeat: bool
) -> None:
    node, crash = parse_matcher('alertname="NodeDown"'), parse_matcher('alertname="Crash"')
    story = begin()
    till = replace(story.library.services["cart"], id="till")
    services = {**story.library.services, "till": till}
    story.publish(
        replace(
            story.library, hash="b", inhibit=(InhibitRule("n", (node,), (crash,), ()),), services=services
        )
    )
    down = alert_signal("NodeDown", of_service="cart", pod="n")
    other = alert_signal("Slow", of_service="till", pod="s", severity="none")
    story.apply(down, other, alert_signal("Crash", of_service="till", pod="t", starts=1))
    assert len(story.record.quiet.held) == 1
    story.at(10).publish(moved(story.library, "store", "cart"))
    story.apply(
        other if is_repeat else alert_signal("NodeDown", of_service="cart", pod="n", status="resolved")
    )
    assert story.record.quiet.held == {}
    assert [each.home for each in story.record.incidents.values()] == ["till"]
