"""What is to take effect after a signal: alerts that nothing mutes any more, and those that ceased to flap."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.core.correlation import OPEN
from app.core.draft import Draft
from app.core.quiet import flapping, holding, inhibition
from app.model.incident import Incident
from app.model.inputs import AlertSignal
from app.model.quiet import Held


@dataclass(frozen=True)
class Again:
    """An alert that takes effect now, as if it came now."""

    cause: str
    """The identity of what its decisions are because of."""
    signal: AlertSignal
    held: Held | None = None
    """What was held, where it was muted and no longer is."""
    began: datetime | None = None
    """When it began, by broker time, where that was worked out when it came."""


def take_effect_now(draft: Draft, before: Mapping[str, Incident]) -> list[Again]:
    """Give what is to take effect now, and let go of it; `before` are the incidents before the signal."""
    back: list[Again] = []
    for incident_id, incident in before.items():
        now = draft.incidents.get(incident_id) or draft.closed.get(incident_id)
        if now is not None and now.merged_into:
            continue  # its alerts are another's now
        was_open, is_open = incident.status in OPEN, now is not None and now.status in OPEN
        if was_open and not is_open:
            inhibition.forget(draft, (now or incident).members)
            flapping.forget_with(draft, now or incident)
        elif now is not None and is_open and not was_open:
            back += [
                Again(held.identity, held.signal, began=held.began) for held in holding.back_in(draft, now)
            ]
    return [*back, *_no_longer_quiet(draft)]


def _no_longer_quiet(draft: Draft) -> list[Again]:
    judges_all = draft.must_judge or draft.quiet.library not in ("", draft.library.hash)
    over = draft.unmuting
    if not judges_all and not over:
        return []
    draft.must_judge, draft.unmuting = False, set()
    calm = [Again(f"{draft.cause}/{each.alert.fingerprint}", each) for each in flapping.calmed(draft)]
    freed = holding.freed(draft, None if judges_all else over)
    return [*calm, *(Again(held.identity, held.signal, held, held.began) for held in freed)]
