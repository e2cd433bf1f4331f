"""The shifts as calendars (iCalendar, RFC 5545) to subscribe to: of a schedule, and of a person in all schedules."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import groupby
from uuid import NAMESPACE_URL, uuid5

from aiohttp import web
from icalendar import Calendar, Event

from app.core.schedules.final import shifts
from app.model.library import Library
from app.model.schedule import Schedule
from app.web.api import in_force
from app.web.problems import NotFound
from app.web.query import refuse_unknown
from app.web.state import State

BACK, AHEAD = timedelta(weeks=2), timedelta(weeks=13)
"""How far a feed looks back and ahead."""
_EVERY = "PT1H"
"""How often whoever subscribed should look again."""


async def schedule(state: State, request: web.Request) -> web.Response:
    """`GET /api/v1/schedules/{id}.ics`: who is on call, two weeks back and a quarter ahead."""
    refuse_unknown(request.query, ())
    library, name = in_force(state), request.match_info["id"]
    found = library.schedules.get(name)
    if found is None:
        raise NotFound(f"There is no schedule {name!r} in the library in force.")
    return await _answer(found.title or name, [found], None, library, state.now())


async def person(state: State, request: web.Request) -> web.Response:
    """`GET /api/v1/people/{id}.ics`: when a person is on call, in all schedules."""
    refuse_unknown(request.query, ())
    library, name = in_force(state), request.match_info["id"]
    if name not in library.people:
        raise NotFound(f"There is no person {name!r} in the library in force.")
    title = f"{library.people[name].name or name} on call"
    return await _answer(title, library.schedules.values(), name, library, state.now())


async def _answer(
    title: str, schedules: Iterable[Schedule], of: str | None, library: Library, now: datetime
) -> web.Response:
    body = await asyncio.to_thread(feed, title, list(schedules), of, library, now)
    headers = {"Cache-Control": "no-store"}
    return web.Response(body=body, content_type="text/calendar", charset="utf-8", headers=headers)


def feed(title: str, schedules: Iterable[Schedule], of: str | None, library: Library, now: datetime) -> bytes:
    """Give a calendar of the shifts of schedules, in UTC; `of` one person, or of all."""
    calendar = Calendar()
    for name, value in (
        ("PRODID", "-//On-call Runbooks//EN"),
        ("VERSION", "2.0"),
        ("X-WR-CALNAME", title),
        ("X-PUBLISHED-TTL", _EVERY),
    ):
        calendar.add(name, value)
    for each in schedules:
        for event in _events(each, of, library, now):
            calendar.add_component(event)
    written: bytes = calendar.to_ical()
    return written


def _events(schedule: Schedule, of: str | None, library: Library, now: datetime) -> Iterator[Event]:
    """Give an event for each time without a change of person; by which layer is told in its description."""
    today = now.replace(
        hour=0, minute=0, second=0, microsecond=0
    )  # so that what is cut off at the edges changes once a day
    final = shifts(schedule, today - BACK, today + AHEAD)
    for who, group in groupby(final, key=lambda each: each.duty.person):
        if not who or of not in (None, who):
            continue
        held = list(group)
        known = library.people.get(who)
        event = Event()
        event.add("UID", f"{uuid5(NAMESPACE_URL, f'{schedule.id} {who} {held[-1].end.isoformat()}')}@oncall")
        event.add("DTSTAMP", now)
        event.add("DTSTART", held[0].start)
        event.add("DTEND", held[-1].end)
        event.add("SUMMARY", f"On call for {schedule.id}: {(known.name if known else '') or who}")
        event.add("DESCRIPTION", ", ".join(dict.fromkeys(each.duty.by for each in held)))
        yield event
