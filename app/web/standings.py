"""A view in memory of the `standings` topic: whether automation is paused, what pages have earned or lost, what is muted."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from app.model.silences import Silence
from app.model.standings import MutedAlerts, Standing
from app.web.readiness import Readiness
from app.wire.decode import WireError, decode

log = logging.getLogger(__name__)

AUTOMATION = "automation"
SILENCES = "silences"


class Standings(Readiness):
    """The newest standing of each id: the one with the highest version, in whatever order they come."""

    def __init__(self) -> None:
        super().__init__("standings")
        self._held: dict[str, Standing] = {}

    def put(self, _: bytes | None, value: bytes | None, _at_ms: int = 0) -> None:
        """Take a message of the topic in; an older version, or one that cannot be read, changes nothing."""
        try:
            standing = decode(value, Standing)
        except WireError as error:
            log.warning("a standing cannot be read and is not shown: %s", error)
            return
        held = self._held.get(standing.id)
        if held is None or held.version < standing.version:
            self._held[standing.id] = standing

    def automation(self) -> Standing | None:
        """Give how automation as a whole stands; None if it was never paused."""
        return self._held.get(AUTOMATION)

    def page(self, runbook_id: str) -> Standing | None:
        """Give a page's record; None while it has none."""
        return self._held.get(f"page:{runbook_id}")

    def silences(self) -> list[Silence]:
        """Give all silences, also those that ended within the last day."""
        standing = self._held.get(SILENCES)
        return standing.silences if standing is not None else []

    def muted(self) -> list[MutedAlerts]:
        """Give what is muted, domain by domain; domains without any are left out."""
        found = (self._held[name].muted for name in sorted(self._held))
        return [each for each in found if each is not None and each.count]


def automation_of(standings: Standings) -> dict[str, Any]:
    """Give how automation stands, for programs."""
    standing = standings.automation()
    return {
        "paused": standing is not None and standing.is_paused,
        "paused_at": _text(standing.paused_at) if standing else None,
        "by": standing.by if standing else None,
        "reason": standing.text if standing else None,
        "changed_at": _text(standing.at) if standing else None,
    }


def record_of(standing: Standing | None, runs_needed: int, now: datetime) -> dict[str, Any]:
    """Give a page's record for programs; `runs_needed` is that of the library in force."""
    until = standing.breaker_open_until if standing else None
    is_open = until is not None and now < until
    return {
        "good_runs": standing.good_runs if standing else 0,
        "runs_needed": runs_needed,
        "breaker_open": is_open,
        "breaker_open_until": _text(until) if is_open else None,
        "failed_verification_at": _text(standing.failed_verification_at) if standing else None,
        "reason": standing.reason if standing else None,
        "changed_at": _text(standing.at) if standing else None,
    }


def silence_of(silence: Silence, now: datetime) -> dict[str, Any]:
    """Give a silence for programs, in Alertmanager's words."""
    state = "expired" if silence.ends_at <= now else "active" if silence.starts_at <= now else "pending"
    return {**silence.model_dump(mode="json", by_alias=True), "status": {"state": state}}


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment is not None else None
