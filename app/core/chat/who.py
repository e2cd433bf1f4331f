"""Who is paged for an incident, and who would be next, in words."""

from __future__ import annotations

from collections.abc import Sequence

from app.core.draft import Draft
from app.core.escalation import firing
from app.core.escalation.targets import Resolver
from app.core.paging import policy_of
from app.model.escalation import Escalation
from app.model.incident import Incident
from app.model.words import EscalationStatus

_SHOWN = (EscalationStatus.NOTIFIED, EscalationStatus.ACKNOWLEDGED)


def who_is_paged(draft: Draft, incident: Incident) -> str:
    """Name who is paged and who is on it, and the levels of the incident's policy."""
    lines = [_page(each) for each in incident.escalations if each.status in _SHOWN]
    is_held = incident.acknowledged_at is not None
    lines += [
        f"- {person} {'is on it' if is_held else 'was called or on it'}" for person in incident.responders
    ]
    lines = list(dict.fromkeys(lines))
    policy = policy_of(draft, incident.id)
    if policy is None or not policy.levels:
        return "\n".join([*lines, "No escalation policy covers this incident: nobody would be paged."])
    resolver = firing.resolver_of(draft, incident.id, {})
    lines += [
        f"- level {number} of {policy.id}, by now: {_aims(resolver, level.targets)}"
        for number, level in enumerate(policy.levels, 1)
        if level.targets
    ]
    return "\n".join(dict.fromkeys(lines))  # somebody may be paged in several ways


def _page(page: Escalation) -> str:
    """Say how a page stands: whom it is for, by which way, whether it arrived, and who acknowledged it."""
    whom = (
        page.target
        if page.person_id in ("", page.target.partition(":")[2])
        else f"{page.target} ({page.person_id})"
    )
    way = f" by {page.channel}" if page.channel else ""
    if page.status is EscalationStatus.ACKNOWLEDGED:
        by = f" by {page.acknowledged_person}" if page.acknowledged_person else ""
        return f"- the page to {whom} was acknowledged{by}"
    return (
        f"- {whom} is paged{way}"
        if page.undelivered_at is None
        else f"- the page to {whom}{way} did not arrive"
    )


def _aims(resolver: Resolver, targets: Sequence[str]) -> str:
    """Name whom targets stand for now; of those who stand for nobody, why."""
    aims = resolver.resolve(targets)
    return ", ".join(each.absent or firing.words_of(each) for each in aims)
