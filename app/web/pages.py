"""The pages for people: plain HTML without a script, readable on a phone at night."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from importlib.resources import files

from aiohttp import web
from markupsafe import Markup

from app.core.context import base_of, context_of
from app.core.suspects import ranked
from app.model.execution import Execution, StepRun
from app.model.incident import IncidentSnapshot
from app.model.library import Library
from app.model.runbook import Runbook, Step
from app.model.words import IncidentStatus
from app.web.problems import Unavailable
from app.web.prose import render_page
from app.web.query import OPEN_STATUSES, find_incident
from app.web.state import State
from app.web.story import advise, latest, why
from app.web.templates import page

RECENT = timedelta(hours=24)
_RECENT_SHOWN = 50
_OPEN_SHOWN = 500
_LIBRARY_WITHIN_S = 2.0
"""How long a page waits for the library it is pinned to; the incident is shown without its runbook then."""


async def home(state: State, _: web.Request) -> web.Response:
    """`GET /`: what is open, the worst first, and what was resolved lately."""
    ready, why_not = state.ready()
    if not state.incidents.ready:
        raise Unavailable(f"The worker is starting: {why_not}. This page tries again by itself.")
    now, held = state.now(), state.incidents.all()
    open_ones = sorted(
        (incident for incident in held if incident.status in OPEN_STATUSES),
        key=lambda incident: (incident.status is IncidentStatus.MITIGATED, -incident.severity.rank),
    )
    recent = [i for i in held if i.resolved_at and now - i.resolved_at < RECENT and i not in open_ones]
    return _html(
        "home.html",
        now=now,
        warning="" if ready else why_not,
        automation=state.standings.automation(),
        muted=sum(each.count + each.beyond for each in state.standings.muted()),
        open_ones=open_ones[:_OPEN_SHOWN],
        open_count=len(open_ones),
        recent=sorted(recent, key=lambda i: str(i.resolved_at), reverse=True)[:_RECENT_SHOWN],
    )


async def incident(state: State, request: web.Request) -> web.Response:
    """`GET /incidents/{id}`: the incident, its timeline, and its runbook with the state of each step."""
    state.require_read_model()
    found, now = find_incident(state.incidents, request.match_info["id"]), state.now()
    shown = await _runbook(state, found)
    return _html(
        "incident.html",
        now=now,
        incident=found,
        is_open=found.status in OPEN_STATUSES,
        advice=advise(found, now),
        run=latest(found),
        runbook=shown,
        why=why,
        links=_links(found),
        addresses={kind: url for kind, url in found.urls.items() if _leads_to_a_page(url)},
        changes=ranked(found),
    )


async def style(_: State, __: web.Request) -> web.Response:
    """`GET /style.css`."""
    css = files("app.web").joinpath("static", "style.css").read_text(encoding="utf-8")
    return web.Response(text=css, content_type="text/css", headers={"Cache-Control": "max-age=300"})


@dataclass(frozen=True)
class ShownRunbook:
    """A runbook as an incident's page shows it; without `html` the page could not be had, and `note` says why."""

    id: str
    title: str = ""
    html: Markup | None = None
    note: str = ""


async def _runbook(state: State, found: IncidentSnapshot) -> ShownRunbook | None:
    """The page that the newest execution is pinned to, else the one in force now."""
    run = latest(found)
    name = run.runbook_id if run else found.runbook_id
    if not name:
        return None
    library = await _library(state, run)
    runbook = library.runbooks.get(name) if library else None
    if runbook is None:
        return ShownRunbook(
            name, note="The text of this runbook is not here (yet). Reload, or look into the library."
        )
    note = "" if run else "No execution is pinned to this page: it is shown as it is in force now."
    return ShownRunbook(name, runbook.title, Markup(_rendered(runbook, found, run)), note)  # noqa: S704  # sanitised


async def _library(state: State, run: Execution | None) -> Library | None:
    if run is None:
        return state.library()
    try:
        return await asyncio.wait_for(state.runtime.libraries.get(run.library), _LIBRARY_WITHIN_S)
    except TimeoutError:
        return None


def _rendered(runbook: Runbook, found: IncidentSnapshot, run: Execution | None) -> str:
    steps = {step.step: step for step in run.steps} if run else {}
    actions = {step.id: _does(step) for step in runbook.steps}

    def step_box(step_id: str) -> str:
        step = steps.get(step_id)
        parts = _parts(step, run, found) if step and run else []
        return page("step.html", name=step_id, step=step, action=actions.get(step_id, ""), parts=parts)

    return render_page(runbook.body, context_of(found, run), step_box)


def _does(step: Step) -> str:
    return step.action or ("wait" if step.wait else f"uses {step.uses}" if step.uses else "by hand")


def _parts(step: StepRun, run: Execution, found: IncidentSnapshot) -> list[StepRun]:
    """What belongs to a step: its items, probe and compensation, or the steps of the runbook that it uses."""
    used = [each for each in found.executions if each.id == step.child_id]
    own = [each for each in run.steps if each.step != step.step and base_of(each.step) == step.step]
    return [*own, *(each for child in used for each in child.steps)]


def _links(found: IncidentSnapshot) -> Sequence[tuple[str, str]]:
    """Links that alerts bring along; only those that a browser follows to a web page."""
    if not found.alerts:
        return []
    first = found.alerts[0]
    known = (
        ("Dashboard", first.annotations.get("dashboard_url", "")),
        ("Runbook on the wiki", first.annotations.get("runbook_url", "")),
        ("Source", first.generator_url),
    )
    return [(title, url) for title, url in known if _leads_to_a_page(url)]


def _leads_to_a_page(url: str) -> bool:
    return url.startswith(("http://", "https://"))


def _html(name: str, **facts: object) -> web.Response:
    return web.Response(
        text=page(name, **facts), content_type="text/html", headers={"Cache-Control": "no-store"}
    )
