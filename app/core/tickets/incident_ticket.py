"""The ticket of an incident: opened once, commented on what matters and not more often than people read, moved with it."""

from __future__ import annotations

from app.core import digests
from app.core.chat.cards import facts
from app.core.desk import home_of, tickets_of
from app.core.draft import Draft
from app.core.tickets.fields import filled_in
from app.model.commands import TicketCommand
from app.model.desk import TicketSettings
from app.model.incident import Incident


def open_ticket(draft: Draft, incident_id: str) -> None:
    """Open the ticket of an incident that is severe enough, once."""
    incident = draft.incidents[incident_id]
    settings = settings_for(draft, incident)
    least = settings.severity
    if incident.ticket_id or least is None or incident.severity.rank < least.rank:
        return
    incident = draft.update(incident_id, ticket_id=draft.object_id(incident_id, "ticket"))
    fields, missing = filled_in(incident, settings)
    if missing:
        words = f"fields of the ticket that cannot be filled in: {'; '.join(missing)}"
        draft.record(incident_id, "TicketFieldsMissing", "template_failed", words)
    _send(draft, incident_id, "open", "open", facts(draft.incidents[incident_id]), fields)


def comment(draft: Draft, incident_id: str, name: str, words: str) -> None:
    """Comment on the ticket, if there is one; with others where much happens."""
    if draft.incidents[incident_id].ticket_id and digests.may_say(draft, incident_id, "ticket", words):
        _send(draft, incident_id, "comment", name, words, {})


def flush(draft: Draft, incident_id: str) -> None:
    """Comment together what waits to be said."""
    if words := digests.take(draft, incident_id, "ticket"):
        _send(draft, incident_id, "comment", "digest", words, {})


def move(draft: Draft, incident_id: str, word: str, words: str) -> None:
    """Move the ticket to the state that is meant by one of our words; one that is closed already is not closed again."""
    incident = draft.incidents[incident_id]
    if not incident.ticket_id:
        return
    flush(draft, incident_id)
    settings = settings_for(draft, incident)
    if word != "reopened" and is_closed(incident.ticket_state, settings):
        return
    if word == "reopened":
        draft.update(incident_id, ticket_state="")  # what it was is over, also if nobody says so
    fields = {"status": settings.states.get(word, word)}
    _send(draft, incident_id, "transition", word, words, fields)


def settings_for(draft: Draft, incident: Incident) -> TicketSettings:
    """Give what holds for the incident's ticket."""
    return tickets_of(home_of(draft, incident))


def is_closed(state: str, settings: TicketSettings) -> bool:
    """Whether a state of the ticketing system means that the ticket is closed."""
    return state.casefold() in {each.casefold() for each in settings.closed}


def _send(draft: Draft, incident_id: str, op: str, name: str, text: str, fields: dict[str, str]) -> None:
    incident = draft.incidents[incident_id]
    header = draft.header(incident_id, incident.ticket_id, f"ticket/{name}")
    project = settings_for(draft, incident).project
    command = {**header, "op": op, "text": text, "project": project, "fields": fields}
    draft.outputs.append(TicketCommand.model_validate(command))
