"""The topics: their names without the prefix, and which output goes where."""

from __future__ import annotations

from app.model.commands import (
    ChatCommand,
    DeadLetter,
    DocumentCommand,
    EscalationCommand,
    IncidentEvent,
    Output,
    StepCommand,
    TicketCommand,
)
from app.model.incident import IncidentSnapshot
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

INPUTS = (ALERTS, SYSTEM_EVENTS, USER_REPORTS, STEP_RESULTS, RESPONSES)
COMMANDS = (STEP_COMMANDS, ESCALATION_COMMANDS, TICKET_COMMANDS, CHAT_COMMANDS, DOCUMENT_COMMANDS)


def shadow(topic: str) -> str:
    """Give the shadow twin's name."""
    return f"{topic}.shadow"


TOPIC_OF: dict[type, str] = {
    StepCommand: STEP_COMMANDS,
    EscalationCommand: ESCALATION_COMMANDS,
    TicketCommand: TICKET_COMMANDS,
    ChatCommand: CHAT_COMMANDS,
    DocumentCommand: DOCUMENT_COMMANDS,
    IncidentEvent: INCIDENT_EVENTS,
    IncidentSnapshot: INCIDENTS,
    DeadLetter: DEAD_LETTERS,
}


def topic_of(output: Output) -> str:
    """Give the topic (without prefix) that the output goes to, by its kind and mode."""
    topic = TOPIC_OF[type(output)]
    if topic in COMMANDS and not isinstance(output, DeadLetter) and output.mode is Mode.SHADOW:
        return shadow(topic)
    return topic


def key_of(output: Output) -> bytes | None:
    """Give the message key: the incident's id for snapshots, the original key for dead letters, else the domain."""
    if isinstance(output, IncidentSnapshot):
        return output.id.encode()
    return output.key if isinstance(output, DeadLetter) else output.domain.encode()
