"""`oncall schedule show`, `oncall who`, and what `oncall runbook lint` says of schedules."""

import json

import pytest

LIBRARY = """
people:
  ann: {name: Ann Ash, contact_ref: pager/ann, timezone: America/New_York}
  bob: {name: Bob Birch}
teams: {shop: {escalation: shop}}
services: {cart: {team: shop}, lone: {}}
policies:
  shop: {levels: [{targets: ["schedule:night"], ack_timeout: 30m}, {targets: ["schedule:night", "channel:#shop"]}]}
schedules:
  night:
    title: At night
    timezone: Europe/Berlin
    layers: [{people: [ann, bob], rotation: daily, start: 2026-01-05T09:00:00}]
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "x.yaml").write_text(LIBRARY)
    return tmp_path


def test_a_schedule_is_drawn_and_listed(oncall, folder):
    result = oncall("schedule", "show", "night", "--from", "2026-01-05", "--weeks", "1", "--runbooks", folder)
    assert result.exit_code == 1  # from midnight to nine nobody is on call
    assert "night  At night  Europe/Berlin" in result.stdout
    assert "│Ann Ash──" in result.stdout
    assert "Mon 05 Jan 2026 09:00 CET  Tue 06 Jan 2026 09:00 CET  1d     Ann Ash" in result.stdout
    assert "nobody 9h" in result.stdout


def test_a_schedule_for_programs(oncall, folder):
    result = oncall(
        "schedule", "show", "--from", "2026-01-06", "--weeks", "1", "--json", "--runbooks", folder
    )
    assert result.exit_code == 0
    (night,) = json.loads(result.stdout)["schedules"]
    assert night["gaps"] == []
    assert night["shifts"][1] == {
        "start": "2026-01-06T08:00:00+00:00",
        "end": "2026-01-07T08:00:00+00:00",
        "local_start": "2026-01-06T09:00:00+01:00",
        "local_end": "2026-01-07T09:00:00+01:00",
        "person": "bob",
        "name": "Bob Birch",
        "by": "layer 1",
        "instead_of": None,
    }


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("schedule", "show", "nigth"), "did you mean 'night'?"),
        (("schedule", "show", "--from", "soon"), "'soon' is no time"),
        (("who", "cort"), "did you mean 'cart'?"),
        (("who", "lone"), "no escalation policy covers lone"),
    ],
)
def test_what_there_is_not(oncall, folder, arguments, told):
    result = oncall(*arguments, "--runbooks", folder)
    assert result.exit_code != 0
    assert told in result.stderr


def test_who_would_be_paged_and_when_each_level_is_resolved(oncall, folder):
    """Level 2 comes 30 min later, at 08:15Z, which is after the handoff at 08:00Z: bob has it then."""
    result = oncall("who", "cart", "--at", "2026-01-06T07:45:00Z", "--json", "--runbooks", folder)
    assert result.exit_code == 0
    ladder = json.loads(result.stdout)["ladder"]
    assert [(each["level"], each["person"], each["at"]) for each in ladder] == [
        (1, "ann", "2026-01-06T07:45:00+00:00"),
        (2, "bob", "2026-01-06T08:15:00+00:00"),
        (2, None, "2026-01-06T08:15:00+00:00"),
    ]
    assert ladder[0]["local_time"] == "2026-01-06T02:45:00-05:00"


OFFICE = """
rules: {timezone: Europe/Berlin}
people: {ann: {timezone: America/New_York}, bob: {timezone: Europe/Berlin}}
teams: {shop: {escalation: shop, timezone: Europe/Berlin}}
services: {cart: {team: shop}}
policies:
  shop:
    levels:
      - {targets: ["user:ann"], ack_timeout: 10m}
      - {targets: ["user:bob"], ack_timeout: 10m, if: "!business_hours"}
      - {targets: ["user:bob"], if: business_hours}
"""


def test_a_page_of_low_urgency_waits_for_business_hours(oncall, folder):
    """From Saturday on: New York opens on Monday at 14:00Z, when it is 15:00 in Berlin, so that level 3 follows."""
    (folder / "x.yaml").write_text(OFFICE)
    at = ("--at", "2026-12-05T03:00:00Z", "--runbooks", folder)
    result = oncall("who", "cart", "--severity", "warning", *at, "--json")
    assert [(each["level"], each["at"], each["waited"]) for each in json.loads(result.stdout)["ladder"]] == [
        (1, "2026-12-07T14:00:00+00:00", True),
        (3, "2026-12-07T14:10:00+00:00", False),
    ]
    told = oncall("who", "cart", "--severity", "warning", *at)
    assert "each level waits for business hours" in told.stderr
    assert "left out: level 2 (if: !business_hours)" in told.stderr
    critical = json.loads(oncall("who", "cart", *at, "--json").stdout)["ladder"]
    assert [(each["level"], each["at"]) for each in critical] == [
        (1, "2026-12-05T03:00:00+00:00"),
        (2, "2026-12-05T03:10:00+00:00"),
    ]


def test_a_condition_is_judged_when_the_turn_of_its_level_comes(oncall, folder):
    """Berlin opens at 08:00Z: level 1 is paged five minutes before, the next one five minutes after."""
    (folder / "x.yaml").write_text(OFFICE)
    result = oncall("who", "cart", "--at", "2026-12-07T07:55:00Z", "--json", "--runbooks", folder)
    assert [each["level"] for each in json.loads(result.stdout)["ladder"]] == [1, 3]


def test_a_level_that_rings_nobody_is_shown_and_ends_badly(oncall, folder):
    result = oncall("who", "cart", "--at", "2026-01-05T07:00:00Z", "--runbooks", folder)
    assert result.exit_code == 1
    assert "NOBODY" in result.stdout


def test_lint_looks_a_year_ahead(oncall, folder):
    (folder / "x.yaml").write_text(LIBRARY + "absences: [{person: ann, days: 2026-12-24, timezone: UTC}]\n")
    assert oncall("runbook", "lint", folder, "--at", "2026-02-01").exit_code == 0
    (folder / "x.yaml").write_text(
        LIBRARY.replace("[ann, bob]", "[ann]")
        + "absences: [{person: ann, days: 2026-12-24, timezone: UTC}]\n"
    )
    result = oncall("runbook", "lint", folder, "--at", "2026-02-01")
    assert result.exit_code == 1
    assert (
        "x.yaml:14:12: error: schedule night: nobody is on call from Thu 2026-12-24 01:00 CET"
        in result.stdout
    )
