"""A page to a target."""

from __future__ import annotations

from pydantic import Field

from app.model.base import Frozen, Instant
from app.model.inputs import Actor
from app.model.words import Delivery, EscalationStatus


class LaterContact(Frozen):
    """A further way to reach a person, whose turn comes unless somebody acknowledges."""

    channel: str = ""
    """The contact channel: push, sms, call, chat, mail."""
    contact_ref: str = ""
    """The reference to the person's address."""
    due: Instant
    """When its turn comes; at once where the way before fails."""


class Escalation(Frozen):
    """One page to one target, by one way."""

    id: str
    """A UUIDv5; the `object_id` of its commands."""
    policy: str
    """The escalation policy."""
    level: int
    """The level, from 1; 0: somebody was asked by name."""
    target: str
    """Whom: `user:alice`, `schedule:platform`, `channel:#ops`."""
    person_id: str = ""
    """The person, where it is known."""
    contact_ref: str = ""
    """The reference to the person's address."""
    status: EscalationStatus = EscalationStatus.NOTIFIED
    """Where it stands."""
    reason: str
    """Why it was made, by name."""
    notified_at: Instant | None = None
    """When the page was decided."""
    ack_by: Instant | None = None
    """When an acknowledgement was due."""
    acknowledged_at: Instant | None = None
    """When somebody acknowledged."""
    acknowledged_by: Actor | None = None
    """Who acknowledged."""
    revision: int = 1
    """The newest command's revision."""
    command_id: str = ""
    """The newest command's id; empty: of an older release."""
    service: str = ""
    """The second service whose owner it is for; empty: it is for the incident's own."""
    incident_id: str = ""
    """The incident that it was made for; where that was merged it may stand with another."""
    team: str = ""
    """The team that is paged."""
    zone: str = ""
    """The time zone of whom it is for: the person's, else the team's; empty: UTC."""
    night: str = ""
    """The night (22:00 to 7:00 in that zone) that it fell into, by the date of its evening; empty: it came by day."""
    acknowledged_person: str = ""
    """The person of the catalog who acknowledged; empty where it was none that is known, such as a bot."""
    stopped_at: Instant | None = None
    """When it was stopped unacknowledged, because the need for it had ended."""
    undelivered_at: Instant | None = None
    """When it became known that it did not reach anybody."""
    round: int = 1
    """How often the policy was gone through, with this time."""
    channel: str = ""
    """The contact channel; empty: the pager chooses."""
    delivery: Delivery = Delivery.NONE
    """What its connector said of it last."""
    later: list[LaterContact] = Field(default_factory=list)
    """The further ways to the person, in order."""
