"""Sources and heartbeats: what is read, what is refused, and which waits can never end."""

from datetime import timedelta

import pytest

from app.library.compile import compile_library
from app.library.implication import implies, may_both_hold
from app.library.lint import lint
from app.model.matchers import parse_matcher
from app.model.presence import Resolves
from app.model.words import Severity


def matchers(text):
    return [parse_matcher(each) for each in text.split(" ")] if text else []


@pytest.mark.parametrize(
    ("given", "wanted", "implied"),
    [
        ('a="x"', 'a="x"', True),
        ('a="x"', 'a="y"', False),
        ('a="x" b="y"', 'a="x"', True),
        ('a="x"', 'a="x" b="y"', False),
        ('a="x"', 'a=~"x|y"', True),
        ('a=~"x|y"', 'a="x"', False),
        ('a=~"x|y"', 'a=~"y|x|z"', True),
        ('a=~"x.*"', 'a=~"x.*"', True),
        ('a=~"x.*"', 'a!="y"', False),
        ('a="x"', 'a!="y"', True),
        ('a="x"', 'a!~"x|y"', False),
        ('a!="y"', 'a!="y"', True),
        ('a!="y"', 'a="x"', False),
        ("", 'a="x"', False),
        ('a="x"', "", True),
    ],
)
def test_what_follows(given, wanted, implied):
    assert implies(matchers(given), matchers(wanted)) is implied


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ('a="x"', 'a="y"', False),
        ('a="x"', 'b="y"', True),
        ('a="x"', 'a=~"x.*"', True),
        ('a="x"', 'a=~"y.*"', False),
        ('a=~"x.*"', 'a=~"y.*"', True),
        ('a="x"', 'a!="x"', False),
        ('a=~"x.*"', 'a!~"x.*"', False),
        ('a=~"x|y"', 'a="z"', False),
    ],
)
def test_what_excludes_one_another(one, other, both):
    assert may_both_hold(matchers(one), matchers(other)) is both
    assert may_both_hold(matchers(other), matchers(one)) is both


def test_they_are_read():
    library = compile_library(
        {
            "x.yaml": """
services: {monitoring: {}}
sources:
  cron: {match: ['job="a"'], resolves: after 26h}
  mail: {match: 'job="b"', resolves: manual}
  plain: {match: 'job="c"'}
heartbeats:
  watchdog: {match: 'alertname="Watchdog"', every: 5m, service: monitoring, severity: error, title: Nothing comes}
"""
        }
    )
    assert [(each.resolves, each.after) for each in library.sources.values()] == [
        (Resolves.AFTER, timedelta(hours=26)),
        (Resolves.MANUAL, timedelta()),
        (Resolves.ALERT, timedelta()),
    ]
    beat = library.heartbeats["watchdog"]
    assert (beat.every, beat.grace) == (timedelta(minutes=5), timedelta(minutes=5))
    assert (beat.service, beat.severity, beat.title) == ("monitoring", Severity.ERROR, "Nothing comes")


BEAT = "heartbeats: {a: {match: 'x=\"1\"', every: 5m"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sources: {a: {resolves: manual}}", "source a matches nothing"),
        ("sources: {a: {match: 'x=\"1\"', resolves: never}}", "'never' is unknown"),
        ("sources: {a: {match: 'x=\"1\"', resolves: after}}", "is no time from 10s to 31d"),
        ("sources: {a: {match: 'x=\"1\"', resolves: after 5}}", "is no time from 10s to 31d"),
        ("sources: {a: {match: 'x=\"1\"', resolves: after 1s}}", "is no time from 10s to 31d"),
        ("sources: {a: {match: 'x=\"1\"', resolves: manual 5m}}", "needs nothing more"),
        ("sources: {a: {match: 'x=\"1\"'}, b: {match: 'y=\"1\"'}}", "may match a and b equally well"),
        ("heartbeats: {a: {every: 5m}}", "heartbeat a matches nothing"),
        ("heartbeats: {a: {match: 'x=\"1\"'}}", "does not say every:"),
        ("heartbeats: {a: {match: 'x=\"1\"', every: 1s, grace: 1m}}", "every of heartbeat a is no time"),
        (BEAT + ", grace: 0s}}", "grace of heartbeat a is no time"),
        (BEAT + ", severity: none}}", "nothing would come of its absence"),
        ("heartbeats: {a/b: {match: 'x=\"1\"', every: 5m}}", "its name has a slash"),
        (BEAT + ", service: nowhere}}", "no service 'nowhere'"),
        (BEAT + "}, b: {match: 'y=\"1\"', every: 5m}}", "may match a and b equally well"),
    ],
)
def test_what_is_refused(text, words):
    found = [each for each in lint({"x.yaml": text}) if each.level == "error"]
    assert any(words in each.message for each in found), found


def test_only_what_was_written_is_refused():
    found = lint({"x.yaml": "heartbeats: {a: {match: 'x=\"1\"', every: 0s}}"})
    assert [each.message for each in found if each.level == "error"] == [
        "every of heartbeat a is no time from 10s to 31d"
    ]


def test_matchers_that_exclude_one_another_may_both_be_there():
    text = "sources: {a: {match: 'x=\"1\"'}, b: {match: 'x=\"2\"'}, c: {match: ['x=\"1\"', 'y=\"1\"']}}"
    assert [each for each in lint({"x.yaml": text}) if each.level == "error"] == []


SOURCES = """
sources:
  cron: {match: 'job="cron"', resolves: manual}
  slow: {match: 'job="slow"', resolves: after 1h}
  told: {match: ['job="cron"', 'told="yes"']}
"""
WAIT = "incident.firing == 0"


def waiting(match, until=WAIT):
    """What lint says of a page with these matchers that waits for this."""
    page = f"""---
id: crash
{match}
budget: 10m
---
## Verification
```yaml step=quiet
wait: {{until: "{until}", for: 1m, timeout: 5m}}
```
"""
    return {
        each.level for each in lint({"x.yaml": SOURCES, "crash.md": page}) if "step quiet" in each.message
    }


@pytest.mark.parametrize(
    ("match", "until", "levels"),
    [
        ("match: ['job=\"cron\"', 'told=\"no\"']", WAIT, {"error"}),
        ("match: ['job=\"cron\"', 'told=\"no\"', 'severity=\"critical\"']", "incident.firing < 1", {"error"}),
        ("match: ['job=\"cron\"', 'told=\"no\"']", "!(incident.firing > 0)", {"error"}),
        ("match: ['job=\"cron\"', 'told=\"no\"']", "incident.firing <= 2", {"advice"}),
        (
            "match: ['job=\"cron\"', 'told=\"no\"']",
            "incident.firing == 0 || incident.title == 'x'",
            {"advice"},
        ),
        (
            "match: ['job=\"cron\"', 'told=\"no\"']",
            "incident.alerts.all(a, a.status == 'resolved')",
            {"advice"},
        ),
        ("match: ['job=\"cron\"', 'told=\"no\"']", "incident.status == 'mitigated'", set()),
        ("match: {any: [['job=\"cron\"', 'told=\"no\"'], ['job=\"other\"']]}", WAIT, {"advice"}),
        ("match: ['job=\"cron\"']", WAIT, set()),
        ("match: ['job=\"cron\"', 'told=\"yes\"']", WAIT, set()),
        ("match: ['job=\"other\"']", WAIT, set()),
        ("match: ['job=\"slow\"']", WAIT, {"advice"}),
    ],
    ids=lambda value: str(value)[-40:],
)
def test_waits_for_an_end_that_nobody_tells(match, until, levels):
    assert waiting(match, until) == levels
