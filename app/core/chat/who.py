"""Who is paged for an incident, and who would be next, in words."""

from __future__ import annotations

from app.core.draft import Draft
from app.core.paging import policy_of
from app.model.incident import Incident
from app.model.words import EscalationStatus

_STANDS = {
    EscalationStatus.NOTIFIED: "is paged",
    EscalationStatus.ACKNOWLEDGED: "acknowledged",
}


def who_is_paged(draft: Draft, incident: Incident) -> str:
    """Name who is paged and who is on it, and the levels of the incident's policy."""
    lines = [
        f"- {each.target} {_STANDS[each.status]}" for each in incident.escalations if each.status in _STANDS
    ]
    lines += [f"- {person} is on it" for person in incident.responders]
    policy = policy_of(draft, incident.id)
    if policy is None or not policy.levels:
        return "\n".join([*lines, "No escalation policy covers this incident: nobody would be paged."])
    lines += [
        f"- level {number} of {policy.id}: {', '.join(level.targets)}"
        for number, level in enumerate(policy.levels, 1)
        if level.targets
    ]
    return "\n".join(dict.fromkeys(lines))  # somebody may be paged in several ways
