"""Timers are data: an id, when it is due and what it is for."""

from __future__ import annotations

from app.model.base import Frozen, Instant
from app.model.words import TimerKind


class Timer(Frozen):
    """Something that is to happen at a broker time."""

    id: str
    """Unique in the domain, and the same in every replay."""
    due: Instant
    """When, by broker time."""
    kind: TimerKind
    """What for."""
    incident_id: str
    """The incident it belongs to."""
    execution_id: str = ""
    """The execution it belongs to, if any."""
    step: str = ""
    """The step it belongs to, if any."""
    attempt: int = 0
    """The attempt it belongs to, from 1; 0 where there is none."""
