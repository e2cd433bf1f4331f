"""The facts of each page on incident-events, so that anyone can reckon the figures of docs/slo.md from these events alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

from app.core.domains import team_of
from app.core.draft import Draft
from app.core.people import person_of
from app.model.escalation import Escalation
from app.model.library import Library

EVENING, MORNING = 22, 7
"""The hours at which a night begins and ends, in the zone of whom a page is for."""


def tell_paged(draft: Draft, incident_id: str, page: Escalation) -> Escalation:
    """Tell that somebody is paged, or rung again (of several events of a page the newest counts); give the page with its facts."""
    team = team_of(page.service, draft.library) if page.service else draft.incidents[incident_id].team
    zone = _zone_of(page.person_id, team, draft.library)
    at = page.notified_at or draft.at
    known = {"incident_id": incident_id, "team": team, "zone": str(zone) if zone else ""}
    told = page.model_copy(update={**known, "night": night_of(at, zone)})
    facts = {
        "page": told.id,
        "policy": told.policy,
        "level": str(told.level),
        "target": told.target,
        "person": told.person_id,
        "team": told.team,
        "zone": told.zone,
        "ack_by": _written(told.ack_by) if told.ack_by else "",
    }
    draft.record(incident_id, "Paged", told.reason, told.target, data=facts)
    return told


def tell_ended(draft: Draft, incident_id: str, page: Escalation, reason: str) -> Escalation:
    """Tell that a page was acknowledged, and by which person of the catalog, or that it was stopped; give the page with that."""
    actor = page.acknowledged_by
    if actor is None:
        draft.record(incident_id, "PageStopped", reason, page.target, data={"page": page.id})
        return page.model_copy(update={"stopped_at": draft.at})
    # A pager may call people what our commands call them.
    is_theirs = bool(page.person_id) and actor.id == page.person_id
    person = person_of(actor, draft.library) or (page.person_id if is_theirs else "")
    facts = {"page": page.id, "person": person}
    draft.record(incident_id, "PageAcknowledged", reason, page.target, actor=actor, data=facts)
    return page.model_copy(update={"acknowledged_person": person})


def night_of(at: datetime, zone: tzinfo | None) -> str:
    """Give the night that a moment lies in, by the date of its evening, such as `2026-11-23`; empty by day."""
    local = at.astimezone(zone or UTC)
    if local.hour >= EVENING:
        return f"{local:%Y-%m-%d}"
    return f"{local - timedelta(days=1):%Y-%m-%d}" if local.hour < MORNING else ""


def _zone_of(person: str, team: str, library: Library) -> tzinfo | None:
    """Give the person's zone, else that of their team (the paged one if they are of it, else the first by name), else the paged team's."""
    known = library.people.get(person)
    if known is not None and known.zone is not None:
        return known.zone
    paged = library.teams.get(team)
    theirs = [each for _, each in sorted(library.teams.items()) if person and person in each.members]
    home = paged if paged in theirs or not theirs else theirs[0]
    return home.zone if home else None


def _written(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
