"""Where an incident's conversation and ticket are: with the service and the team that it was opened for."""

from __future__ import annotations

from app.core.draft import Draft
from app.model.catalog import Service, Team
from app.model.desk import Apart, TicketSettings, settings_of
from app.model.incident import Incident
from app.model.library import Library

DEFAULT_CHAT = "#incidents"

Home = tuple[Service | None, Team | None]


def home_of(draft: Draft, incident: Incident) -> Home:
    """Give the service and the team that the incident was opened for: its conversation and its ticket stay with them."""
    service = draft.library.services.get(incident.opened_for if incident.root_moves else incident.service)
    name = (service.team if service else "") or draft.library.rules.team
    return service, draft.library.teams.get(name if incident.root_moves else incident.team)


def home_named(library: Library, service: str, team: str) -> Home:
    """Give a service and a team by their ids."""
    return library.services.get(service), library.teams.get(team)


def channel_of(home: Home) -> str:
    """Give the channel: the service's, else the team's, else the one of all."""
    return next((each.chat for each in home if each and each.chat), DEFAULT_CHAT)


def is_apart(home: Home) -> bool:
    """Whether each incident has a channel of its own."""
    said = next((each.apart for each in home if each and each.apart is not None), Apart.THREAD)
    return said is Apart.CHANNEL


def tickets_of(home: Home) -> TicketSettings:
    """Give what holds for tickets; `tickets: PROJECT` is short for `ticket: {project: PROJECT}`."""
    said: list[TicketSettings | None] = []
    for each in home:
        if each is not None:
            said += [each.ticket, TicketSettings(project=each.tickets)]
    return settings_of(*said)
