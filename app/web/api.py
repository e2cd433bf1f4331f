"""The HTTP API of `/api/v1`: JSON out, problem documents when something is wrong. docs/api.md is its reference."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from aiohttp import web

from app.core import slo
from app.core.measured.figures import figures
from app.core.measured.spans import Window
from app.model.incident import IncidentSnapshot
from app.model.library import Library
from app.web import catalog
from app.web.figures import as_json
from app.web.problems import BadRequest, NotFound, Unavailable
from app.web.query import find_incident, parse_filter, parse_limit, parse_window, refuse_unknown
from app.web.standings import automation_of, record_of, silence_of
from app.web.state import State

_MAX_QUERY = 500


def json_answer(value: Any, status: int = 200) -> web.Response:
    """An answer for programs: UTF-8 JSON that no cache keeps."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    headers = {"Cache-Control": "no-store"}
    return web.Response(text=text, status=status, content_type="application/json", headers=headers)


async def incidents(state: State, request: web.Request) -> web.Response:
    """`GET /api/v1/incidents`: those that the filters ask for, newest first."""
    asked = parse_filter(request.query)
    state.require_read_model()
    found = asked.choose(state.incidents.all())
    rows = [incident_brief(incident) for incident in found[: asked.limit]]
    return json_answer({"incidents": rows, "total": len(found), "limit": asked.limit})


async def incident(state: State, request: web.Request) -> web.Response:
    """`GET /api/v1/incidents/{id}`: the whole snapshot, timeline and all."""
    refuse_unknown(request.query, ())
    state.require_read_model()
    found = find_incident(state.incidents, request.match_info["id"])
    return json_answer(found.model_dump(mode="json"))


async def runbooks(state: State, request: web.Request) -> web.Response:
    """`GET /api/v1/runbooks`: all by id, or with `q` those that hold its words, the best first."""
    refuse_unknown(request.query, ("q", "limit"))
    limit, query = parse_limit(request.query), request.query.get("q")
    library = in_force(state)
    if query is None:
        found = sorted(library.runbooks.values(), key=lambda runbook: runbook.id)
    else:
        found = catalog.search(library.runbooks.values(), _words(query))
    rows = [catalog.brief(runbook) for runbook in found[:limit]]
    return json_answer({"library": library.hash, "runbooks": rows, "total": len(found), "limit": limit})


async def runbook(state: State, request: web.Request) -> web.Response:
    """`GET /api/v1/runbooks/{id}`: one with its text and steps, of the library in force, and its record."""
    refuse_unknown(request.query, ())
    library, name = in_force(state), request.match_info["id"]
    found = library.runbooks.get(name)
    if found is None:
        raise NotFound(f"There is no runbook {name!r} in the library in force.")
    state.require_standings()
    needed = library.guards.runs_to_auto
    record = record_of(state.standings.page(found.id), needed, state.now())
    return json_answer({"library": library.hash, **catalog.whole(found), "record": record})


async def automation(state: State, request: web.Request) -> web.Response:
    """`GET /api/v1/automation`: whether automation is paused, since when, by whom and why."""
    refuse_unknown(request.query, ())
    state.require_standings()
    return json_answer(automation_of(state.standings))


async def muted(state: State, request: web.Request) -> web.Response:
    """`GET /api/v1/muted`: the alerts that fire and are muted, by correlation domain."""
    refuse_unknown(request.query, ())
    state.require_standings()
    domains = [each.model_dump(mode="json") for each in state.standings.muted()]
    return json_answer({"domains": domains, "total": sum(each["count"] + each["beyond"] for each in domains)})


async def silences(state: State, request: web.Request) -> web.Response:
    """`GET /api/v1/silences`: all silences, also those that ended within the last day."""
    refuse_unknown(request.query, ())
    state.require_standings()
    now = state.now()
    return json_answer({"silences": [silence_of(each, now) for each in state.standings.silences()]})


async def service_levels(state: State, request: web.Request) -> web.Response:
    """`GET /api/v1/slo`: the four promises, each with numerator, denominator and window."""
    window = parse_window(request.query)
    state.require_read_model()
    promises = await asyncio.to_thread(slo.measure, state.incidents.all(), state.now(), window)
    return json_answer({"promises": [promise(each) for each in promises], "note": _left_view(state)})


async def paging(state: State, request: web.Request) -> web.Response:
    """`GET /api/v1/paging`: how people are paged and how fast they answer, by policy, level, team, person and night."""
    window = parse_window(request.query)
    state.require_read_model()
    now = state.now()
    measured = await asyncio.to_thread(figures, state.incidents.all(), Window(now - window, now))
    return json_answer({**as_json(measured), "note": _left_view(state)})


def _left_view(state: State) -> str:
    forgotten = state.incidents.forgotten
    return f"{forgotten} closed incidents have left this view" if forgotten else ""


def promise(measured: slo.Promise) -> dict[str, Any]:
    """A promise as JSON; `value` and `met` are null where it could not be measured."""
    return {
        "name": measured.name,
        "promise": measured.text,
        "numerator": measured.numerator,
        "denominator": measured.denominator,
        "value": measured.value,
        "target": measured.target,
        "met": measured.met,
        "window": {"from": measured.window.start.isoformat(), "to": measured.window.end.isoformat()},
        "note": measured.note,
        **measured.facts,
    }


_BRIEF = (
    "id version domain status reason title severity urgency environment service team mode opened_at acknowledged_at "
    "mitigated_at resolved_at settles_at closed_at reopened merged_into firing alert_count approximate runbook_id runbook_reason responders"
)


def incident_brief(incident: IncidentSnapshot) -> dict[str, Any]:
    """An incident in a list: what a table shows, and the version to compare by."""
    return incident.model_dump(mode="json", include=set(_BRIEF.split()))


def in_force(state: State) -> Library:
    """The library in force.

    Raises:
        Unavailable: none is known yet.

    """
    library = state.library()
    if library is None:
        raise Unavailable("The library is not loaded yet.")
    return library


def _words(query: str) -> str:
    if len(query) > _MAX_QUERY or not catalog.words_in(query):
        raise BadRequest(f"q holds one or more words, {_MAX_QUERY} characters at most.", field="q")
    return query
