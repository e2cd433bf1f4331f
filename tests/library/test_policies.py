"""`policies`, `events` and business hours: what is read, and what is wrong with it."""

from datetime import timedelta

import pytest

from app.library.compile import compile_library
from app.library.lint import lint
from app.model.schedule import Window
from app.model.words import Severity

PEOPLE = """
people: {alice: {}, bob: {timezone: Asia/Kolkata, business_hours: ["mon-wed 10:00-18:00"]}}
teams: {shop: {members: [alice, bob], timezone: Europe/Berlin, escalation: shop}, empty: {timezone: UTC}}
"""
WHOLE = """
policies:
  shop:
    title: Shop
    repeat: 2
    exhausted: last
    levels:
      - {name: first, targets: ["team:shop"], round_robin: true, ack_timeout: 2m}
      - {if: "incident.severity == 'warning' && business_hours", jump: first}
      - {targets: ["user:bob", "channel:#shop"], delay: 1m, if: "incident.labels.tier == '1'"}
  last: {levels: [{targets: ["policy:shop"]}, {targets: ["user:alice"]}]}
events:
  failover:
    match: ['type="failover"', 'service=~"db.*"']
    policy: last
    severity: critical
    unless: {match: 'type="failover.ended"', within: 2m, equal: [service]}
  reboot: {match: 'type="reboot"'}
rules: {ack_stale_after: 1h, timezone: UTC}
"""


def problems(text):
    return [each for each in lint({"p.yaml": PEOPLE, "x.yaml": text}) if each.path == "x.yaml"]


def test_a_policy_is_read():
    library = compile_library({"p.yaml": PEOPLE, "x.yaml": WHOLE})
    shop = library.policies["shop"]
    assert (shop.title, shop.repeat, shop.exhausted) == ("Shop", 2, "last")
    first, jump, second = shop.levels
    assert (first.targets, first.round_robin, first.ack_timeout) == (
        ("team:shop",),
        True,
        timedelta(minutes=2),
    )
    assert (jump.jump, jump.condition.source) == ("first", "incident.severity == 'warning' && business_hours")
    assert (second.delay, second.ack_timeout) == (timedelta(minutes=1), timedelta(minutes=5))
    assert jump.condition.evaluate({"incident": {"severity": "warning"}, "business_hours": True}) is True


def test_event_rules_are_read_in_their_order():
    failover, reboot = compile_library({"p.yaml": PEOPLE, "x.yaml": WHOLE}).event_rules
    assert (failover.severity, failover.policy, failover.unless.within) == (
        Severity.CRITICAL,
        "last",
        timedelta(minutes=2),
    )
    assert failover.concerns({"type": "failover", "service": "db-1"})
    assert not failover.concerns({"type": "failover", "service": "web"})
    assert failover.is_recovery({"type": "failover.ended", "service": "db-1"}, {"service": "db-1"})
    assert not failover.is_recovery({"type": "failover.ended", "service": "db-2"}, {"service": "db-1"})
    assert (reboot.severity, reboot.unless) == (Severity.ERROR, None)


def test_zones_and_hours_are_read():
    library = compile_library({"p.yaml": PEOPLE, "x.yaml": WHOLE})
    bob, shop = library.people["bob"], library.teams["shop"]
    assert str(bob.zone) == "Asia/Kolkata"
    assert bob.hours[0] == Window(timedelta(hours=10), timedelta(hours=8))
    assert (str(shop.zone), shop.hours, len(library.rules.hours)) == ("Europe/Berlin", (), 5)


BOB = "levels: [{targets: ['user:bob']}]"


def policy(levels, more=""):
    return f"policies:\n  a: {{{more}levels: [{levels}]}}"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (policy("{jump: x}"), 2, "policy a names nobody"),
        (policy("{}"), 2, "a level of policy a names nobody"),
        (policy("{targets: ['team:empty']}"), 2, "team 'empty', which has no members"),
        (policy("{targets: ['user:alicia']}"), 2, "did you mean 'alice'?"),
        (policy("{targets: ['team:shup']}"), 2, "did you mean 'shop'?"),
        (policy("{targets: ['schedule:x']}"), 2, "names the schedule 'x', which is nowhere said"),
        (policy("{targets: ['policy:x']}"), 2, "names the policy 'x', which is nowhere said"),
        (policy("{targets: ['mail:x']}"), 2, "'mail:x' is no target"),
        (
            policy("{targets: ['user:alice']}", "exhausted: x, "),
            2,
            "followed by the policy 'x', which is nowhere said",
        ),
        (policy("{targets: ['user:alice'], ack_timeout: 0s}"), 2, "nobody could acknowledge in time"),
        (policy("{targets: ['user:alice'], if: 'incidend.x'}"), 2, "'incidend' is unknown"),
        (policy("{targets: ['user:alice'], if: '1 > 2'}"), 2, "never true, so it is never reached"),
        (policy("{targets: ['user:alice'], if: '1 + 1'}"), 2, "gives 2, neither true nor false"),
        (
            policy("{targets: ['user:alice'], if: business_hours}") + "\nteams: {lone: {}}",
            2,
            "nothing says the time zone of team lone",
        ),
        (policy("{targets: ['user:alice'], jump: x}"), 2, "beside jump:"),
        (policy("{name: x, targets: ['user:alice']}, {jump: y}"), 2, "has no level 'y'; one of: x"),
        (
            policy("{name: x, targets: ['user:alice']}, {jump: x}"),
            2,
            "is never taken: policy a does not repeat",
        ),
        (
            policy("{name: x, targets: ['user:alice']}, {name: x, targets: ['user:bob']}"),
            2,
            "two levels named 'x'",
        ),
        (
            policy("{jump: x}, {targets: ['user:alice']}, {name: x, targets: ['user:bob']}"),
            2,
            "level 2 of policy a is never reached",
        ),
        (policy("{targets: ['user:alice']}", "repeat: 99, "), 2, "no whole number from 0 to 20"),
        (policy(", ".join(["{targets: ['user:alice']}"] * 21)), 2, "at most 20 may be"),
        ("policies:\n  a: {levels: [{targets: ['policy:a']}]}", 2, "circle: a names a"),
        (
            "policies:\n  b: {levels: [{targets: ['policy:a']}]}\n  a: {levels: [{targets: ['policy:b']}]}",
            3,
            "circle: a names b names a",
        ),
        (
            f"policies:\n  a: {{exhausted: b, {BOB}}}\n  b: {{exhausted: a, {BOB}}}",
            2,
            "circle: a is followed by b is followed by a",
        ),
        ("events:\n  a: {}", 2, "needs match:"),
        ("events:\n  a: {match: 'kind=\"x\"'}", 2, "events have no attribute 'kind'"),
        ("events:\n  a: {match: 'type=\"x\"', policy: x}", 2, "names the policy 'x'"),
        ("events:\n  a: {match: 'type=\"x\"', severity: none}", 2, "would open no incident"),
        ("events:\n  a: {match: 'type=\"x\"', unless: {match: 'type=\"y\"'}}", 2, "unless needs within:"),
        ("events:\n  a: {match: ['type=\"x\"', 'type=\"y\"']}", 2, "can never match"),
        ("rules:\n  business_hours: 9 to 5", 2, "is no time of a week"),
        ("rules:\n  timezone: Europe/Berln", 2, "did you mean 'Europe/Berlin'?"),
        ("services:\n  a: {escalation: x}", 2, "names the policy 'x'"),
    ],
)
def test_mistakes_are_pointed_at(text, line, words):
    found = [each for each in problems(text) if words in str(each)]
    assert [each.line for each in found] == [line], problems(text)


def test_what_may_look_wrong_and_is_right():
    fine = policy(
        "{name: x, targets: ['user:alice']}, {jump: x, if: \"incident.severity == 'error'\"}, {targets: ['user:bob']}",
        "repeat: 1, ",
    )
    assert [str(each) for each in problems(fine) if each.level == "error"] == []
