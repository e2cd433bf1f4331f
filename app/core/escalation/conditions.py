"""Whether a level applies: its `if`, over the incident and whether the team has business hours."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any

from app.core.context import context_of
from app.core.escalation.hours import is_business_time
from app.core.membership import urgency_of
from app.model.expressions import ExpressionError
from app.model.incident import IncidentSnapshot
from app.model.library import Library
from app.model.policy import Level
from app.model.words import Mode, Severity

BUSINESS_HOURS = "business_hours"
"""What conditions may read besides: whether the incident's team has business hours; unknown where nothing says its zone."""


def supposed(service: str, team: str, severity: Severity, at: datetime) -> IncidentSnapshot:
    """Give an incident that might be, of which no more than this is known."""
    return IncidentSnapshot(
        id="",
        domain="",
        title="",
        severity=severity,
        urgency=urgency_of(severity),
        mode=Mode.AUTO,
        opened_at=at,
        service=service,
        team=team,
    )


def holder(
    incident: IncidentSnapshot, library: Library, at: datetime, failed: dict[str, None]
) -> Callable[[Level], bool]:
    """Give what says whether a level applies at an instant.

    A level whose condition cannot be worked out applies, for nobody may be left asleep by a missing label; a jump is then not taken.
    Why is put into `failed`.
    """

    @cache
    def names() -> dict[str, Any]:
        is_open = is_business_time(incident.team, library, at)
        return context_of(incident, None) | ({} if is_open is None else {BUSINESS_HOURS: is_open})

    def holds(level: Level) -> bool:
        if level.condition is None:
            return True
        try:
            value = level.condition.evaluate(names())
        except ExpressionError as error:
            failed[str(error)] = None
            return not level.jump
        if not isinstance(value, bool):
            failed[f"{level.condition.source} gives {value!r}, neither true nor false"] = None
            return not level.jump
        return value

    return holds
