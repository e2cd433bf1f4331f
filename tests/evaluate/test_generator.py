"""A seed gives one scenario, and each class holds what its name promises."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from itertools import pairwise, permutations
from random import Random

import pytest

from app.core.identity import fingerprint
from app.evaluate.generator.classes import CLASSES
from app.evaluate.generator.estate import make_estate
from app.evaluate.generator.happenings import Story
from app.evaluate.generator.make import class_of, make
from app.evaluate.scenario import Episode, alerts_of, known_alert
from app.library.compile import examine

SEEDS = range(36)


def alerts(scenario):
    return [(each.at, alert) for each in scenario.inputs for alert in alerts_of(each)]


def just_alerts(scenario):
    return [alert for _, alert in alerts(scenario)]


def events(scenario):
    return [(each.at, each.value) for each in scenario.inputs if each.topic == "system-events"]


def test_a_seed_repeats_itself_in_any_process():
    def digest(**environment):
        code = (
            "import hashlib; from app.evaluate.generator.make import make; from app.evaluate.scenario import dump;"
            "print(hashlib.sha256('\\n'.join(line for s in range(18) for line in dump(make(s))).encode()).hexdigest())"
        )
        given = {**os.environ, **environment}
        return subprocess.run([sys.executable, "-c", code], env=given, check=True, capture_output=True).stdout

    one = digest(PYTHONHASHSEED="1", TZ="Asia/Tokyo", LC_ALL="C")
    assert one == digest(PYTHONHASHSEED="2", TZ="America/Lima", LC_ALL="C.UTF-8")
    assert len(one) > 60


def test_seeds_take_turns_at_the_classes():
    assert Counter(class_of(seed) for seed in range(2 * len(CLASSES))) == dict.fromkeys(CLASSES, 2)
    assert make(3).head.class_ == class_of(3)
    assert make(3, "quiet").head.name == "quiet-3"


@pytest.mark.parametrize("seed", SEEDS)
def test_a_scenario_is_sound(seed):
    scenario = make(seed)
    library, problems = examine(scenario.head.library)
    assert [each for each in problems if each.level == "error"] == []
    assert {each.root for each in scenario.outages.values()} <= set(library.services)
    told = {value["id"] for _, value in events(scenario)}
    assert {each.change for each in scenario.outages.values() if each.change} <= told
    assert all(each.at <= after.at for each, after in pairwise(scenario.inputs))
    for _, alert in alerts(scenario):
        assert alert["fingerprint"] == fingerprint(alert["labels"])
    fires = {Episode(known.fingerprint, known.starts_at) for known in map(known_alert, just_alerts(scenario))}
    assert fires <= set(scenario.truth)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_alert_begins_while_it_fires(seed):
    scenario = make(seed, "cascade")
    spans = {}
    for _, alert in alerts(scenario):
        if alert["status"] == "resolved":
            spans.setdefault(alert["fingerprint"], set()).add((alert["startsAt"], alert["endsAt"]))
    assert spans
    for found in spans.values():
        assert all(before[1] < after[0] for before, after in pairwise(sorted(found)))


def test_a_quiet_day_has_noise_and_changes_and_no_outage():
    for seed in range(5):
        scenario = make(seed, "quiet")
        assert not scenario.outages
        assert set(scenario.truth.values()) == {None}
        assert len(scenario.truth) > 5
        assert events(scenario)


def test_most_cascades_raise_alerts_of_many_services():
    sizes = [Counter(make(seed, "cascade").truth.values())["outage-0"] for seed in range(20)]
    assert sum(size >= 8 for size in sizes) >= 10
    assert max(sizes) >= 30


@pytest.mark.parametrize("seed", [7056])
def test_two_things_are_found_that_have_nothing_to_do_with_one_another_though_some_is_needed_by_all(seed):
    assert len(make(seed, "concurrent").outages) > 1


def test_concurrent_outages_overlap_in_time():
    for seed in range(10):
        scenario = make(seed, "concurrent")
        main = [each for each in scenario.outages if each.startswith("outage")]
        assert len(main) >= 2
        begins = {
            name: min(each.starts_at for each, outage in scenario.truth.items() if outage == name)
            for name in main
            if name in scenario.truth.values()
        }
        assert (max(begins.values()) - min(begins.values())).total_seconds() < 2400


def test_no_part_of_an_outage_needs_a_part_of_another():
    for seed in range(12):
        random = Random(f"bound/{seed}")
        estate, story = make_estate(random), Story()
        CLASSES["concurrent"](random, estate, story)
        assert len(story.troubles) >= 2
        for one, other in permutations(story.troubles, 2):
            above = set().union(*(estate.above(name) | {name} for name in one.touched))
            assert not above & set(other.touched)


def test_a_flapping_alert_fires_again_and_again():
    for seed in range(10):
        scenario = make(seed, "flap")
        times = Counter(each.fingerprint for each, outage in scenario.truth.items() if outage == "outage-0")
        assert max(times.values()) >= 5


def test_a_guilty_change_comes_before_its_outage_among_innocent_ones():
    for seed in range(10):
        scenario = make(seed, "guilty")
        outage = scenario.outages["outage-0"]
        guilty = next(value for _, value in events(scenario) if value["id"] == outage.change)
        assert guilty["service"] == outage.root
        begins = min(each.starts_at for each, about in scenario.truth.items() if about == outage.id)
        assert guilty["time"] < begins.isoformat()
        assert len(events(scenario)) >= 3


def test_no_change_of_the_root_comes_before_an_outage_that_none_caused():
    for seed in range(10):
        scenario = make(seed, "innocent")
        outage = scenario.outages["outage-0"]
        assert outage.change is None
        begins = min(at for at, alert in alerts(scenario) if about(scenario, alert) == outage.id)
        before = [value for at, value in events(scenario) if begins - 3000 < at < begins]
        assert outage.root not in {v["service"] for v in before if v["environment"] == "production"}


def about(scenario, alert):
    known = known_alert(alert)
    return scenario.truth[Episode(known.fingerprint, known.starts_at)]


def first_told(scenario):
    """Give when each firing was told first, in seconds; None: never."""
    told = dict.fromkeys(scenario.truth)
    for at, alert in alerts(scenario):
        known = known_alert(alert)
        episode = Episode(known.fingerprint, known.starts_at)
        if known.status == "firing" and told[episode] is None:
            told[episode] = at
    return told


def seconds(scenario, episode):
    return (episode.starts_at - scenario.head.start).total_seconds()


def test_late_news_is_late_and_some_never_comes():
    delays = []
    for seed in range(10):
        scenario = make(seed, "late")
        delays += [at and at - seconds(scenario, each) for each, at in first_told(scenario).items()]
    assert sum(each is not None and each > 60 for each in delays) / len(delays) > 0.15
    assert 0.02 < sum(each is None for each in delays) / len(delays) < 0.15


def test_news_comes_at_once_and_by_right_clocks_elsewhere():
    scenario = make(1, "concurrent")
    assert all(0 < at - seconds(scenario, each) < 31 for each, at in first_told(scenario).items())


def test_clocks_may_be_an_hour_off():
    offs = []
    for seed in range(16):
        scenario = make(seed, "skew")
        offs += [at - seconds(scenario, each) for each, at in first_told(scenario).items()]
    assert max(offs) > 3000
    assert min(offs) < -1000
