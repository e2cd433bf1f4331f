"""The baselines do as their models do: Alertmanager's groups with their waits, and windows of time."""

from __future__ import annotations

import pytest

from app.evaluate.baselines import baselines, by_labels, by_time, read_news
from tests.evaluate.night import LIBRARY, alert, deploy, episode, scenario, told


def news(*inputs):
    return read_news(scenario(*inputs), LIBRARY)


def found(clusters):
    return [(sorted(each.episodes), each.notifications) for each in clusters]


def test_equal_labels_are_a_group():
    given = news(told(5, alert("Down", pod="a"), alert("Down", pod="b"), alert("Slow")))
    by_name = by_labels(given, ("alertname",))
    assert [len(each.episodes) for each in by_name] == [2, 1]
    assert [len(each.episodes) for each in by_labels(given, ("service",))] == [3]
    assert [len(each.episodes) for each in by_labels(given, ("nothing",))] == [3]


@pytest.mark.parametrize(
    ("second_at", "notifications"),
    [
        (20, 1),  # within group_wait: told together
        (40, 2),  # later: with the next group_interval
        (320, 2),
    ],
)
def test_a_group_waits_and_then_keeps_its_interval(second_at, notifications):
    given = news(told(5, alert("Down")), told(second_at, alert("Slow", begins=second_at)))
    (only,) = by_labels(given, ("service",))
    assert (len(only.episodes), only.notifications) == (2, notifications)


def test_a_group_that_is_told_as_over_is_gone():
    given = news(
        told(5, alert("Down")),
        told(50, alert("Down", ends=45)),
        told(400, alert("Down", begins=390)),  # it was flushed at 35 and 335
    )
    assert [len(each.episodes) for each in by_labels(given, ("service",))] == [1, 1]


def test_what_comes_back_before_that_is_in_the_group_still():
    given = news(
        told(5, alert("Down")), told(50, alert("Down", ends=45)), told(300, alert("Down", begins=290))
    )
    (only,) = by_labels(given, ("service",))
    assert (len(only.episodes), only.notifications) == (2, 2)


def test_an_end_without_a_group_makes_none():
    assert by_labels(news(told(50, alert("Down", ends=45))), ("service",)) == []


def test_a_repeat_is_no_news():
    given = news(*(told(at, alert("Down")) for at in (5, 305, 605)))
    assert found(by_labels(given, ("service",))) == [([episode("Down")], 1)]
    assert found(by_time(given, 60)) == [([episode("Down")], 1)]


def test_what_fires_on_for_four_hours_is_told_again():
    given = news(told(5, alert("Down")), told(5 * 3600, alert("Slow", "pay", begins=17000)))
    assert by_labels(given, ("service",))[0].notifications == 2


def test_a_window_lasts_as_long_as_alerts_keep_coming():
    given = news(*(told(at, alert(f"A{at}", begins=at)) for at in (5, 55, 105, 200)))
    assert [len(each.episodes) for each in by_time(given, 60)] == [3, 1]


def test_what_goes_nowhere_is_left_out():
    assert news(told(5, alert("Watchdog", severity="none"))) == []


def test_the_first_alert_stands_for_the_root_and_the_newest_change_for_the_guilty_one():
    inputs = (
        deploy(10, "old"),
        deploy(3000, "d1"),
        deploy(3600, "d2", "pay"),
        told(3700, alert("Down", "pay")),
        told(3710, alert("Down")),
        deploy(3720, "after"),
    )
    clusters = baselines(scenario(*inputs), LIBRARY)
    (group,) = clusters["labels: alertname"]
    assert (group.service, group.changes) == ("pay", ("d2", "d1"))
    assert [each.service for each in clusters["labels: namespace, service"]] == ["pay", "cart"]
    assert clusters["time: 60 s"] == [group]
