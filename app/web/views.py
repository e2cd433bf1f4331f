"""Every path of the web port, and how it is hung into Faust's own web server."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal, cast

import faust
from aiohttp import web
from faust.web.base import BlueprintManager
from faust.web.drivers.aiohttp import Web
from faust.web.views import View

from app.model.incident import IncidentSnapshot
from app.model.topics import CONNECTORS, INCIDENTS, STANDINGS
from app.settings import Settings
from app.web import api, bulk, feeds, intake, pages, probes
from app.web.connectors import Connectors
from app.web.follow import Following, Model
from app.web.guard import refuse_foreign_hosts, require_loopback, secure
from app.web.metrics import IncidentMetrics
from app.web.own_heartbeat import OwnHeartbeat
from app.web.ports import Runtime
from app.web.problems import Handler as Next
from app.web.problems import explain_errors
from app.web.read_model import ReadModel
from app.web.standings import Standings
from app.web.state import State
from app.wire.decode import decode

Handler = Callable[[State, web.Request], Awaitable[web.StreamResponse]]

GET: dict[str, Handler] = {
    "/": pages.home,
    "/incidents/{id}": pages.incident,
    "/style.css": pages.style,
    "/api/v1/incidents": api.incidents,
    "/api/v1/incidents/{id}": api.incident,
    "/api/v1/runbooks": api.runbooks,
    "/api/v1/runbooks/{id}": api.runbook,
    "/api/v1/automation": api.automation,
    "/api/v1/muted": api.muted,
    "/api/v1/silences": api.silences,
    "/api/v1/slo": api.service_levels,
    "/api/v1/schedules/{id}.ics": feeds.schedule,
    "/api/v1/people/{id}.ics": feeds.person,
    "/api/v1/paging": api.paging,
    "/metrics": probes.metrics,
    "/healthz": probes.alive,
    "/readyz": probes.ready,
}
POST: dict[str, Handler] = {
    "/intake/acknowledge": bulk.acknowledge,
    "/intake/alertmanager": intake.alertmanager,
    "/intake/responses": intake.responses,
    "/intake/step-results": intake.step_results,
}


def register(app: faust.App, runtime: Runtime) -> ReadModel:
    """Hang the views into the app's web server, and the read model into its life; give the read model.

    Raises:
        NotLoopbackError: the settings name a web host that other machines can reach.

    """
    require_loopback(runtime.settings.web_host)
    model, standings = ReadModel(decode_snapshot), Standings()
    connectors = Connectors()
    state = State(runtime, model, standings, connectors)
    mount(app, state)
    _beat(app, state)
    _follow(app, runtime.settings, {INCIDENTS: model, STANDINGS: standings, CONNECTORS: connectors})
    return model


def _beat(app: faust.App, state: State) -> None:
    """Tell the dead man's switch outside, if there is one, as long as the web server lives."""
    url = state.runtime.settings.heartbeat_url.get_secret_value()
    if url:
        beat = OwnHeartbeat(url, state.well, state.counters.heartbeats)
        server = aiohttp_app(app)
        server.on_startup.append(beat.start)
        server.on_cleanup.append(beat.stop)


def _follow(app: faust.App, settings: Settings, models: Mapping[str, Model]) -> None:
    """Follow topics into their models as long as the web server lives."""
    server = aiohttp_app(app)  # it is up before tables are recovered; Faust's own services come after
    for topic, model in models.items():
        full = f"{settings.topic_prefix}.{topic}"
        following = Following(model, full, settings.bootstrap_servers, check_crcs=not settings.embedded)
        server.on_startup.append(following.start)
        server.on_cleanup.append(following.stop)


def mount(app: faust.App, state: State) -> None:
    """Hang the views into the app's web server, in place of Faust's own pages."""
    app.web.blueprints = BlueprintManager([])
    outside_in = (secure, _count_intake(state), explain_errors, refuse_foreign_hosts)
    server = aiohttp_app(app)
    server.middlewares.extend(outside_in)
    server.on_startup.append(_check_bind(app))
    state.counters.registry.register(
        IncidentMetrics(state.incidents, state.standings, state.runtime, state.ready, state.now)
    )
    for path, handler in GET.items():
        app.page(path, name=path)(_view("get", state, handler))
    for path, handler in POST.items():
        app.page(path, name=path)(_view("post", state, handler))


def aiohttp_app(app: faust.App) -> web.Application:
    """The aiohttp application behind Faust's web."""
    return cast("Web", app.web).web_app


def decode_snapshot(value: bytes) -> IncidentSnapshot:
    """Read a value of the `incidents` topic; WireError, a ValueError, where it cannot be."""
    return decode(value, IncidentSnapshot)


def _view(method: Literal["get", "post"], state: State, handler: Handler) -> type[View]:
    async def serve(_: View, request: web.Request, **__: str) -> web.StreamResponse:
        return await handler(state, request)

    def methods(_: View) -> set[str]:
        return {"GET", "HEAD"} if method == "get" else {"POST"}

    return type(
        f"{handler.__name__}_view",
        (View,),
        {method: serve, "get_methods": methods, "__doc__": handler.__doc__},
    )


def _count_intake(state: State) -> Any:
    @web.middleware
    async def count(request: web.Request, handler: Next) -> web.StreamResponse:
        response = await handler(request)
        if request.path in POST:
            state.counters.intake.labels(request.path, str(response.status)).inc()
        return response

    return count


def _check_bind(app: faust.App) -> Callable[[web.Application], Awaitable[None]]:
    """Faust's own options can still widen the address after the settings were checked."""

    async def check(_: web.Application) -> None:
        require_loopback(app.conf.web_bind)

    return check
