"""A view in memory of the `incidents` topic, so that any worker answers for all incidents."""

from __future__ import annotations

import logging
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from app.model.incident import IncidentSnapshot
from app.model.words import IncidentStatus
from app.web.readiness import Readiness

log = logging.getLogger(__name__)

KEEP_CLOSED = 10_000
"""How many incidents that are over are held; open ones are all held."""
_TRIM_EVERY = 500
"""How many more than that may gather before the oldest are let go at once."""

OVER = (IncidentStatus.CLOSED, IncidentStatus.MERGED, IncidentStatus.SUPPRESSED)

Decode = Callable[[bytes], IncidentSnapshot]
"""Reads a value of the topic; raises ValueError for one it cannot read."""


class Incidents(Protocol):
    """What the views ask of the read model."""

    @property
    def ready(self) -> bool:
        """Whether all is there that was on the topic at start."""

    @property
    def why_not(self) -> str:
        """Why it is not ready; empty when it is."""

    @property
    def unreadable(self) -> int:
        """How many values could not be read."""

    @property
    def forgotten(self) -> int:
        """How many incidents that are over were let go, to stay bounded."""

    def all(self) -> list[IncidentSnapshot]:
        """Give all incidents without their alerts, timelines and steps."""

    def get(self, incident_id: str) -> IncidentSnapshot | None:
        """Give the whole incident."""

    def ids(self, prefix: str) -> list[str]:
        """Give the ids that begin so."""


@dataclass(frozen=True, slots=True)
class _Held:
    brief: IncidentSnapshot
    whole: bytes
    """The value as it was read, compressed: a snapshot in memory is ten times as large."""


class ReadModel(Readiness):
    """The newest snapshot of each incident: the one with the highest version, in whatever order they come."""

    def __init__(self, decode: Decode, keep_closed: int = KEEP_CLOSED) -> None:
        super().__init__("incidents")
        self._decode = decode
        self._keep_closed = keep_closed
        self._held: dict[str, _Held] = {}
        self._over = 0
        self.unreadable = 0
        self.forgotten = 0

    def put(self, key: bytes | None, value: bytes | None, _at_ms: int = 0) -> None:
        """Take a message of the topic in; an older version, or one that cannot be read, changes nothing."""
        if value is None:
            self._drop((key or b"").decode(errors="replace"))
            return
        try:
            incident = self._decode(value)
        except ValueError as error:
            self.unreadable += 1
            log.warning("an incident snapshot (key %r) cannot be read and is not shown: %s", key, error)
            return
        held = self._held.get(incident.id)
        if held is not None and held.brief.version >= incident.version:
            return
        self._drop(incident.id)
        self._held[incident.id] = _Held(_brief(incident), zlib.compress(value, level=1))
        self._over += incident.status in OVER
        if self._over > self._keep_closed + min(_TRIM_EVERY, self._keep_closed):
            self._trim()

    def all(self) -> list[IncidentSnapshot]:
        """Give all incidents without their alerts, timelines and steps, the newest first."""
        held = list(self._held.values())  # a copy at one stroke: this may be asked from another thread
        return sorted(
            (each.brief for each in held), key=lambda brief: (brief.opened_at, brief.id), reverse=True
        )

    def get(self, incident_id: str) -> IncidentSnapshot | None:
        """Give the whole incident."""
        held = self._held.get(incident_id)
        return self._decode(zlib.decompress(held.whole)) if held else None

    def ids(self, prefix: str) -> list[str]:
        """Give the ids that begin so."""
        return [prefix] if prefix in self._held else [id_ for id_ in self._held if id_.startswith(prefix)]

    def _drop(self, incident_id: str) -> None:
        held = self._held.pop(incident_id, None)
        if held is not None:
            self._over -= held.brief.status in OVER

    def _trim(self) -> None:
        """Let the oldest go of those that are over."""
        over = [brief for brief in self.all() if brief.status in OVER]
        for brief in over[self._keep_closed :]:
            self._drop(brief.id)
            self.forgotten += 1


def _brief(incident: IncidentSnapshot) -> IncidentSnapshot:
    """What lists and measures need: a few KB whatever the incident holds."""
    executions = [execution.model_copy(update={"steps": []}) for execution in incident.executions]
    return incident.model_copy(
        update={
            "alerts": [],
            "reports": [],
            "changes": [],
            "timeline": [],
            "labels": {},
            "executions": executions,
        }
    )
