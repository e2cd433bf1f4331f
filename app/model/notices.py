"""What one domain tells another: decided like any output, read like any input."""

from __future__ import annotations

from pydantic import Field

from app.model.base import Frozen, Instant
from app.model.silences import Labelled
from app.model.words import ExecutionStatus, Mode, NoticeKind

CONTROL = "control"
"""The domain of all that crosses domains: permits, pauses, silences, and how each page did. No domain of incidents has this name."""

LIBRARY = "library"
"""The domain of what people read of the library: which of its pages are shown as documents."""


class Notice(Frozen):
    """A request, an answer or a fact, from one correlation domain to another."""

    schema_version: int = 1
    """The version of this schema."""
    id: str
    """A UUIDv5, equal in every repeat and replay."""
    kind: NoticeKind
    """What it is."""
    domain: str
    """The domain it is for; the message's key."""
    sender: str
    """The domain it is from."""
    permit_id: str = ""
    """The permit: one for each attempt of a step."""
    incident_id: str = ""
    """The incident."""
    execution_id: str = ""
    """The execution."""
    step: str = ""
    """The step."""
    runbook_id: str = ""
    """The runbook."""
    action: str = ""
    """The action that is to be carried out."""
    service: str = ""
    """The incident's service."""
    team: str = ""
    """The incident's team."""
    targets: int = 1
    """How many targets the command touches."""
    approved: bool = False
    """Whether people agreed to this attempt, or, of a run that ended, to all that it did."""
    mode: Mode = Mode.AUTO
    """The mode of the execution."""
    expires_at: Instant | None = None
    """When a permit ends by itself, by broker time."""
    status: ExecutionStatus = ExecutionStatus.RUNNING
    """How a run ended."""
    verification_failed: bool = False
    """Whether a run ended because its verification did not hold."""
    acted: bool = False
    """Whether a run carried out anything that changes something."""
    right: bool = False
    """What a person says of a run in shadow: whether it was right."""
    reason: str = ""
    """Why, by name."""
    version: int = -1
    """Of a library that came into force: the offset at which it was named on the topic `library`; a lower one than is known is old news."""
    silence_id: str = ""
    """The silence by which the domain mutes, or that ended early."""
    alerts: list[Labelled] = Field(default_factory=list)
    """Alerts of which it is asked, or told, which silences match them."""
    letter_id: str = ""
    """Between two domains of a service that moved: the letter of which this is a part."""
    part: int = 1
    """Which part, from 1."""
    parts: int = 1
    """How many there are."""
    content: str = ""
    """The part's text: of all parts together, JSON."""
    libraries: list[str] = Field(default_factory=list)
    """The libraries that executions in the letter are pinned to."""
