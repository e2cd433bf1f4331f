"""What is to take effect after a signal: alerts that nothing mutes any more, and those that ceased to flap."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

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
    """What was held, where it was muted."""


def take_effect_now(draft: Draft, before: Mapping[str, Incident]) -> list[Again]:
    """Give what is to take effect now, and let go of it; `before` are the incidents before the signal."""
    for incident_id, incident in before.items():
        now = draft.incidents.get(incident_id)
        if incident.status in OPEN and (now is None or now.status not in OPEN):
            inhibition.forget_with(draft, now or incident)
            flapping.forget_with(draft, now or incident)
    if not draft.must_judge and draft.quiet.library in ("", draft.library.hash):
        return []
    draft.must_judge = False
    calm = [Again(f"{draft.cause}/{each.alert.fingerprint}", each) for each in flapping.calmed(draft)]
    return [*calm, *(Again(held.identity, held.signal, held) for held in holding.freed(draft))]
