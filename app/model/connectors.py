"""What connectors say of themselves, so that people see which commands somebody carries out."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from app.model.base import Frozen

KINDS = ("step", "escalation", "ticket", "chat", "document")
"""The kinds of command, as `kind` of each command names them."""


class Connector(Frozen):
    """One running connector: sent every 30 seconds to `connectors`, as long as it reads commands."""

    schema_version: int = 1
    """The version of this schema."""
    kind: Literal["step", "escalation", "ticket", "chat", "document"]
    """The kind of command that it carries out."""
    instance: str
    """Which one it is, unique among all that run: a host and process id, a pod's name; the message's key."""
    name: str = ""
    """What it is, such as `kubernetes-executor`."""
    version: str = ""
    """Its version."""
    actions: list[str] = Field(default_factory=list)
    """For kind step: the actions that it knows; empty: it does not say."""
    channels: list[str] = Field(default_factory=list)
    """For kind escalation: the contact channels that it reaches people by; empty: it does not say."""
