"""When a review is written: on resolve, and again whenever its words change, until somebody marks it final."""

from __future__ import annotations

from collections.abc import Mapping

from app.core.draft import Draft
from app.core.identity import short_hash
from app.core.left_over import left_over
from app.core.people import named
from app.core.reviews.review import review
from app.model.commands import DocumentCommand
from app.model.incident import Incident
from app.model.inputs import Actor, Response
from app.model.words import IncidentStatus

OVER = (IncidentStatus.RESOLVED, IncidentStatus.CLOSED)
FINAL = "final"


def write_document(draft: Draft, incident_id: str, op: str = "draft") -> None:
    """Write the review, unless it is final or its words are what they were."""
    incident = draft.incidents[incident_id]
    body = _body(draft, incident)
    mark = short_hash(body)
    if incident.document_status == FINAL or (op != FINAL and mark == incident.document_mark):
        return
    path = incident.document_path or f"incidents/{incident.opened_at:%Y/%m}/{incident_id[:8]}.md"
    draft.update(incident_id, document_path=path, document_status=op, document_mark=mark)
    header = draft.header(incident_id, draft.object_id(incident_id, "document"), f"document/{op}")
    fields = {
        **header,
        "op": op,
        "title": f"Review: {incident.title}",
        "path": path,
        "body": body,
        "base_revision": header["revision"] - 1,
    }
    draft.outputs.append(DocumentCommand.model_validate(fields))


def write_again(draft: Draft, before: Mapping[str, Incident]) -> None:
    """Write the review again of each incident that is over and of which facts were added since `before`."""
    for incident in list(draft.incidents.values()):
        is_written = incident.status in OVER and bool(incident.document_path)
        if is_written and incident is not before.get(incident.id):
            write_document(draft, incident.id)


def finalize(draft: Draft, incident: Incident, response: Response) -> str:
    """Mark the review final, as a person wishes; give by name why it cannot be (empty: done)."""
    why_not = _why_not_final(incident)
    if not why_not:
        who = named(response.actor, draft.library)
        draft.record(incident.id, "ReviewFinalized", "by_person", who, actor=response.actor)
        write_document(draft, incident.id, FINAL)
    return why_not


def note_final(draft: Draft, incident: Incident, actor: Actor) -> None:
    """Take note that somebody marked it final in the document itself: nothing is sent, what people wrote there stays."""
    if not _why_not_final(incident):
        draft.record(
            incident.id, "ReviewFinalized", "in_the_document", named(actor, draft.library), actor=actor
        )
        draft.update(incident.id, document_status=FINAL)


def _why_not_final(incident: Incident) -> str:
    if incident.document_status == FINAL:
        return "already_final"
    return "" if incident.status in OVER and incident.document_path else "not_in_this_state"


def _body(draft: Draft, incident: Incident) -> str:
    team = draft.library.teams.get(incident.team)
    return review(incident, left_over(draft, incident), team.zone if team else None)
