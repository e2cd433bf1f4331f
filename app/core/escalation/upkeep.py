"""What must hold of every open incident that changed: its policy is pinned, and what is to come has its timer."""

from __future__ import annotations

from app.core.correlation import OPEN
from app.core.draft import Draft
from app.core.escalation import stale
from app.core.escalation.ladders import wait
from app.model.incident import Incident
from app.model.ladder import Ladder
from app.model.policy import DEFAULT_ACK_TIMEOUT
from app.model.words import EscalationStatus, Mode


def keep_up(draft: Draft, incident_id: str) -> None:
    """See to an incident's pages once it has changed."""
    incident = draft.incidents.get(incident_id)
    if incident is None:
        return
    if incident.status in OPEN and not incident.policy_library:
        incident = draft.update(incident_id, policy_library=draft.library.hash)
    _go_on_for_older_release(draft, incident)
    stale.watch(draft, incident_id)


def _go_on_for_older_release(draft: Draft, incident: Incident) -> None:
    """Let the next level follow on a page of a release that paged only the first one."""
    if incident.ladders or incident.status not in OPEN or incident.mode is Mode.SHADOW:
        return
    ringing = [
        each
        for each in incident.escalations
        if each.status is EscalationStatus.NOTIFIED
        and not each.service
        and each.level  # else somebody was asked by name, which such a release could not
        and each.policy in draft.library.policies
    ]
    if not ringing:
        return
    page = ringing[-1]
    ladder = Ladder(
        policy=page.policy,
        library=draft.library.hash,
        level=page.level,
        reason=page.reason,
        why=page.reason,
        is_paging=True,
    )
    wait(draft, incident.id, ladder, max(page.ack_by or draft.at + DEFAULT_ACK_TIMEOUT, draft.at))
