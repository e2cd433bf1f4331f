"""What a library that comes into force tells its heartbeats."""

from dataclasses import replace

from app.core.rehearsal import Rehearsal
from app.model.outputs import IncidentEvent
from app.model.presence import domain_of
from app.road.heartbeats import expectations
from tests.core.estate import library, seconds
from tests.core.story import START
from tests.core.test_heartbeats import WATCHDOG, with_beats


def test_each_is_told_once_whichever_worker_says_so():
    one = with_beats(WATCHDOG, replace(WATCHDOG, name="other"))
    batches = expectations(one, None)
    assert [(each.domain, each.library) for each in batches] == [
        ("heartbeat:other", "lib1"),
        ("heartbeat:watchdog", "lib1"),
    ]
    assert batches == expectations(one, None)
    newer = expectations(replace(one, hash="lib2"), None)
    assert newer[0].signals[0].identity != batches[0].signals[0].identity
    assert expectations(library(), None) == []


def test_what_it_is_told_makes_its_absence_noticed():
    world = Rehearsal(with_beats(WATCHDOG), START)
    (batch,) = expectations(world.library, None)
    world.apply(batch.domain, *batch.signals)
    world.apply(batch.domain, *batch.signals)
    world.go_to(START + seconds(420))
    opened = [
        each for each in world.outputs if isinstance(each, IncidentEvent) and each.type == "IncidentOpened"
    ]
    assert [each.domain for each in opened] == [domain_of("watchdog")]
