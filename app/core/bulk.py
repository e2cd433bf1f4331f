"""One wish for many incidents: a response of its own for each that matchers match, in whatever domain it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from app.core.correlation import OPEN
from app.core.identity import output_id
from app.model.incident import IncidentSnapshot
from app.model.inputs import Actor, Response
from app.model.matchers import Matcher
from app.model.words import ResponseKind


def facts_of(incident: IncidentSnapshot) -> dict[str, str]:
    """Give what matchers look at: the labels common to all its alerts, and in their place what the incident itself says."""
    own = {
        "service": incident.service,
        "team": incident.team,
        "environment": incident.environment,
        "severity": incident.severity.value,
        "domain": incident.domain,
    }
    return incident.labels | {name: value for name, value in own.items() if value}


def unacknowledged(
    incidents: Iterable[IncidentSnapshot], matchers: Sequence[Matcher]
) -> list[IncidentSnapshot]:
    """Give the open incidents that nobody acknowledged and all matchers match, the oldest first."""
    found = [
        incident
        for incident in incidents
        if incident.status in OPEN
        and incident.acknowledged_at is None
        and all(each.matches(facts_of(incident)) for each in matchers)
    ]
    return sorted(found, key=lambda each: (each.opened_at, each.id))


def acknowledgements(
    incidents: Iterable[IncidentSnapshot], request_id: str, actor: Actor, text: str, at: datetime
) -> list[Response]:
    """Give a response for each incident. The same request gives the same ids, so that it may be sent again."""
    return [
        Response(
            id=output_id(incident.domain, request_id, incident.id),
            domain=incident.domain,
            incident_id=incident.id,
            response=ResponseKind.ACKNOWLEDGE,
            actor=actor,
            text=text,
            occurred_at=at,
        )
        for incident in incidents
    ]
