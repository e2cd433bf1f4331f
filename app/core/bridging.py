"""Young incidents become one where their common cause shows: an alert ties them together, or one machine or change explains them both.

The oldest goes on. A rule that says never of alerts of both wins, and both say so. The owner of one that is critical is paged as that of a
second service is: should they be two outages after all, nobody slept.
"""

from __future__ import annotations

from app.core.bounds import APART
from app.core.common_change import explained_with
from app.core.common_machine import crowded_with
from app.core.correlation import OPEN, Correlation
from app.core.draft import Draft
from app.core.join_rules import keeps_apart
from app.core.merging import Told, unite
from app.core.owners import page_owner, turned
from app.model.correlation import JoinRule
from app.model.incident import Incident
from app.model.inputs import AlertSignal
from app.model.words import AlertStatus, Severity

_CAUSES = {"tied_by_machine": crowded_with, "tied_by_change": explained_with}
"""What may explain several incidents, by the reason for which they are merged."""


def bridge(draft: Draft, signal: AlertSignal, why: Correlation) -> None:
    """Merge the incidents that an alert ties to the one that it joined, then those that one cause explains with what came of it."""
    if signal.alert.status is not AlertStatus.FIRING or why.weighed is None:
        return
    kept_id = why.incident_id
    for tied in sorted(why.tied, key=lambda each: (each.incident.opened_at, each.incident.id)):
        words = f": {signal.alert.name} of {signal.service} ties them: {why.words}; {tied.words}"
        told = Told("tied_by_alert", "the engine", words)
        kept_id = _become_one(draft, kept_id, tied.incident.id, told, tied.rule)
    if turned(why.weighed.incident, draft.incidents[kept_id]):
        bridge_by_cause(draft, kept_id)


def bridge_by_cause(draft: Draft, incident_id: str) -> None:
    """Merge the incidents that are about one machine with this one, or that one change explains with it, if it is held still."""
    for reason, explain in _CAUSES.items():
        incident = draft.incidents.get(incident_id)
        if incident is None:
            return
        found = explain(incident, draft.incidents.values(), draft.library, draft.at)
        if found is None:
            continue
        told = Told(reason, "the engine", f": {found.words}")
        for other in found.others:
            incident_id = _become_one(draft, incident_id, other.id, told)


def _become_one(draft: Draft, kept_id: str, other_id: str, told: Told, rule: JoinRule | None = None) -> str:
    """Merge two incidents unless one is over or a rule keeps them apart; give the id of the one that goes on.

    `rule` says never of the other one and the alert that ties them, which may be beyond those that the incidents show.
    """
    kept, other = draft.incidents[kept_id], draft.incidents.get(other_id)
    if other is None or other.status not in OPEN:
        return kept_id
    rule = rule or keeps_apart(kept, other, draft.library)
    if rule is not None:
        _say_apart(draft, kept, other, rule, told)
        _say_apart(draft, other, kept, rule, told)
        return kept_id
    first, second = sorted((kept, other), key=lambda each: (each.opened_at, each.id))
    unite(draft, second, first, told)
    if second.severity is Severity.CRITICAL and second.service:
        page_owner(draft, first.id, second.service, "second_service")
    return first.id


def _say_apart(draft: Draft, incident: Incident, other: Incident, rule: JoinRule, told: Told) -> None:
    """Say in an incident, once of each other one, that a rule kept it from becoming one with that."""
    known = incident.apart_from
    if other.id in known or len(known) >= APART:
        return
    words = f"rule {rule.name} says never, so it stays apart from {other.title!r}{told.why}"
    facts = {"incident": other.id, "rule": rule.name, "tie": told.reason}
    draft.update(incident.id, apart_from=[*known, other.id])
    draft.record(incident.id, "MergePrevented", "rule", words, data=facts)
