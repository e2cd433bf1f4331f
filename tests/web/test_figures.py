"""The figures of paging: those of the API and of `/metrics` are what an independent script reckons from incident-events alone."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import faust
import pytest
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client.parser import text_string_to_metric_families

from app.core.measured.figures import figures
from app.core.measured.spans import Window
from app.library.zones import zone_of
from app.model.commands import EscalationCommand
from app.model.incident import IncidentSnapshot
from app.model.inputs import Actor, SystemEvent, SystemEventSignal
from app.model.matchers import parse_matcher
from app.model.outputs import IncidentEvent
from app.model.policy import EventRule, Level, Policy
from app.model.words import Mode
from app.web.figures import as_json
from app.web.state import State
from app.web.views import mount
from tests.core.shop import alert_of, shop
from tests.core.story import START, Story, vouched
from tests.support.runtime import FakeLibraries, FakeRuntime
from tests.web.conftest import a_library

SCRIPT = Path(__file__).parents[1] / "support" / "recompute.py"
HOUR, DAY = 3600, 86_400
END = START + timedelta(days=9, hours=3)
BOT = Actor(provider="chat", id="helpful-bot")


def estate(**rules):
    """Three teams, and a person in another zone than his team; the second level of one policy is a channel, and its first two people."""
    made = shop(**rules)
    bob = replace(made.people["bob"], zone=zone_of("America/New_York"))
    zones = {"shop": "Europe/Berlin", "sales": "Europe/London", "data": ""}
    two = Level(("user:alice", "user:carol", "channel:#shop"), timedelta(minutes=5))
    return replace(
        made,
        people={**made.people, "bob": bob},
        teams={
            name: replace(team, zone=zone_of(zones[name]) if zones[name] else None)
            for name, team in made.teams.items()
        },
        policies={**made.policies, "shop": Policy("shop", levels=(two,))},
    )


def incidents(story):
    return [each for each in story.record.incidents.values() if each.status in ("triggered", "acknowledged")]


def month() -> Story:
    """A month with each way that an escalation may end."""
    story = Story(estate(reopen_window=timedelta(minutes=10)))

    def happens(day, hour, service, *answers, **labels):
        began = day * DAY + hour * HOUR
        story.at(began).apply(
            alert_of(service, f"A{day}{service}", starts=began, severity="critical", **labels)
        )
        for after, kind, actor in answers:
            (incident,) = incidents(story)
            if kind == "undelivered":
                page = story.put_out(EscalationCommand, op="notify")[-1]
                story.at(began + after).responds(None, object_id=page.object_id, status="failed")
            else:
                story.at(began + after).responds(kind, incident_id=incident.id, actor=actor)

    happens(0, 0, "cart", (40, "acknowledge", vouched("alice")), (600, "resolve", vouched("alice")))
    happens(1, 12, "cart", (50, "acknowledge", BOT), (90, "resolve", vouched("alice")))
    happens(2, 19, "cart", (301, "acknowledge", vouched("carol")), (700, "resolve", vouched("carol")))
    happens(3, 20, "cart", (60, "resolve", vouched("alice")))
    happens(4, 2, "orders", (20, "acknowledge", vouched("bob")), (80, "resolve", vouched("bob")))
    happens(5, 0, "orders", (5, "undelivered", None), (1000, "resolve", vouched("bob")))
    happens(6, 19.5, "db", (30, "acknowledge", vouched("alice")), (60, "resolve", vouched("dave")))
    story.at(7 * DAY)
    story.publish(replace(estate(mode=Mode.SHADOW), hash="lib2"))
    happens(8, 2, "cart", (3, "resolve", vouched("alice")))
    story.publish(replace(estate(reopen_window=timedelta(minutes=10)), hash="lib3"))
    happens(9, 2, "db", (10, "acknowledge", vouched("dave")), (60, "resolve", vouched("dave")))
    began = 9 * DAY + 2 * HOUR
    story.at(began + 90).apply(
        alert_of("db", "A9db", starts=began + 90, severity="critical")
    )  # it comes back
    return story.at(9 * DAY + 3 * HOUR)


@pytest.fixture(scope="module")
def story():
    return month()


def recomputed(story, start, end):
    """What the script says, which sees the events and nothing else."""
    lines = "\n".join(each.model_dump_json() for each in story.put_out(IncidentEvent))
    asked = [sys.executable, str(SCRIPT), start.isoformat(), end.isoformat()]
    return json.loads(subprocess.run(asked, input=lines, capture_output=True, text=True, check=True).stdout)


@pytest.fixture
async def client(story, model, standings):
    for each in story.put_out(IncidentSnapshot):
        model.put(each.id.encode(), each.model_dump_json().encode())
    app = faust.App("figures-test", broker="kafka://127.0.0.1:1", web_bind="127.0.0.1")
    mount(app, State(FakeRuntime(libraries=FakeLibraries([a_library()])), model, standings, now=lambda: END))
    async with TestClient(TestServer(app.web.web_app)) as client:
        yield client


@pytest.mark.parametrize("days", [30, 5])
async def test_the_api_gives_what_the_events_tell(story, client, days):
    document = await (await client.get(f"/api/v1/paging?window={days}d")).json()
    assert document.pop("note") == ""
    assert document.pop("window") == {
        "from": (END - timedelta(days=days)).isoformat(),
        "to": END.isoformat(),
    }
    assert document == recomputed(story, END - timedelta(days=days), END)


async def test_metrics_give_what_the_events_tell(story, client):
    families = text_string_to_metric_families(await (await client.get("/metrics")).text())
    found = {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
        if sample.name.startswith(NAMES)
    }
    told = recomputed(story, END - timedelta(days=30), END)
    assert found == dict(wanted(told))
    counted = sum(each["counted"] for each in told["levels"])
    answered = sum(each["answered"] for each in told["levels"])
    slo = (await (await client.get("/api/v1/slo")).json())["promises"][-1]
    assert (slo["numerator"], slo["denominator"]) == (answered, counted)


NAMES = ("oncall_escalations_", "oncall_escalation_", "oncall_pages_", "oncall_nights_", "oncall_incident_")
QUANTILES = {"median_seconds": "0.5", "p90_seconds": "0.9"}


def wanted(told):
    """What `/metrics` is to say, sample by sample."""
    for row in told["levels"]:
        of = {"policy": row["policy"], "level": str(row["level"]), "team": row["team"]}
        for name in ("counted", "answered", "ended_first"):
            yield sample(f"oncall_escalations_{name}", row[name], **of)
        yield sample("oncall_pages_undelivered", row["undelivered"], **of)
        yield from spread("oncall_escalation_acknowledge_seconds", row["acknowledge"], **of)
    for row in told["teams"]:
        yield from spread("oncall_incident_acknowledge_seconds", row["acknowledge"], team=row["team"])
        yield from spread("oncall_incident_resolve_seconds", row["resolve"], team=row["team"])
    for row in told["people"]:
        of = {"policy": row["policy"], "level": str(row["level"]), "team": row["team"]}
        yield sample("oncall_pages_made", row["pages"], person=row["person"], **of)
        yield sample("oncall_pages_at_night", row["at_night"], person=row["person"], **of)
        yield sample("oncall_nights_with_pages", row["nights"], person=row["person"], **of)


def spread(name, values, **labels):
    return [sample(name, value, quantile=QUANTILES[each], **labels) for each, value in values.items()]


def sample(name, value, **labels):
    return (name, *sorted(labels.items())), value


def test_the_figures_are_what_one_counts_by_hand(story):
    """Worked out by hand, so that script and service cannot be wrong together."""
    told = recomputed(story, END - timedelta(days=30), END)
    levels = {row["team"]: row for row in told["levels"]}
    # shop: Alice in 40 s; a bot; Carol a second too late; resolved before the time was over (not counted); shadow (not counted).
    assert (levels["shop"]["counted"], levels["shop"]["answered"], levels["shop"]["ended_first"]) == (3, 1, 1)
    assert levels["shop"]["pages"] == 12, "three targets, four times"
    assert levels["shop"]["acknowledge"] == {"median_seconds": 40.0, "p90_seconds": 301.0}
    # sales: Bob in 20 s; a page that reached nobody.
    assert (levels["sales"]["counted"], levels["sales"]["answered"], levels["sales"]["undelivered"]) == (
        2,
        1,
        1,
    )
    # data: Alice is not of the level; Dave in 10 s; it came back and rings.
    assert (levels["data"]["counted"], levels["data"]["answered"], levels["data"]["pages"]) == (3, 1, 3)
    people = {row["person"]: (row["pages"], row["at_night"], row["nights"]) for row in told["people"]}
    # Berlin is an hour ahead of UTC, and the story begins at 3:00 UTC: 4:00, 16:00, 23:00 and 0:00 there.
    assert people["alice"] == (4, 3, 3)
    # New York is five hours behind: 0:00 and 22:00.
    assert people["bob"] == (2, 2, 2)
    # No zone is UTC: 22:30 (by night), 5:00 twice (one night).
    assert people["dave"] == (3, 3, 2)
    nights = [(row["night"], row["pages"], row["people"]) for row in told["nights"] if row["team"] == "shop"]
    assert nights == [("2026-11-23", 3, 2), ("2026-11-26", 3, 2), ("2026-11-27", 3, 2)]
    teams = {row["team"]: row for row in told["teams"]}
    assert teams["data"]["acknowledged"] == 2
    assert teams["data"]["acknowledge"] == {"median_seconds": 10.0, "p90_seconds": 30.0}
    assert teams["data"]["resolved"] == 1, "one came back"


def test_pages_that_a_merge_moved_are_of_one_escalation_still() -> None:
    made = estate()
    both = Level(("user:alice", "user:dave"), timedelta(minutes=5))
    story = Story(replace(made, policies={**made.policies, "data": Policy("data", levels=(both,))}))
    story.apply(alert_of("cart", severity="critical"))
    story.at(5).apply(alert_of("island", starts=5, severity="critical"))
    cart, island = story.record.incidents.values()
    assert (cart.service, island.service) == ("cart", "island")
    story.at(9).responds("merge", incident_id=island.id, into_id=cart.id)
    story.at(20).responds("acknowledge", incident_id=cart.id, actor=vouched("dave"))
    newest = {each.id: each for each in story.put_out(IncidentSnapshot)}
    assert [len(each.escalations) for each in newest.values()] == [4, 1], (
        "one page went on in the other incident"
    )
    end = START + timedelta(hours=1)
    measured = as_json(figures(list(newest.values()), Window(START, end)))
    told = recomputed(story, START, end)
    assert {name: measured[name] for name in told} == json.loads(json.dumps(told))
    (data,) = [row for row in told["levels"] if row["team"] == "data"]
    assert (data["counted"], data["answered"], data["pages"]) == (1, 1, 2)


def test_an_incident_that_an_event_opened_is_reckoned_as_any() -> None:
    rule = EventRule("failover", (parse_matcher('type="failover"'),), policy="data")
    story = Story(replace(estate(), event_rules=(rule,)))
    event = SystemEvent(id="f1", type="failover", service="db", summary="db-1 failed over")
    story.happens(SystemEventSignal(event=event), "system_event:f1")
    story.at(20).asks("dave", "acknowledge")
    end = START + timedelta(hours=1)
    measured = as_json(figures([story.put_out(IncidentSnapshot)[-1]], Window(START, end)))
    told = recomputed(story, START, end)
    assert {name: measured[name] for name in told} == json.loads(json.dumps(told))
    assert [(each["team"], each["acknowledged"]) for each in told["teams"]] == [("data", 1)]
