"""How an alert ends: its source says so, or it is not repeated for so long, or only a person ends it."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from app.core.draft import Draft
from app.model.incident import Incident, Member
from app.model.inputs import Alert
from app.model.library import Library
from app.model.matchers import specificity
from app.model.presence import AlertSource, Resolves
from app.model.timers import Timer
from app.model.words import AlertStatus, TimerKind

CATCH_UP = timedelta(minutes=5)
"""How long sources are given to be heard of, after a time in which nobody listened."""
NOT_REPEATED = "unheard/"
"""Timers that end alerts which are not repeated; the incident's id follows."""
SILENT = "silent/"
"""Timers that end incidents which are not heard of; the incident's id follows."""


def source_of(alert: Alert, library: Library) -> AlertSource | None:
    """Find the source of an alert: the most specific match; of equal ones the first by name."""
    found = [
        (specificity(best), source)
        for _, source in sorted(library.sources.items())
        if (best := source.match.best(alert.labels)) is not None
    ]
    return max(found, key=lambda each: each[0])[1] if found else None


def listens(alert: Alert, library: Library) -> bool:
    """Whether it matters that the alert is repeated."""
    if alert.status is not AlertStatus.FIRING:
        return False
    source = source_of(alert, library)
    return bool(library.rules.silent_after) or (source is not None and source.resolves is Resolves.AFTER)


def expect_repeats(draft: Draft, incident_id: str, alert: Alert) -> None:
    """Note that a firing alert of the incident was heard of, and when it counts as over unless it is again.

    Nobody sees that, so that a repeat alone makes no snapshot. That a heartbeat stays away is never repeated: it ends when the
    heartbeat comes, and not before.
    """
    incident = draft.incidents[incident_id]
    if alert.status is not AlertStatus.FIRING or draft.heartbeat is not None:
        return
    source = source_of(alert, draft.library)
    resolves = source.resolves if source else Resolves.ALERT
    if draft.library.rules.silent_after:
        incident = incident.model_copy(update={"heard_at": draft.at})
        arm(draft, SILENT, incident, draft.at + draft.library.rules.silent_after)
    member = incident.members.get(alert.fingerprint)
    if member is not None and source is not None and resolves is not Resolves.ALERT:
        ends = math.ceil((draft.at + source.after - incident.opened_at).total_seconds())
        fields = {"m": True, "e": None} if resolves is Resolves.MANUAL else {"m": False, "e": ends}
        incident = _with_member(incident, alert.fingerprint, member.model_copy(update=fields))
        if resolves is Resolves.AFTER:
            arm(draft, NOT_REPEATED, incident, ends_at(incident, ends))
    draft.incidents[incident_id] = incident


def expect_anew(draft: Draft, incident_id: str) -> None:
    """Begin the times anew of an incident that is taken up again; those that are over are looked at in a while."""
    incident = draft.incidents[incident_id]
    if draft.library.rules.silent_after:
        incident = draft.update(incident_id, heard_at=draft.at)
        arm(draft, SILENT, incident, draft.at + draft.library.rules.silent_after)
    if any(member.f and member.e is not None for member in incident.members.values()):
        arm(draft, NOT_REPEATED, incident, draft.at + CATCH_UP)


def why_not_over(incident: Incident) -> str:
    """Give why people must look at an incident whose runbook has ended, by name; empty: it is over, or ends by itself."""
    firing = [member for member in incident.members.values() if member.f]
    if incident.overflow_firing or any(member.e is None and not member.m for member in firing):
        return "still_firing"
    return "only_a_person_ends_it" if any(member.m for member in firing) else ""


def ends_at(incident: Incident, seconds: int) -> datetime:
    """Give when a member ends that is to end so many seconds after its incident was opened."""
    return incident.opened_at + timedelta(seconds=seconds)


def arm(draft: Draft, prefix: str, incident: Incident, due: datetime) -> None:
    """Set a timer to look whether something was heard of; one that is due earlier looks, and is set anew."""
    id_ = f"{prefix}{incident.id}"
    before = draft.timers.get(id_)
    if before is None or before.due > due:
        # The kind is one whose timers only make an incident be looked at.
        draft.set_timer(Timer(id=id_, due=due, kind=TimerKind.WAIT_HELD, incident_id=incident.id))


def _with_member(incident: Incident, fingerprint: str, member: Member) -> Incident:
    return incident.model_copy(update={"members": {**incident.members, fingerprint: member}})
