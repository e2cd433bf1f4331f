"""Pages of several incidents to one person: each says what else rings for them in the domain, so that a pager can ring once for all."""

from __future__ import annotations

from app.core.draft import Draft
from app.model.escalation import Escalation
from app.model.words import EscalationStatus, Mode

MOST = 10
"""How many other incidents a page names."""


def bundle_of(draft: Draft, incident_id: str, page: Escalation) -> tuple[str, list[str]]:
    """Give what a page is bundled by, the page to the person by that channel that has rung longest, and the titles of the other incidents."""
    if not page.person_id or draft.incidents[incident_id].mode is Mode.SHADOW:
        return page.id, []
    beside = [
        (each.notified_at or draft.at, each.id, incident.title)
        for incident in draft.incidents.values()
        if incident.id != incident_id and incident.mode is not Mode.SHADOW
        for each in incident.escalations
        if each.status is EscalationStatus.NOTIFIED
        and (each.person_id, each.channel) == (page.person_id, page.channel)
    ]
    beside.sort()
    titles = list(dict.fromkeys(title for *_, title in beside))
    return (beside[0][1] if beside else page.id), titles[:MOST]
