"""All that a decision may put out: commands, and what is told besides, such as the events of an incident and dead letters."""

from __future__ import annotations

from pydantic import Field

from app.model.base import Blob, Frozen, Instant
from app.model.commands import AnyCommand
from app.model.incident import IncidentSnapshot
from app.model.inputs import Actor
from app.model.notices import Notice
from app.model.standings import Standing
from app.model.words import Mode


class IncidentEvent(Frozen):
    """One decision about an incident, with its cause and named reason."""

    schema_version: int = 1
    """The version of this schema."""
    id: str
    """A UUIDv5, equal in every repeat and replay."""
    seq: int
    """Gapless in the incident, from 1."""
    incident_id: str
    """The incident."""
    domain: str
    """The correlation domain."""
    type: str
    """What happened, in the past tense, such as `IncidentOpened`."""
    reason: str
    """Why, by name."""
    text: str = ""
    """What happened, for people."""
    at: Instant
    """When it was decided, by broker time."""
    cause: str
    """The identity of the signal that caused it."""
    actor: Actor | None = None
    """Who did it, where it was a person or a connector."""
    data: dict[str, str] = Field(default_factory=dict)
    """The facts of the decision."""
    mode: Mode
    """The incident's mode."""


class Header(Frozen):
    """A header of a Kafka message."""

    name: str
    """Its name; names may repeat."""
    value: Blob | None = None
    """Its value."""


class DeadLetter(Frozen):
    """Input that could not be understood or used, whole."""

    schema_version: int = 1
    """The version of this schema."""
    id: str
    """A UUIDv5 of where it was read and of the part, equal in every repeat."""
    topic: str
    """The topic it was read from, without the prefix."""
    partition: int
    """The partition."""
    offset: int
    """The offset."""
    index: int | None = None
    """The place in the message's list, where only one entry of it was bad."""
    reason: str
    """Why, by name, such as `not_avro` or `invalid_field`."""
    field: str = ""
    """The field that is wrong, as a path, where it is one."""
    detail: str
    """What is wrong and how to mend it."""
    key: Blob | None = None
    """The message's key."""
    value: Blob | None = None
    """The message's value, whole, or this part of it; for a bad entry of a list that entry as JSON."""
    value_size: int = 0
    """The size of the whole value in bytes."""
    headers: list[Header] = Field(default_factory=list)
    """The message's headers, in order; in the first part only."""
    timestamp: Instant | None = None
    """The message's timestamp."""
    part: int = 1
    """Which part of the value this is, from 1. All parts have the same topic, partition, offset and index."""
    parts: int = 1
    """In how many parts the value is."""
    put_back_at: Instant | None = None
    """When `oncall dead-letters retry` put it back; the letter is then written once more, with this set."""


Output = AnyCommand | IncidentEvent | IncidentSnapshot | DeadLetter | Notice | Standing
"""Each class has one topic (app.model.topics)."""
