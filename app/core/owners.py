"""Who owns what an incident affects: the owner of each critical service is paged, and the incident moves to the owner of its root."""

from __future__ import annotations

from collections.abc import Mapping

from app.core.announce import say_impossible, say_moved
from app.core.bounds import TITLE_CHARS, cut, one_line
from app.core.cause import Root, find_root
from app.core.domains import team_of
from app.core.draft import Draft
from app.core.escalation import firing
from app.core.escalation.ladders import policies_of
from app.core.escalation.pages import key_of, rung
from app.core.memory import affected_of
from app.core.paging import WHY, policy_for
from app.core.suspects import concern, likeliest, rank
from app.model.incident import Affected, Incident
from app.model.inputs import AlertSignal
from app.model.words import AlertStatus, Severity


def page_second_owner(draft: Draft, incident_id: str, signal: AlertSignal) -> None:
    """Page the owner of a critical service that is not the incident's own, once: it may be an outage of its own."""
    fires = signal.alert.status is AlertStatus.FIRING and signal.severity is Severity.CRITICAL
    if fires and signal.service and signal.service != draft.incidents[incident_id].service:
        page_owner(draft, incident_id, signal.service, "second_service")


def page_owner(draft: Draft, incident_id: str, service: str, reason: str) -> None:
    """Page the owner of a service by the policy of its team, once for each service; whoever is rung already is not rung again."""
    incident = draft.incidents[incident_id]
    held = affected_of(incident)
    if _was_paged(incident, service):
        return
    if service in held:
        affected = {**held, service: held[service].model_copy(update={"paged": True})}
        incident = draft.update(incident_id, affected=affected)
    library, why = policies_of(draft, incident_id), f"{WHY[reason]}: {service}"
    policy = policy_for(service, team_of(service, draft.library), None, library)
    if policy is None or not policy.levels:
        draft.record(incident_id, "EscalationImpossible", "no_policy", f"nobody could be paged: {why}")
        say_impossible(draft, incident_id, f"no escalation policy covers it ({why})")
        return
    rings = {key_of(each) for each in rung(incident)}
    first = firing.resolver_of(draft, incident_id, {}).resolve([f"policy:{policy.id}"])
    if first and all(each.key in rings for each in first):
        draft.record(incident_id, "EscalationNoted", reason, f"{why}; its owner is paged already")
        return
    firing.start(draft, incident_id, policy, reason, why, service)


def reconsider(draft: Draft, before: Incident | None, incident_id: str) -> None:
    """Look anew for the root and the suspects, unless all that they rest on is as it was `before`."""
    incident = draft.incidents[incident_id]
    if before is not None and not turned(before, incident):
        return
    changes = concern(draft.changes, incident, draft.library)
    known = {each.id: each for each in (*incident.changes, *changes)}
    incident = draft.update(incident_id, changes=likeliest(known.values(), incident, draft.library))
    root = find_root(incident, draft.library)
    if root is not None:
        if root.service != incident.service:
            _move(draft, incident, root)
        draft.update(incident_id, root_reasons=list(root.reasons))
    draft.update(incident_id, suspects=rank(draft.incidents[incident_id], draft.library))


def not_paged(affected: Mapping[str, Affected]) -> dict[str, Affected]:
    """Give what an incident affects so that each owner may be paged once more, for it came back."""
    return {name: each.model_copy(update={"paged": False}) for name, each in affected.items()}


def _was_paged(incident: Incident, service: str) -> bool:
    held = affected_of(incident)
    return (service in held and held[service].paged) or any(
        each.service == service for each in rung(incident)
    )


def turned(before: Incident, after: Incident) -> bool:
    """Tell whether a service is new, or fired earlier or elsewhere than was known."""
    was, now = affected_of(before), affected_of(after)
    return was.keys() != now.keys() or any(
        (was[name].first, was[name].machine) != (now[name].first, now[name].machine) for name in now
    )


def _move(draft: Draft, before: Incident, root: Root) -> None:
    """Make another service the incident's: its title and its team follow, and its owner is paged where the old one was."""
    team = team_of(root.service, draft.library)
    title = cut(_title(draft, before, root.service), TITLE_CHARS)
    moved = draft.update(
        before.id, service=root.service, team=team, title=title, root_moves=before.root_moves + 1
    )
    words = f"{before.service or 'unknown'} to {root.service}: {'; '.join(root.reasons)}"
    facts = {"from": before.service, "to": root.service, "team": team, "title": title}
    draft.record(before.id, "CauseMoved", "explains_more", words, data=facts)
    if before.service:
        say_moved(draft, before.id, root.service, "; ".join(root.reasons))
    if moved.team != before.team and rung(before):
        page_owner(draft, before.id, root.service, "cause_moved")


def _title(draft: Draft, incident: Incident, service: str) -> str:
    """Give the words of the first shown alert of a service, else what its failing does to others."""
    view = next((each for each in incident.alerts if each.service == service), None)
    if view is not None:
        return one_line(view.annotations.get("summary", "")) or view.name or incident.title
    known = draft.library.services[service]
    return f"{known.title or service}: {len(affected_of(incident))} services that depend on it are affected"
