"""Inhibition as Alertmanager documents it, as a table of cases; and what becomes of alerts that it mutes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.core.bounds import HELD, HELD_BYTES, INHIBITORS
from app.core.quiet import holding
from app.core.quiet.inhibition import FORGOTTEN, inhibited
from app.core.quiet.muting import muted_by
from app.model.commands import ChatCommand, EscalationCommand
from app.model.inputs import TimerFired
from app.model.matchers import Match, parse_matcher
from app.model.noise import InhibitRule
from app.model.outputs import IncidentEvent
from app.model.presence import AlertSource, Resolves
from app.model.quiet import Inhibitor
from app.model.standings import Standing
from tests.core.estate import library, seconds
from tests.core.story import START, Story


def rule(source: str, target: str, *equal: str, name: str = "1") -> InhibitRule:
    return InhibitRule(name, matchers(source), matchers(target), equal)


def matchers(text: str):
    return tuple(parse_matcher(each) for each in text.split(";"))


NODE = rule('alertname="NodeDown"', 'severity="warning"', "node")
WORSE = rule('severity="critical"', 'severity=~"warning|info"', "alertname", "cluster")
BOTH = rule('severity=~"critical|warning"', 'severity=~"warning|info"', "cluster")
NOT_REPEATED = AlertSource("nodes", Match((matchers('alertname="NodeDown"'),)), Resolves.AFTER, seconds(300))
SELF = rule('alertname=~"Node.*"', 'alertname=~"Node.*"', "node")

CASES = [
    # what is tried, the rule, the alert that fires already, the alert that comes, whether it is muted
    ("equal labels", NODE, "alertname=NodeDown node=a", "severity=warning node=a", True),
    ("other value", NODE, "alertname=NodeDown node=a", "severity=warning node=b", False),
    ("missing in the source", NODE, "alertname=NodeDown", "severity=warning node=a", False),
    ("missing in the target", NODE, "alertname=NodeDown node=a", "severity=warning", False),
    ("missing equals missing", NODE, "alertname=NodeDown", "severity=warning", True),
    ("missing equals empty", NODE, "alertname=NodeDown node=", "severity=warning", True),
    ("no source", NODE, "alertname=NodeSlow node=a", "severity=warning node=a", False),
    ("no target", NODE, "alertname=NodeDown node=a", "severity=error node=a", False),
    (
        "all equal labels must be equal",
        WORSE,
        "severity=critical alertname=Slow cluster=x",
        "severity=warning alertname=Slow cluster=y",
        False,
    ),
    (
        "several equal labels",
        WORSE,
        "severity=critical alertname=Slow cluster=x",
        "severity=info alertname=Slow cluster=x",
        True,
    ),
    (
        "a matcher's regular expression is anchored",
        WORSE,
        "severity=critical alertname=Slow",
        "severity=warnings alertname=Slow",
        False,
    ),
    (
        "a source that is no target mutes what is both",
        BOTH,
        "severity=critical cluster=x",
        "severity=warning cluster=x",
        True,
    ),
    (
        "what is both mutes what is only a target",
        BOTH,
        "severity=warning cluster=x",
        "severity=info cluster=x",
        True,
    ),
    (
        "what is both does not mute what is both",
        BOTH,
        "severity=warning cluster=x",
        "severity=warning cluster=x pod=b",
        False,
    ),
    ("nothing mutes itself", SELF, "alertname=NodeDown node=a", "alertname=NodeDown node=a", False),
    ("no equal labels: everything", rule('a="1"', 'b="2"'), "a=1 x=y", "b=2 x=z", True),
    ("a missing label is an empty one in matchers", rule('a=""', 'b="2"'), "x=y", "b=2", True),
    ("not equal", rule('a!="1"', 'b="2"'), "a=1", "b=2", False),
    ("not matching", rule('a!~"1|2"', 'b="2"'), "a=3", "b=2", True),
]


def labels(text: str) -> dict[str, str]:
    return dict(each.split("=", 1) for each in text.split())


@pytest.mark.parametrize(
    ("rule", "source", "target", "is_muted"), [each[1:] for each in CASES], ids=[each[0] for each in CASES]
)
def test_whether_an_alert_is_muted(rule, source, target, is_muted) -> None:
    found = inhibited(labels(target), [rule], {"s": Inhibitor(labels=labels(source), since=START)})
    assert found == ((rule, "s") if is_muted else None)


def test_the_first_rule_that_mutes_is_named() -> None:
    known = {"s": Inhibitor(labels={"a": "1"}, since=START)}
    first, second = rule('a="2"', 'b="2"', name="first"), rule('a="1"', 'b="2"', name="second")
    assert inhibited({"b": "2"}, [first, second, replace(second, name="third")], known) == (second, "s")


# --- in the engine


def estate(*rules: InhibitRule) -> Story:
    inhibit = rules or (rule('alertname="NodeDown"', 'alertname=~"Crash|Slow"', "node", name="node"),)
    return Story(replace(library(), inhibit=inhibit))


def muted(story: Story) -> list[tuple[int, int, list[str]]]:
    """The domain's standings: how many are held, how many were beyond, and what mutes those that are shown."""
    return [
        (each.muted.count, each.muted.beyond, [alert.by for alert in each.muted.alerts])
        for each in story.put_out(Standing, id=f"muted:{story.domain}")
    ]


def names(story: Story) -> list[set[str]]:
    return [{view.name for view in each.alerts} for each in story.record.incidents.values()]


def test_a_muted_alert_opens_nothing_tells_nobody_and_is_shown() -> None:
    story = estate()
    story.alert("NodeDown", node="a")
    told = len(story.put_out(ChatCommand)), len(story.put_out(EscalationCommand))
    news = story.at(5).alert("Crash", node="a", severity="critical")
    assert [type(each) for each in news] == [Standing]
    assert (len(story.put_out(ChatCommand)), len(story.put_out(EscalationCommand))) == told
    assert muted(story) == [(1, 0, ["inhibit:node"])]
    (shown,) = story.put_out(Standing)[-1].muted.alerts
    assert (shown.name, shown.since, shown.source) == (
        "Crash",
        START + seconds(5),
        next(iter(story.incident.members)),
    )
    assert names(story) == [{"NodeDown"}]


def test_one_that_still_fires_takes_effect_when_its_source_is_over() -> None:
    story = estate()
    story.alert("NodeDown", node="a")
    story.alert("Crash", node="a", severity="critical")
    story.at(60).resolves("NodeDown", node="a", lasts=60)
    crash = next(each for each in story.record.incidents.values() if "Crash" in {v.name for v in each.alerts})
    assert crash.firing == 1
    assert crash.severity == "critical"
    assert story.told("AlertUnmuted") == ["quiet_over"]
    assert muted(story)[-1] == (0, 0, [])
    assert story.record.quiet.held == {}


def test_one_that_ended_meanwhile_does_not() -> None:
    story = estate()
    story.alert("NodeDown", node="a")
    story.alert("Crash", node="a")
    story.at(30).resolves("Crash", node="a", lasts=30)
    assert muted(story)[-1] == (0, 0, [])
    story.at(60).resolves("NodeDown", node="a", lasts=60)
    assert names(story) == [{"NodeDown"}]


def test_one_of_an_open_incident_goes_on_counting_there() -> None:
    story = estate()
    story.alert("Crash", node="a")
    story.alert("NodeDown", node="a")
    before = len(story.put_out(ChatCommand))
    story.at(10).resolves("Crash", node="a", lasts=10)
    assert story.incident.firing == 1
    story.at(20).alert("Crash", node="a", starts=20)
    assert story.incident.firing == 2
    assert muted(story) == []
    assert len(story.put_out(ChatCommand)) == before


def test_one_that_is_muted_keeps_others_quiet() -> None:
    story = estate(
        rule('alertname="NodeDown"', 'alertname="Crash"', name="one"),
        rule('alertname="Crash"', 'alertname="Slow"', name="two"),
    )
    story.alert("NodeDown")
    story.alert("Crash")
    story.alert("Slow")
    assert muted(story)[-1] == (2, 0, ["inhibit:one", "inhibit:two"])
    story.at(60).resolves("NodeDown", lasts=60)
    assert muted(story)[-1] == (1, 0, ["inhibit:two"])


def test_the_incident_of_its_source_is_resolved_by_a_person() -> None:
    story = estate()
    story.alert("NodeDown", node="a")
    story.alert("Crash", node="a")
    story.at(60).responds("resolve")
    assert story.told("IncidentReopened") == ["same_service"]
    assert {"NodeDown", "Crash"} in names(story)


def test_a_rule_that_is_taken_back_frees_what_it_muted() -> None:
    story = estate()
    story.alert("NodeDown", node="a")
    story.alert("Crash", node="a")
    story.publish(replace(library(hash_="lib2")))
    story.at(60).deploys()
    assert muted(story)[-1] == (0, 0, [])
    assert any("Crash" in each for each in names(story))


def test_severity_none_may_keep_quiet_and_is_forgotten_after_a_day_without_its_end() -> None:
    story = estate(rule('alertname="InfoInhibitor"', 'severity="info"', "node"))
    story.alert("InfoInhibitor", severity="none", node="a")
    story.alert("Crash", severity="info", node="a")
    assert story.record.incidents == {}
    story.at(FORGOTTEN.total_seconds() + 1)
    assert names(story) == [{"Crash"}]
    assert story.record.quiet.inhibitors == {}
    assert not [each for each in story.record.timers if each.startswith("quiet/")]


def test_one_of_an_open_incident_is_not_forgotten() -> None:
    story = estate()
    story.alert("NodeDown", node="a")
    story.alert("Crash", node="a")
    story.at(3 * FORGOTTEN.total_seconds())
    assert names(story) == [{"NodeDown"}]
    assert muted(story)[-1][0] == 1


@pytest.mark.parametrize("rules", [{}, {"silent_after": seconds(300)}])
def test_a_source_that_counts_as_over_because_it_is_not_repeated_frees_what_it_muted(rules) -> None:
    story = Story(replace(library(**rules), inhibit=(NODE,), sources={"nodes": NOT_REPEATED}))
    story.alert("NodeDown", node="a")
    if not rules:
        story.alert("Slow", node="b")  # it keeps their incident open
    story.at(5).alert("Crash", starts=5, node="a")
    assert muted(story)[-1] == (1, 0, ["inhibit:1"])
    story.at(299)
    assert muted(story)[-1] == (1, 0, ["inhibit:1"])
    story.at(301)
    assert story.told("AlertsEnded") != []
    assert muted(story)[-1] == (0, 0, [])
    assert any("Crash" in each for each in names(story))


def test_a_source_that_is_heard_of_again_mutes_again() -> None:
    story = Story(replace(library(), inhibit=(NODE,), sources={"nodes": NOT_REPEATED}))
    story.alert("NodeDown", node="a")
    story.at(301).alert("NodeDown", starts=301, node="a")
    story.at(302).alert("Crash", starts=302, node="a")
    assert muted(story) == [(1, 0, ["inhibit:1"])]


def test_an_older_firing_of_a_source_that_comes_late_changes_nothing() -> None:
    story = estate()
    story.at(20).alert("NodeDown", starts=10, node="a")
    story.at(21).alert("NodeDown", starts=0, node="a")
    story.at(22).resolves("NodeDown", starts=0, lasts=5, node="a")
    story.at(23).alert("Crash", starts=23, node="a")
    assert muted(story) == [(1, 0, ["inhibit:node"])]


def test_an_old_end_frees_nothing() -> None:
    story = estate()
    story.at(100).alert("NodeDown", starts=100, node="a")
    story.alert("Crash", starts=100, node="a")
    story.resolves("NodeDown", starts=0, lasts=50, node="a")
    story.resolves("Crash", starts=0, lasts=50, node="a")
    assert muted(story) == [(1, 0, ["inhibit:node"])]


def test_what_is_held_is_bounded_and_the_rest_counted() -> None:
    story = estate()
    story.alert("NodeDown", node="a")
    for number in range(HELD + 5):
        story.alert("Crash", node="a", pod=f"p{number}")
    count, beyond, shown = muted(story)[-1]
    assert 50 < count <= HELD
    assert (count + beyond, len(shown)) == (HELD + 5, 20)
    assert len(story.record.quiet.model_dump_json()) < 1.5 * HELD_BYTES
    story.at(60).resolves("NodeDown", node="a", lasts=60)
    assert max(each.firing for each in story.record.incidents.values()) == count
    assert muted(story)[-1] == (0, 0, [])


def test_beyond_the_bound_a_source_keeps_nothing_quiet() -> None:
    story = estate()
    for number in range(INHIBITORS + 1):
        story.alert("NodeDown", node=f"n{number}")
    story.alert("Crash", node=f"n{INHIBITORS}")
    assert len(story.record.quiet.inhibitors) <= INHIBITORS
    assert muted(story) == []


def test_a_timer_that_is_held_no_more_changes_nothing() -> None:
    story = estate()
    story.alert("NodeDown", node="a")
    (timer,) = (each for each in story.record.timers.values() if each.id.startswith("quiet/"))
    story.at(60).resolves("NodeDown", node="a", lasts=60)
    before = story.record.incidents
    assert story.fire_timer(TimerFired(id=timer.id, due=timer.due, kind=timer.kind)) == []
    assert story.record.incidents == before


def test_each_decision_has_one_cause() -> None:
    story = estate()
    story.alert("NodeDown", node="a")
    story.alert("Crash", node="a")
    story.at(60).resolves("NodeDown", node="a", lasts=60)
    opened = [each for each in story.put_out(IncidentEvent) if each.data.get("alertname") == "Crash"]
    assert len({each.cause for each in opened}) == 1
    assert opened[0].cause.startswith("alert:")


def test_only_what_a_source_muted_is_judged_anew_once_it_is_over(monkeypatch) -> None:
    story = estate()
    for node in "abc":
        story.alert("NodeDown", node=node)
        story.alert("Crash", node=node)
    judged = []

    def judge(draft, signal):
        judged.append(signal.alert.labels["node"])
        return muted_by(draft, signal)

    monkeypatch.setattr(holding, "muted_by", judge)
    story.at(60).resolves("NodeDown", node="b", lasts=60)
    assert judged == ["b", "a", "b", "c"], "one, then all, with what `control` says of silences"
    assert {held.signal.alert.labels["node"] for held in story.record.quiet.held.values()} == {"a", "c"}
