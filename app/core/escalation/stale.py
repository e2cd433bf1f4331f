"""An acknowledgement that nothing follows goes stale: after a time without a word of a person the incident pages again."""

from __future__ import annotations

from datetime import datetime

from app.core.correlation import OPEN
from app.core.draft import Draft
from app.core.paging import WHY, begin, take_back
from app.model.durations import span
from app.model.incident import Incident
from app.model.timers import Timer
from app.model.words import TimerKind

PREFIX = "stale/"
"""The timers that ask whether anybody is still on it; the incident's id follows."""


def watch(draft: Draft, incident_id: str) -> None:
    """Hold a timer while the incident is acknowledged and not put off, if the rules want that."""
    incident = draft.incidents[incident_id]
    id_ = f"{PREFIX}{incident_id}/ack_stale"
    after = draft.library.rules.ack_stale_after
    is_held = incident.acknowledged_at is not None and incident.snoozed_until is None
    if incident.status not in OPEN or not is_held or not after:
        draft.timers.pop(id_, None)
    elif id_ not in draft.timers:
        due = max(_last_word(incident, draft) + after, draft.at)
        draft.set_timer(Timer(id=id_, due=due, kind=TimerKind.PAGE_DUE, incident_id=incident_id))


def on_timer(draft: Draft, timer: Timer) -> None:
    """Page again, unless a person did something meanwhile."""
    incident = draft.incidents[timer.incident_id]
    after = draft.library.rules.ack_stale_after
    if incident.acknowledged_at is None or not after:
        return
    silent_since = _last_word(incident, draft)
    if silent_since + after > draft.at:
        draft.set_timer(timer.model_copy(update={"due": silent_since + after}))
        return
    words = f"no person has done anything about it for {span(draft.at - silent_since)}"
    draft.record(incident.id, "AcknowledgementStale", "ack_stale", words)
    take_back(draft, incident.id, "ack_stale")
    begin(draft, incident.id, "ack_stale", WHY["ack_stale"])


def _last_word(incident: Incident, draft: Draft) -> datetime:
    said = [each for each in (incident.acknowledged_at, incident.stirred_at) if each is not None]
    return max(said, default=draft.at)
