"""Whether an alert is muted now, by what, and until when."""

from __future__ import annotations

from dataclasses import dataclass

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
    found = inhibited(signal.alert.labels, draft.library.inhibit, draft.quiet.inhibitors)
    return Mute(f"inhibit:{found[0].name}", source=found[1]) if found is not None else None
