"""Guards that an incident's domain can judge alone: freeze windows, the quiet time after a deploy, the reach of one command."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from app.model.base import Values
from app.model.catalog import Action, Freeze, Guards
from app.model.evidence import Change

DEPLOY = "deploy"


def freeze_of(guards: Guards, service: str, team: str, at: datetime) -> Freeze | None:
    """Give the freeze window that holds now for a service and its team, if any."""
    return next(
        (
            freeze
            for freeze in guards.freezes
            if freeze.start <= at < freeze.end
            and (not (freeze.services or freeze.teams) or service in freeze.services or team in freeze.teams)
        ),
        None,
    )


def quiet_until(
    guards: Guards, action: str, service: str, changes: Iterable[Change], at: datetime
) -> datetime | None:
    """Give until when an action waits because the service was deployed just now; None where it need not."""
    if action in guards.quiet_except:
        return None
    ends = [
        change.at + guards.quiet_after_deploy
        for change in changes
        if change.type == DEPLOY and change.service == service
    ]
    latest = max(ends, default=at)
    return latest if latest > at else None


def targets_of(action: Action, params: Values) -> int:
    """Count what a command touches: the items of the parameter that the catalogue names, else one thing."""
    listed = params.get(action.targets) if action.targets else None
    return max(1, len(listed)) if isinstance(listed, list) else 1


def is_too_wide(guards: Guards, action: str, targets: int) -> bool:
    """Whether one command would touch more than it may."""
    blast = guards.blast.get(action)
    return blast is not None and 0 < blast.per_command < targets
