"""What ticketing answers: a ticket that somebody moved outside, and receipts for what is over."""

from __future__ import annotations

from app.core.bounds import LINE_CHARS, cut
from app.core.chat.threads import tell
from app.core.correlation import OPEN
from app.core.draft import Draft
from app.core.identity import output_id
from app.core.lifecycle import resolve
from app.core.people import named
from app.core.tickets.follow_ups import tasks_of, thread_id
from app.core.tickets.incident_ticket import is_closed, settings_for
from app.model.desk import WhenClosed
from app.model.incident import Incident
from app.model.inputs import Response

OBJECTS = ("ticket", "conversation", "document")


def take_state(draft: Draft, incident: Incident, response: Response) -> None:
    """Take note of the state that a ticket has outside; where operators say so, closing it resolves its incident.

    What is told of a state twice, or as the answer to a command of ours, moves nothing. Nor does what comes late, from before the
    incident came back: a tracker tells of our own moves as well, and the end of then would end it now.
    """
    state = cut(response.state, LINE_CHARS)
    if not state or state == incident.ticket_state or response.object_id != incident.ticket_id:
        return
    if _is_from_before_it_came_back(incident, response):
        return
    incident = draft.update(incident.id, ticket_state=state)
    if response.command_id:
        return
    settings = settings_for(draft, incident)
    closed = is_closed(state, settings)
    who = named(response.actor, draft.library)
    words = f"{who} moved the ticket to {state}"
    draft.record(
        incident.id,
        "TicketMoved",
        "closed_outside" if closed else "moved_outside",
        words,
        actor=response.actor,
    )
    if incident.status not in OPEN:
        return
    resolves = closed and settings.when_closed is WhenClosed.RESOLVE
    further = " The incident is open still; say `resolve` if it is over." if closed and not resolves else ""
    tell(draft, incident.id, "ticket", f"{words}.{further}")
    if resolves:
        resolve(draft, incident.id, "ticket_closed", words, response.actor)


def _is_from_before_it_came_back(incident: Incident, response: Response) -> bool:
    came_back = [line.at for line in incident.timeline if line.type == "IncidentReopened"]
    return bool(came_back) and response.occurred_at is not None and response.occurred_at < came_back[-1]


def is_of_the_past(domain: str, response: Response) -> bool:
    """Whether it is about an object of an incident, or a task's conversation, that has left the record: ours, and nothing is to be done.

    The ids of objects are made of the incident's, so that nothing need be remembered for it.
    """
    incident_id, object_id = response.incident_id, response.object_id
    if response.response is not None or not incident_id or not object_id:
        return False
    own = [output_id(domain, incident_id, name) for name in OBJECTS]
    threads = [thread_id(domain, each) for each in tasks_of(domain, incident_id)]
    return object_id in (*own, *threads)
