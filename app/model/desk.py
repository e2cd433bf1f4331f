"""How a service's or team's incidents are kept in step with ticketing and chat, as operators say it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from app.model.expressions import Template
from app.model.words import Severity


class Apart(StrEnum):
    """What an incident gets of its own in chat."""

    THREAD = "thread"
    CHANNEL = "channel"


class WhenClosed(StrEnum):
    """What comes of a ticket that is closed outside while its incident is open."""

    NOTE = "note"
    RESOLVE = "resolve"


@dataclass(frozen=True)
class TicketSettings:
    """What is said of tickets; what is empty or None is left to the team, and then to the defaults."""

    project: str = ""
    severity: Severity | None = None
    """The least severity of an incident that gets a ticket."""
    fields: Mapping[str, Template] = field(default_factory=dict)
    """Fields of the ticket, over `incident` and `trigger`."""
    states: Mapping[str, str] = field(default_factory=dict)
    """Our words (`resolved`, `reopened`, `closed`) to those of the ticketing system."""
    closed: tuple[str, ...] = ()
    """The states there that mean that a ticket is closed."""
    when_closed: WhenClosed | None = None


DEFAULT_TICKETS = TicketSettings(
    severity=Severity.CRITICAL, closed=("closed", "done", "resolved"), when_closed=WhenClosed.NOTE
)


def settings_of(*said: TicketSettings | None) -> TicketSettings:
    """Give what holds of all that is said, the nearest (the service) first: each item by itself, fields and states by name."""
    every = [each for each in (*said, DEFAULT_TICKETS) if each is not None]
    return TicketSettings(
        project=next((each.project for each in every if each.project), ""),
        severity=next(each.severity for each in every if each.severity is not None),
        fields={name: text for each in reversed(every) for name, text in each.fields.items()},
        states={word: state for each in reversed(every) for word, state in each.states.items()},
        closed=next(each.closed for each in every if each.closed),
        when_closed=next(each.when_closed for each in every if each.when_closed is not None),
    )
