"""The topics: their names without the prefix, and which output goes where."""

from __future__ import annotations

from app.model.commands import (
    AnyCommand,
    ChatCommand,
    DocumentCommand,
    EscalationCommand,
    StepCommand,
    TicketCommand,
)
from app.model.incident import IncidentSnapshot
from app.model.notices import Notice
from app.model.outputs import DeadLetter, IncidentEvent, Output
from app.model.standings import Standing
from app.model.words import Mode

ALERTS = "alerts"
SYSTEM_EVENTS = "system-events"
USER_REPORTS = "user-reports"
STEP_RESULTS = "step-results"
RESPONSES = "responses"
SIGNALS = "signals"
LIBRARY = "library"
STEP_COMMANDS = "step-commands"
ESCALATION_COMMANDS = "escalation-commands"
TICKET_COMMANDS = "ticket-commands"
CHAT_COMMANDS = "chat-commands"
DOCUMENT_COMMANDS = "document-commands"
INCIDENT_EVENTS = "incident-events"
INCIDENTS = "incidents"
DEAD_LETTERS = "dead-letters"
NOTICES = "notices"
STANDINGS = "standings"
CONNECTORS = "connectors"
"""What connectors say of themselves: for people to look at; nothing is decided by it."""

INPUTS = (ALERTS, SYSTEM_EVENTS, USER_REPORTS, STEP_RESULTS, RESPONSES)
"""What comes from outside."""
TAKEN_IN = (*INPUTS, NOTICES)
"""What intake reads: what comes from outside, and what domains tell one another."""
COMMANDS = (STEP_COMMANDS, ESCALATION_COMMANDS, TICKET_COMMANDS, CHAT_COMMANDS, DOCUMENT_COMMANDS)


def shadow(topic: str) -> str:
    """Give the shadow twin's name."""
    return f"{topic}.shadow"


OUTPUTS = (
    *COMMANDS,
    *(shadow(topic) for topic in COMMANDS),
    NOTICES,
    INCIDENT_EVENTS,
    INCIDENTS,
    STANDINGS,
    DEAD_LETTERS,
)
"""Every topic that decisions are written to."""
COMPACTED = (INCIDENTS, STANDINGS)
"""Those of them that keep the newest of each key."""


TOPIC_OF: dict[type, str] = {
    StepCommand: STEP_COMMANDS,
    EscalationCommand: ESCALATION_COMMANDS,
    TicketCommand: TICKET_COMMANDS,
    ChatCommand: CHAT_COMMANDS,
    DocumentCommand: DOCUMENT_COMMANDS,
    IncidentEvent: INCIDENT_EVENTS,
    IncidentSnapshot: INCIDENTS,
    DeadLetter: DEAD_LETTERS,
    Notice: NOTICES,
    Standing: STANDINGS,
}


def topic_of(output: Output) -> str:
    """Give the topic (without prefix) that the output goes to, by its kind and mode."""
    topic = TOPIC_OF[type(output)]
    if isinstance(output, AnyCommand) and output.mode is Mode.SHADOW:
        return shadow(topic)
    return topic


def key_of(output: Output) -> bytes | None:
    """Give the message key: the id of what is snapshotted, the original key of dead letters, else the domain (a notice's target)."""
    if isinstance(output, IncidentSnapshot | Standing):
        return output.id.encode()
    return output.key if isinstance(output, DeadLetter) else output.domain.encode()
