"""Whether an alert is muted now, by what, and until when."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.domains import team_of
from app.core.draft import Draft
from app.core.quiet.inhibition import inhibited
from app.model.base import Instant
from app.model.inputs import AlertSignal


@dataclass(frozen=True)
class Mute:
    """What mutes an alert."""

    by: str
    until: Instant | None = None
    source: str = ""


def muted_by(draft: Draft, signal: AlertSignal) -> Mute | None:
    """Give what mutes an alert that fires; None if nothing does."""
    lasting = [each for each in signal.silences if each.starts_at <= draft.at < each.ends_at]
    if lasting:
        longest = max(lasting, key=lambda each: (each.ends_at, each.id))
        return Mute(f"silence:{longest.id}", until=longest.ends_at)
    planned = _planned(draft, signal)
    if planned is not None:
        return planned
    found = inhibited(signal.alert.labels, draft.library.inhibit, draft.quiet.inhibitors)
    return Mute(f"inhibit:{found[0].name}", source=found[1]) if found is not None else None


def _planned(draft: Draft, signal: AlertSignal) -> Mute | None:
    """Give the maintenance window that mutes it, of several the one that ends last."""
    found: Mute | None = None
    team = team_of(signal.service, draft.library)
    for each in draft.library.maintenance:
        if not each.concerns(signal.alert.labels, signal.service, team):
            continue
        end = each.schedule.active(draft.at)
        if end is not None and (found is None or found.until is None or end > found.until):
            found = Mute(f"maintenance:{each.name}", until=end)
    return found
