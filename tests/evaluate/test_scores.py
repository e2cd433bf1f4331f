"""The scores, by tables that were worked out by hand."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import pytest

from app.evaluate.scenario import Episode, Outage
from app.evaluate.scores import Cluster, Tally, score

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
OUTAGES = {
    "A": Outage(id="A", root="db", change="d1"),
    "B": Outage(id="B", root="cart"),
    "C": Outage(id="C", root="web"),
}


def firing(word):
    """`a1` is a firing of outage A, `n1` one of noise; `n1+2` is the alert n1 again, two minutes later."""
    name, _, later = word.partition("+")
    return Episode(name, START + timedelta(minutes=int(later or 0)))


def truth_of(words):
    return {firing(each): each[0].upper() if each[0] != "n" else None for each in words}


def cluster(words, **fields):
    return Cluster(frozenset(firing(each) for each in words.split()), **fields)


def judged(told, *clusters):
    words = told.split()
    return score([firing(each) for each in words], truth_of(words), OUTAGES, clusters)


@pytest.mark.parametrize(
    ("told", "clusters", "pairs", "shares"),
    [
        # (true, predicted, right pairs), (precision, recall, F1)
        ("a1 a2 a3", ["a1 a2 a3"], (3, 3, 3), (1, 1, 1)),
        ("a1 a2 a3", ["a1 a2", "a3"], (3, 1, 1), (1, 1 / 3, 1 / 2)),
        ("a1 a2 a3", ["a1", "a2", "a3"], (3, 0, 0), (None, 0, 0)),
        ("a1 a2 a3", [], (3, 0, 0), (None, 0, 0)),
        ("a1 a2 b1 b2", ["a1 a2 b1 b2"], (2, 6, 2), (1 / 3, 1, 1 / 2)),
        ("a1 a2 b1 b2", ["a1 b1", "a2 b2"], (2, 2, 0), (0, 0, 0)),
        ("a1 a2 a3 n1", ["a1 a2 a3 n1"], (3, 6, 3), (1 / 2, 1, 2 / 3)),
        ("a1 a2 n1 n2", ["a1 a2", "n1 n2"], (1, 2, 1), (1 / 2, 1, 2 / 3)),
        ("a1 a2 n1", ["a1 a2", "n1"], (1, 1, 1), (1, 1, 1)),
        ("n1 n2", ["n1", "n2"], (0, 0, 0), (None, None, None)),
        ("n1 n2", ["n1 n2"], (0, 1, 0), (0, None, None)),
        # firings of one alert: of an outage they are pairs like others, of noise they are left out
        ("a1 a1+5 a2", ["a1 a1+5 a2"], (3, 3, 3), (1, 1, 1)),
        ("a1 a1+5 a2", ["a1 a2", "a1+5"], (3, 1, 1), (1, 1 / 3, 1 / 2)),
        ("n1 n1+5 n1+9", ["n1 n1+5 n1+9"], (0, 0, 0), (None, None, None)),
        ("a1 a2 n1 n1+5", ["a1 a2 n1 n1+5"], (1, 5, 1), (1 / 5, 1, 1 / 3)),
        # what is in no cluster is in no pair
        ("a1 a2 a3 n1", ["a1 a2"], (3, 1, 1), (1, 1 / 3, 1 / 2)),
    ],
)
def test_pairs(told, clusters, pairs, shares):
    tally = judged(told, *(cluster(each) for each in clusters))
    assert (tally.true_pairs, tally.predicted_pairs, tally.right_pairs) == pairs
    assert (tally.precision, tally.recall, tally.f1) == pytest.approx(shares)
    assert tally.wrong == pairs[1] - pairs[2]


@pytest.mark.parametrize(
    ("told", "clusters", "outages", "missed", "per_outage", "merged"),
    [
        ("a1 a2", ["a1 a2"], 1, 0, 1, None),
        ("a1 a2 a3", ["a1", "a2 a3"], 1, 0, 2, None),
        ("a1 a2 b1", ["a1 a2", "b1"], 2, 0, 1, 0),
        ("a1 a2 b1", ["a1 a2 b1"], 2, 0, 1, 1),
        ("a1 a2 b1 c1", ["a1 a2 b1", "c1"], 3, 0, 1, 2 / 3),
        ("a1 a2 b1 b2", ["a1 b1", "a2", "b2"], 2, 0, 2, 1),
        ("a1 b1", ["a1"], 2, 1, 1, 0),
        ("a1", [], 1, 1, None, None),
        ("a1 n1", ["a1 n1"], 1, 0, 1, None),
        ("n1", ["n1"], 0, 0, None, None),
    ],
)
def test_outages(told, clusters, outages, missed, per_outage, merged):
    tally = judged(told, *(cluster(each) for each in clusters))
    assert (tally.outages, tally.missed) == (outages, missed)
    assert (tally.per_outage, tally.merged_share) == pytest.approx((per_outage, merged))


@pytest.mark.parametrize(
    ("clusters", "root"),
    [
        ([cluster("a1 a2 a3", service="db")], 1),
        ([cluster("a1 a2 a3", service="web")], 0),
        ([cluster("a1", service="web"), cluster("a2 a3", service="db")], 1),
        ([cluster("a1", service="db"), cluster("a2 a3", service="web")], 0),
        ([cluster("a1", service="db"), cluster("a2", service="web"), cluster("a3", service="web")], 1),
        ([], 0),
    ],
)
def test_the_main_cluster_names_the_root_the_older_of_two(clusters, root):
    assert judged("a1 a2 a3", *clusters).root == root


@pytest.mark.parametrize(
    ("changes", "first", "among"),
    [
        (("d1", "x"), 1, 1),
        (("x", "d1"), 0, 1),
        (("x", "y", "d1"), 0, 1),
        (("x", "y", "z", "d1"), 0, 0),
        ((), 0, 0),
    ],
)
def test_the_guilty_change(changes, first, among):
    tally = judged("a1 b1", cluster("a1", changes=changes), cluster("b1", changes=("d1",)))
    assert (tally.caused, tally.change_first, tally.change_among) == (1, first, among)


def test_without_a_guilty_change_there_is_no_share():
    tally = judged("b1", cluster("b1", changes=("x",)))
    assert (tally.change_first, tally.change_among) == (None, None)


def test_notifications_of_noise_are_counted_apart():
    tally = judged(
        "a1 b1 n1 n2",
        cluster("a1 n1", notifications=3),
        cluster("b1", notifications=2),
        cluster("n2", notifications=4),
    )
    assert (tally.told, tally.noise, tally.noise_notifications) == (2.5, 1, 4)


def test_an_outage_of_which_nothing_was_told_counts_nowhere():
    tally = score([firing("b1")], truth_of(["a1", "a2", "b1"]), OUTAGES, [cluster("b1", service="cart")])
    assert (tally.outages, tally.true_pairs, tally.caused, tally.rivals, tally.root) == (1, 0, 0, 0, 1)


def test_a_firing_without_truth_is_noise():
    tally = score([firing("a1"), firing("x")], truth_of(["a1"]), OUTAGES, [cluster("a1 x")])
    assert (tally.predicted_pairs, tally.right_pairs) == (1, 0)


def test_tallies_add_up():
    one = judged("a1 a2", cluster("a1 a2", service="db", notifications=1))
    two = judged("a1 a2 b1", cluster("a1", notifications=2), cluster("a2 b1"))
    both = one + two
    assert both.scenarios == 2
    assert (both.true_pairs, both.predicted_pairs, both.right_pairs) == (2, 2, 1)
    assert (both.outages, both.rivals, both.merged, both.rooted, both.caused) == (3, 2, 2, 1, 2)
    assert asdict(Tally() + one) == asdict(one)
