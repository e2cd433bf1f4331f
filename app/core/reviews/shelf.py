"""Closed incidents that facts may still be added to: they lie on a shelf of the record, out of the way of correlation.

For the time of a signal that concerns one it is among the incidents, and does nothing there but take note.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from app.core.bounds import SHELF, SHELF_BYTES
from app.core.draft import Draft
from app.core.reviews.writing import FINAL
from app.model.incident import Incident
from app.model.inputs import Response, ResponseSignal, StepResult, StepResultSignal
from app.model.signals import Signal
from app.model.words import IncidentStatus

KEPT_FOR = timedelta(days=7)
"""How long after it was closed facts may be added."""


def still_kept(shelf: Mapping[str, Incident], at: datetime) -> dict[str, Incident]:
    """Give those to which facts may still be added at a moment."""
    return {
        each.id: each
        for each in shelf.values()
        if each.closed_at is not None and at - each.closed_at <= KEPT_FOR
    }


def shelve(draft: Draft, incident: Incident) -> None:
    """Put a closed incident on the shelf; of too much the final ones go first, then the oldest."""
    slim = incident.model_copy(update={"members": {}, "entities": {}})
    draft.shelf = _few({**draft.shelf, slim.id: slim})


def _few(shelf: Mapping[str, Incident]) -> dict[str, Incident]:
    sizes = {id_: len(each.model_dump_json(exclude_defaults=True).encode()) for id_, each in shelf.items()}
    kept = [each for id_, each in shelf.items() if sizes[id_] <= SHELF_BYTES]
    for each in sorted(kept, key=_order):
        if len(kept) <= SHELF and sum(sizes[left.id] for left in kept) <= SHELF_BYTES:
            break
        kept.remove(each)
    return {each.id: each for each in kept}


def take_down(draft: Draft, signal: Signal) -> None:
    """Let a closed incident be among the incidents while a signal is decided that concerns it."""
    found = next((each for each in draft.shelf.values() if _concerns(signal, each)), None)
    if found is not None:
        fetch(draft, found.id)


def fetch(draft: Draft, incident_id: str) -> bool:
    """Let a closed incident be among the incidents for the rest of the signal, if facts may still be added to it."""
    found = draft.shelf.get(incident_id)
    if found is None:
        return False
    draft.incidents.setdefault(incident_id, found)
    return True


def put_back(draft: Draft) -> None:
    """Put what was taken down back, unless it has grown too large; what changed gets a snapshot."""
    taken = {each.id: each for each in draft.incidents.values() if each.status is IncidentStatus.CLOSED}
    for incident in taken.values():
        draft.close(incident.id, has_changed=incident is not draft.shelf.get(incident.id))
    if taken:
        draft.shelf = _few({**draft.shelf, **taken})


def _concerns(signal: Signal, incident: Incident) -> bool:
    match signal.body:
        case ResponseSignal(notice=None, response=Response() as response):
            return response.incident_id == incident.id or response.object_id in incident.revisions
        case StepResultSignal(result=StepResult() as result):
            commands = {step.command_id for run in incident.executions for step in run.steps}
            return result.object_id in incident.revisions or bool({result.command_id} & (commands - {""}))
        case _:
            return False


def _order(incident: Incident) -> tuple[bool, datetime | None, str]:
    return incident.document_status != FINAL, incident.closed_at, incident.id
