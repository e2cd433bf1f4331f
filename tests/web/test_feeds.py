"""The shifts as calendars, and that what is given out can be taken in."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from icalendar import Calendar

from app.core.schedules.final import on_call
from app.library.compile import compile_library
from app.web.feeds import feed
from tests.core.schedules.rotas import WHO, library_of
from tests.support.incidents import NOW
from tests.support.runtime import FakeLibraries

TEXT = """
schedules:
  night: {title: At night, timezone: Europe/Berlin, layers: [{people: [ann, bob], rotation: daily, start: 2026-01-05T09:00:00}]}
  day: {timezone: Europe/Berlin, layers: [{people: [cai, ann], rotation: daily, start: 2026-01-05T09:00:00}]}
"""
LIBRARY = library_of(TEXT)


@pytest.fixture
def with_schedules(runtime):
    runtime.libraries = FakeLibraries([LIBRARY])


def events(body: bytes):
    return list(Calendar.from_ical(body).walk("VEVENT"))


async def test_a_schedule_to_subscribe_to(client, with_schedules):
    response = await client.get("/api/v1/schedules/night.ics")
    assert (response.status, response.content_type) == (200, "text/calendar")
    found = events(await response.read())
    assert {str(each["SUMMARY"]) for each in found} == {"On call for night: ann", "On call for night: bob"}
    now = [each for each in found if each["DTSTART"].dt <= NOW < each["DTEND"].dt]
    assert [str(each["SUMMARY"]).rpartition(" ")[2] for each in now] == [
        on_call(LIBRARY.schedules["night"], NOW)
    ]


async def test_a_person_in_all_schedules(client, with_schedules):
    found = events(await (await client.get("/api/v1/people/ann.ics")).read())
    assert {str(each["SUMMARY"]) for each in found} == {"On call for night: ann", "On call for day: ann"}
    assert len({str(each["UID"]) for each in found}) == len(found)


@pytest.mark.parametrize("path", ["/api/v1/schedules/nigth.ics", "/api/v1/people/zoe.ics"])
async def test_what_there_is_not(client, with_schedules, path):
    response = await client.get(path)
    assert (response.status, response.content_type) == (404, "application/problem+json")


async def test_other_hosts_are_refused_as_everywhere(client, with_schedules):
    response = await client.get("/api/v1/schedules/night.ics", headers={"Host": "evil.example"})
    assert response.status == 421


def test_events_keep_their_ids_while_time_goes_on():
    def ids(now):
        return {
            str(each["UID"]) for each in events(feed("x", [LIBRARY.schedules["night"]], None, LIBRARY, now))
        }

    assert ids(NOW) == ids(NOW.replace(minute=59))
    assert len(ids(NOW) - ids(NOW + timedelta(days=1))) <= 2


def test_a_feed_is_a_layer_again():
    text = feed("x", [LIBRARY.schedules["night"]], None, LIBRARY, NOW).decode()
    again = compile_library(
        {
            "x.yaml": WHO + "schedules: {s: {timezone: UTC, layers: [{calendar: night.ics}]}}",
            "night.ics": text,
        }
    ).schedules["s"]
    for hours in range(-300, 2000, 7):
        at = NOW + timedelta(hours=hours)
        assert on_call(again, at) == on_call(LIBRARY.schedules["night"], at)


def test_where_nobody_is_on_call_there_is_no_event():
    late = replace(LIBRARY.schedules["night"], layers=())
    assert events(feed("x", [late], None, LIBRARY, NOW)) == []
