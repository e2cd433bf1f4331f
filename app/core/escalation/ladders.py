"""The ladders of an incident: how far it has come on policies, and the timer of what is to come."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from app.core.draft import Draft
from app.model.incident import Incident
from app.model.ladder import Ladder
from app.model.library import Library
from app.model.timers import Timer
from app.model.words import LadderStatus, TimerKind

PREFIX = "ladder/"
"""The timers of ladders; the incident's id and the service follow."""


def policies_of(draft: Draft, incident_id: str) -> Library:
    """Give the library whose policies an incident keeps: the one in force when it opened."""
    incident = draft.incidents[incident_id]
    return draft.libraries.get(incident.policy_library, draft.library)


def library_of(draft: Draft, incident_id: str, policy_id: str) -> Library:
    """Give the library that a policy is kept of: the incident's own, else the one in force, which may know newer ones."""
    kept = policies_of(draft, incident_id)
    return kept if policy_id in kept.policies else draft.library


def ladder_of(incident: Incident, service: str = "") -> Ladder | None:
    """Give how far an incident has come for a service (empty: for its own)."""
    return next((each for each in incident.ladders if each.service == service), None)


def is_climbing(incident: Incident, service: str = "") -> bool:
    """Whether people are being paged, or will be, unless somebody acknowledges."""
    ladder = ladder_of(incident, service)
    return ladder is not None and ladder.status is LadderStatus.CLIMBING


def halt(draft: Draft, incident_id: str, concerns: Callable[[Ladder], bool]) -> None:
    """Stop climbing, where it concerns a ladder."""
    for ladder in draft.incidents[incident_id].ladders:
        if ladder.status is LadderStatus.CLIMBING and concerns(ladder):
            end(draft, incident_id, ladder, LadderStatus.STOPPED)


def end(draft: Draft, incident_id: str, ladder: Ladder, status: LadderStatus) -> None:
    """Let no further level come by itself."""
    fields = {"status": status, "due": None, "next_level": 0, "next_round": 1}
    put(draft, incident_id, ladder.model_copy(update=fields))
    draft.timers.pop(timer_id(incident_id, ladder.service), None)


def give_time(draft: Draft, incident_id: str, ladder: Ladder, ack_by: datetime) -> None:
    """Let the next level's turn come when a renewed page is not acknowledged by then."""
    wait(draft, incident_id, ladder.model_copy(update={"next_level": 0}), ack_by)


def put(draft: Draft, incident_id: str, ladder: Ladder) -> None:
    """Put a ladder in place of the one for its service."""
    others = draft.incidents[incident_id].ladders
    if ladder_of(draft.incidents[incident_id], ladder.service) is None:
        draft.update(incident_id, ladders=[*others, ladder])
    else:
        draft.update(
            incident_id, ladders=[ladder if each.service == ladder.service else each for each in others]
        )


def timer_id(incident_id: str, service: str) -> str:
    """Give the id of a ladder's timer; its last part is the reason by which a release that knows no ladders pages."""
    return f"{PREFIX}{incident_id}/{service}/not_acknowledged"


def wait(
    draft: Draft, incident_id: str, ladder: Ladder, due: datetime, words: str = "", reason: str = "delay"
) -> None:
    """Set when the ladder goes on; `words` say what it waits for, where that is no ack timeout."""
    put(draft, incident_id, ladder.model_copy(update={"due": due, "status": LadderStatus.CLIMBING}))
    id_ = timer_id(incident_id, ladder.service)
    draft.set_timer(Timer(id=id_, due=due, kind=TimerKind.PAGE_DUE, incident_id=incident_id))
    if words:
        draft.record(incident_id, "EscalationScheduled", reason, f"{words}: {ladder.why}")


def service_of(timer: Timer) -> str:
    """Give the service whose ladder a timer belongs to."""
    return timer.id.removeprefix(f"{PREFIX}{timer.incident_id}/").rpartition("/")[0]
