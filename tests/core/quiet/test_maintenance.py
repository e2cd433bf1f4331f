"""Maintenance windows: alerts that come in them are held, and take effect if they still fire when the last of them is over."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from app.core.explain import explain
from app.model.inputs import Alert
from app.model.matchers import parse_matcher
from app.model.noise import Maintenance, Once
from tests.core.estate import library, seconds
from tests.core.quiet.test_inhibition import muted, names
from tests.core.story import START, Story


@dataclass(frozen=True)
class Hourly:
    """Ten minutes of every hour."""

    def active(self, at: datetime) -> datetime | None:
        hour = at.replace(minute=0, second=0, microsecond=0)
        return hour + seconds(600) if at < hour + seconds(600) else None


def once(start: float, end: float) -> Once:
    return Once(START + seconds(start), START + seconds(end))


def estate(*windows: Maintenance) -> Story:
    return Story(replace(library(), maintenance=windows))


def test_what_comes_in_a_window_is_held_and_takes_effect_at_its_end() -> None:
    story = estate(Maintenance("move", once(0, 600), services=("cart",)))
    story.at(10).alert(starts=10, severity="critical")
    assert story.record.incidents == {}
    assert muted(story) == [(1, 0, ["maintenance:move"])]
    story.at(599)
    assert story.record.incidents == {}
    story.at(600)
    assert names(story) == [{"Crash"}]
    assert story.told("AlertUnmuted") == ["quiet_over"]


def test_what_ends_in_it_is_nothing() -> None:
    story = estate(Maintenance("move", once(0, 600)))
    story.alert()
    story.at(60).resolves(lasts=60)
    story.at(700)
    assert story.record.incidents == {}


def test_before_and_after_it_alerts_count() -> None:
    story = estate(Maintenance("move", once(100, 200)))
    story.alert()
    assert len(story.record.incidents) == 1
    story.at(200).alert(pod="b", starts=200)
    assert story.incident.alert_count == 2


def test_others_count() -> None:
    story = estate(
        Maintenance("a", once(0, 600), services=("stock",)),
        Maintenance("b", once(0, 600), teams=("data",)),
        Maintenance("c", once(0, 600), matchers=(parse_matcher('pod="x"'),)),
    )
    story.alert()
    assert names(story) == [{"Crash"}]


def test_windows_that_follow_one_another_are_one_quiet() -> None:
    story = estate(
        Maintenance("a", once(0, 600)), Maintenance("b", once(500, 900)), Maintenance("c", once(900, 1000))
    )
    story.alert()
    story.at(999)
    assert story.record.incidents == {}
    assert [each[2] for each in muted(story)] == [["maintenance:a"], ["maintenance:b"], ["maintenance:c"]]
    story.at(1000)
    assert names(story) == [{"Crash"}]


def test_windows_that_come_again() -> None:
    story = estate(Maintenance("hourly", Hourly(), teams=("shop",)))
    story.at(300).alert(starts=300)
    story.at(600)
    assert names(story) == [{"Crash"}]
    story.at(3600).alert(pod="b", starts=3600)
    assert muted(story)[-1][0] == 1


def test_one_whose_incident_comes_back_counts_there() -> None:
    story = estate(Maintenance("move", once(10, 600), matchers=(parse_matcher('alertname="Crash"'),)))
    story.alert("Slow")
    story.alert("Crash")
    story.responds("resolve")
    story.at(15).alert("Crash", starts=15)
    assert muted(story) == [(1, 0, ["maintenance:move"])]
    story.at(20).alert("Slow", starts=20)
    assert muted(story)[-1] == (0, 0, [])
    assert (story.incident.firing, story.incident.alert_count) == (2, 2)


def test_a_window_that_is_taken_out_frees_what_it_muted() -> None:
    story = estate(Maintenance("move", once(0, 6000)))
    story.alert()
    story.publish(library(hash_="lib2"))
    story.at(60).deploys()
    assert names(story) == [{"Crash"}]


def test_explain_says_until_when() -> None:
    estate_of = replace(library(), maintenance=(Maintenance("move", once(0, 600), services=("cart",)),))
    alert = Alert(labels={"alertname": "Crash", "service": "cart"})
    said = explain(alert, estate_of, START + seconds(5))
    assert (said.verdict, said.verdict_reason, said.muted_until) == (
        "hold",
        "maintenance:move",
        START + seconds(600),
    )
    assert explain(alert, estate_of, START + seconds(600)).verdict == "open"
