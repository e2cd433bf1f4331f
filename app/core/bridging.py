"""Young incidents that an alert ties together become one: their cause was not known yet when the second was opened."""

from __future__ import annotations

from app.core.correlation import OPEN, Correlation
from app.core.draft import Draft
from app.core.join_rules import keeps_apart
from app.core.merging import Told, unite
from app.core.owners import page_owner
from app.model.inputs import AlertSignal
from app.model.words import AlertStatus, Severity


def bridge(draft: Draft, signal: AlertSignal, why: Correlation) -> None:
    """Merge the incidents that an alert ties to the one that it joined; the oldest goes on. A rule that says never of alerts of both wins.

    The owner of one that is critical is paged as that of a second service is: should they be two outages after all, nobody slept.
    """
    if signal.alert.status is not AlertStatus.FIRING:
        return
    kept_id = why.incident_id
    for tied in sorted(why.tied, key=lambda each: (each.incident.opened_at, each.incident.id)):
        kept, other = draft.incidents[kept_id], draft.incidents.get(tied.incident.id)
        if other is None or other.status not in OPEN:
            continue
        if keeps_apart(kept, other, draft.library) is not None:
            continue
        first, second = sorted((kept, other), key=lambda each: (each.opened_at, each.id))
        kept_id = first.id
        words = f": {signal.alert.name} of {signal.service} ties them: {why.words}; {tied.words}"
        unite(draft, second, first, Told("tied_by_alert", "the engine", words))
        if second.severity is Severity.CRITICAL and second.service:
            page_owner(draft, first.id, second.service, "second_service")
