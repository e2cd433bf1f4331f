"""Whatever comes in whichever order while services move: what ended is over, also where its incident comes late."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.model.noise import Flapping, InhibitRule
from app.model.outputs import IncidentEvent
from app.model.words import IncidentStatus
from tests.core.estate import seconds
from tests.core.quiet.test_inhibition import matchers
from tests.core.story import Story, alert_signal
from tests.core.test_moves import (
    HOMES,
    NEW,
    PAGE,
    THIRD,
    Life,
    all_incidents,
    in_order,
    move,
    moved,
    put_out,
    slowly,
    there,
)

NODE = InhibitRule("node", matchers('alertname="NodeDown"'), matchers('alertname="Slow"'), ())


def fires(story: Story) -> list[tuple[str, int]]:
    return [(each.domain, each.firing) for each in all_incidents(story) if each.firing]


@pytest.mark.parametrize("word", [20, 71, 150])
def test_an_end_counts_that_was_decided_before_its_incident_came(word: float) -> None:
    story = slowly()
    story.alert(severity="critical")
    new = move(story.at(10))
    new.resolves(severity="critical", lasts=11)
    story.at(word).world.deliver()
    story.at(word + 1).world.deliver()
    assert fires(story) == []
    [resolved] = put_out(story, IncidentEvent, type="AlertResolved")
    assert resolved.domain == NEW
    assert all(each.status is IncidentStatus.RESOLVED for each in all_incidents(story))
    in_order(story)


def test_an_end_that_comes_after_the_minute_counts_and_what_fires_anew_goes_on() -> None:
    story = slowly()
    story.alert(severity="critical")
    new = move(story.at(10))
    new.alert(severity="critical")  # a repeat: it opens an incident once nobody answers
    new.at(80).resolves(severity="critical", lasts=11)
    assert [each.status for each in all_incidents(new) if each.domain == NEW] == [IncidentStatus.RESOLVED]
    new.at(90).alert(severity="critical", starts=85)
    story.world.deliver()
    assert fires(story) == [(NEW, 1)]
    new.at(100).resolves(severity="critical", starts=85)
    assert fires(story) == []
    in_order(story)


def test_an_end_follows_its_incident_that_goes_on_to_a_third_domain() -> None:
    story = slowly()
    story.alert(severity="critical")
    new = move(story.at(10))
    new.resolves(severity="critical", lasts=11)
    third = move(story.at(75), "mall")
    third.alert("Slow", starts=75, pod="z")
    story.world.deliver()
    assert fires(story) == [(THIRD, 1)]
    third.resolves("Slow", starts=75, pod="z")
    assert fires(story) == []
    in_order(story)


def test_an_end_of_a_muted_alert_counts_that_was_decided_before_it_came() -> None:
    story = slowly()
    story.publish(replace(story.library, hash="node", inhibit=(NODE,)))
    story.alert("NodeDown", pod="n")
    story.alert("Slow", pod="x")
    assert len(story.record.quiet.held) == 1
    new = move(story.at(10))
    new.resolves("Slow", pod="x")
    new.at(75)
    story.world.deliver()
    assert (len(new.record.quiet.held), fires(story)) == (0, [(NEW, 1)])


def test_of_two_ends_of_an_alert_that_of_the_later_firing_counts_whichever_comes_first() -> None:
    story = slowly()
    story.alert(severity="critical", starts=8)
    new = move(story.at(10))
    new.resolves(severity="critical", starts=8)
    new.resolves(severity="critical", starts=0, lasts=1)
    story.at(75).world.deliver()
    assert fires(story) == []


def test_what_took_so_long_a_way_that_it_ended_before_fires_no_more_in_an_incident_that_has_it() -> None:
    story = slowly()
    story.publish(replace(story.library, hash="calm", flapping=Flapping(changes=0)))
    story.alert(severity="critical")
    story.alert(severity="critical", pod="other")
    story.at(5).resolves(severity="critical")
    new = move(story.at(10))
    new.at(13).resolves(severity="critical", starts=12, lasts=1)
    story.at(75).world.deliver()
    assert fires(story) == [(NEW, 1)]
    story.apply(alert_signal(severity="critical", starts=12))
    story.world.deliver()
    assert fires(story) == [(NEW, 1)]


@dataclass
class Lives(Life):
    """A story of services that move, fail and keep one another quiet, and that people merge and split."""

    homes: dict[str, str] = field(default_factory=lambda: {"cart": HOMES[0], "till": HOMES[0]})
    fire: dict[tuple[str, str, int], float] = field(default_factory=dict)

    def happens(self, what: str, pod: int, place: int) -> None:
        service = ("cart", "till")[pod % 2]
        name = ("Crash", "NodeDown", "Slow")[place % 3]
        key = (service, name, pod // 2)
        match what:
            case "moves":
                to = HOMES[(HOMES.index(self.homes[service]) + 1) % len(HOMES)]
                self.homes[service] = to
                self.story.publish(moved(self.story.world.library, to, service))
            case "fires" if key not in self.fire:
                self.fire[key] = self.now
                self.says(key, "firing")
            case "ends" if self.fire:
                self.says(sorted(self.fire)[pod % len(self.fire)], "resolved")
            case "merges" | "splits" if found := all_incidents(self.story):
                self.person(what, found[pod % len(found)].id, found[place % len(found)].id, place)
            case _:
                self.deliver(place, pod + 1)

    def says(self, key: tuple[str, str, int], status: str) -> None:
        service, name, pod = key
        starts = self.fire[key] if status == "firing" else self.fire.pop(key)
        fields = {"pod": f"{service}{pod}", "starts": starts, "lasts": max(0.5, self.now - starts)}
        here = there(self.story, f"production/{self.homes[service]}")
        here.apply(alert_signal(name, of_service=service, status=status, **fields))

    def person(self, what: str, one: str, other: str, place: int) -> None:
        domain = next(each.domain for each in all_incidents(self.story) if each.id == one)
        asked = {"into_id": other} if what == "merges" else {"output": {"match": 'service="till"'}}
        there(self.story, domain).responds(what[:-1], incident_id=one, id=f"{what}-{place}", **asked)

    def end(self) -> None:
        """All that fires ends, and all that is said arrives."""
        for ends in (False, True):
            for key in sorted(self.fire) if ends else ():
                self.says(key, "resolved")
            for _ in range(6):
                self.story.world.deliver()
                self.now += 100
                self.story.at(self.now)


WHATS = ["fires", "fires", "fires", "ends", "ends", "moves", "moves", "merges", "splits", "passes"]
MANY = st.lists(
    st.tuples(st.sampled_from(WHATS), st.integers(0, 3), st.floats(1, 50)), min_size=4, max_size=16
)


@settings(deadline=None, max_examples=60, derandomize=True)
@given(happenings=MANY)
def test_however_late_they_hear_of_one_another_what_ended_is_over(
    happenings: list[tuple[str, int, float]],
) -> None:
    story = slowly(PAGE, reopen_window=seconds(300))
    known = story.library.services["cart"]
    services = {**story.library.services, "till": replace(known, id="till")}
    rules = {"flapping": Flapping(changes=0), "inhibit": (NODE,)}
    story.publish(replace(story.library, hash="both", services=services, **rules))
    life = Lives(story)
    life.play(happenings, set())
    life.end()
    assert fires(story) == []
    assert [each for record in story.world.records.values() for each in record.quiet.held] == []
    assert not any(record.moving.asking for record in story.world.records.values())
    in_order(story)
