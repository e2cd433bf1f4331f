"""The models whose schemas are public: one a topic value, besides the list of alerts that `alerts` takes as well."""

from __future__ import annotations

from app.model.base import Frozen
from app.model.commands import ChatCommand, DocumentCommand, EscalationCommand, StepCommand, TicketCommand
from app.model.connectors import Connector
from app.model.incident import IncidentSnapshot
from app.model.inputs import Alert, AlertList, Response, StepResult, SystemEvent, UserReport
from app.model.notices import Notice
from app.model.outputs import DeadLetter, IncidentEvent
from app.model.signals import SignalBatch
from app.model.standings import Standing

PUBLIC: tuple[type[Frozen], ...] = (
    Alert,
    AlertList,
    SystemEvent,
    UserReport,
    StepResult,
    Response,
    SignalBatch,
    StepCommand,
    EscalationCommand,
    TicketCommand,
    ChatCommand,
    DocumentCommand,
    IncidentEvent,
    IncidentSnapshot,
    DeadLetter,
    Notice,
    Standing,
    Connector,
)
"""Each has a file `schemas/<its name>.avsc`."""
