"""Young incidents that an alert ties together become one: their cause was not known yet when the second was opened."""

from __future__ import annotations

from app.core.correlation import OPEN, Correlation
from app.core.draft import Draft
from app.core.evidence import keeps_apart
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
    for tied in why.tied:
        pair = [draft.incidents[id_] for id_ in (why.incident_id, tied.incident.id)]
        kept = next((each for each in draft.incidents.values() if each.id == pair[0].merged_into), pair[0])
        if pair[1].status not in OPEN or kept.id == pair[1].id:
            continue
        if keeps_apart(kept, pair[1], draft.library) is not None:
            continue
        first, second = sorted((kept, pair[1]), key=lambda each: (each.opened_at, each.id))
        words = f": {signal.alert.name} of {signal.service} ties them: {why.words}; {tied.words}"
        unite(draft, second, first, Told("tied_by_alert", "the engine", words))
        if second.severity is Severity.CRITICAL and second.service:
            page_owner(draft, first.id, second.service, "second_service")
