"""What the engine made of a scenario, read off what it puts out."""

from __future__ import annotations

from collections import Counter

import pytest

from app.evaluate.campaign import OURS, judge
from app.evaluate.generator.make import make
from app.evaluate.play import follow, play
from app.library.compile import compile_library
from app.model.words import IncidentStatus
from tests.evaluate.night import LIBRARY, alert, deploy, episode, scenario, told


def played(*inputs):
    return play(scenario(*inputs), LIBRARY)


def test_an_incident_is_the_cluster_of_what_opened_and_joined_it():
    result = played(told(5, alert("Down"), alert("Slow", begins=2)), told(9, alert("Down", "pay", begins=3)))
    assert [each.episodes for each in result.clusters] == [
        {episode("Down"), episode("Slow", begins=2)},
        {episode("Down", "pay", begins=3)},
    ]
    assert [each.service for each in result.clusters] == ["cart", "pay"]
    assert len(result.told) == 3


def test_a_firing_that_is_told_again_is_one():
    result = played(*(told(at, alert("Down")) for at in (5, 300, 600)))
    assert [each.episodes for each in result.clusters] == [{episode("Down")}]


def test_an_alert_that_comes_back_is_a_firing_of_its_own():
    result = played(
        told(5, alert("Down"), alert("Slow")),
        told(60, alert("Down", ends=50)),
        told(90, alert("Down", begins=80)),
        told(200, alert("Down", begins=80, ends=190), alert("Slow", ends=190)),
        told(400, alert("Down", begins=390)),
    )
    (only,) = result.clusters
    assert only.episodes == {
        episode("Down"),
        episode("Slow"),
        episode("Down", begins=80),
        episode("Down", begins=390),
    }


def test_what_fires_after_the_end_of_its_incident_is_another():
    result = played(
        told(5, alert("Down")), told(60, alert("Down", ends=50)), told(6000, alert("Down", begins=5990))
    )
    assert [each.episodes for each in result.clusters] == [{episode("Down")}, {episode("Down", begins=5990)}]


def test_what_never_opens_an_incident_is_in_no_cluster():
    result = played(told(5, alert("Watchdog", severity="none")))
    assert (result.clusters, result.told) == ([], {episode("Watchdog", severity="none")})


def test_an_end_alone_is_no_firing():
    assert played(told(60, alert("Down", ends=50))).told == frozenset()


def test_pages_and_chat_messages_are_notifications():
    (only,) = played(told(5, alert("Down")), told(9, alert("Slow"))).clusters
    assert only.notifications == 2


def test_changes_are_suspected_in_the_order_of_the_incident():
    (only,) = played(deploy(1, "d1"), deploy(3, "d2"), told(5, alert("Down")), deploy(7, "d3")).clusters
    assert only.changes == ("d3", "d2", "d1")


def test_a_scenario_is_judged_beside_the_baselines():
    inputs = (
        deploy(1, "d1"),
        told(5, alert("Down")),
        told(30, alert("Slow", begins=20)),
        told(40, alert("Old", begins=35)),
    )
    truth = {episode("Down"): "o", episode("Slow", begins=20): "o", episode("Old", begins=35): None}
    tallies = judge(scenario(*inputs, truth=truth, outages=[("o", "cart", "d1")])).tallies
    ours, by_name = tallies[OURS], tallies["labels: alertname"]
    assert (ours.true_pairs, ours.predicted_pairs, ours.right_pairs) == (1, 3, 1)
    assert (ours.root, ours.change_first, ours.merged_share) == (1, 1, None)
    assert (by_name.predicted_pairs, by_name.clusters, by_name.noise_clusters) == (0, 2, 1)


@pytest.mark.parametrize("seed", range(9))
def test_events_name_all_that_incidents_count(seed):
    made = make(seed)
    following = follow(made, compile_library(made.head.library))
    named = Counter(incident for incident, _ in {(i, each.fingerprint) for each, i in following.home.items()})
    assert named == {
        incident: each.alert_count
        for incident, each in following.snapshots.items()
        if each.status is not IncidentStatus.MERGED
    }
