"""The audience of the demo: reads every output topic and remembers what it shows."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from app.connectors.standings import AUTOMATION
from app.demo.kafka import Client
from app.demo.progress import Progress
from app.demo.shown import EMPTY, Desk
from app.model.base import Frozen
from app.model.commands import ChatCommand, DocumentCommand, EscalationCommand, StepCommand, TicketCommand
from app.model.incident import IncidentSnapshot
from app.model.outputs import DeadLetter, IncidentEvent
from app.model.standings import Standing
from app.model.topics import COMMANDS, DEAD_LETTERS, INCIDENT_EVENTS, INCIDENTS, STANDINGS, TOPIC_OF
from app.wire.decode import decode

READ: tuple[type[Frozen], ...] = (
    StepCommand,
    EscalationCommand,
    TicketCommand,
    ChatCommand,
    DocumentCommand,
    IncidentEvent,
    IncidentSnapshot,
    Standing,
    DeadLetter,
)
_TYPE_OF = {TOPIC_OF[each]: each for each in READ}


@dataclass
class Audience:
    """What was seen since it began to watch."""

    client: Client
    progress: Progress
    incidents: dict[str, IncidentSnapshot] = field(default_factory=dict)
    """Incident id to its newest snapshot."""
    commands: dict[str, set[str]] = field(default_factory=lambda: {topic: set() for topic in COMMANDS})
    """Topic to the ids of its commands."""
    dead_letters: dict[str, DeadLetter] = field(default_factory=dict)
    events: dict[str, list[IncidentEvent]] = field(default_factory=dict)
    """Incident id to its events, in order."""
    desks: dict[str, Desk] = field(default_factory=dict)
    """Incident id to what it brought to people's desks."""
    standings: dict[str, Standing] = field(default_factory=dict)
    """Runbook id to the newest record of its page."""
    opened: list[str] = field(default_factory=list)
    """Incident ids in the order they were opened."""

    async def watch(self) -> None:
        """Watch until cancelled."""
        async for topic, value in self.client.read(
            *COMMANDS, INCIDENT_EVENTS, INCIDENTS, STANDINGS, DEAD_LETTERS
        ):
            self._take(topic, decode(value, _TYPE_OF[topic]))

    def after(self, count: int) -> list[IncidentSnapshot]:
        """Give the incidents after the first `count`, in the order they were opened."""
        return [self.incidents[each] for each in self.opened[count:] if each in self.incidents]

    def _take(self, topic: str, seen: Frozen) -> None:
        match seen:
            case IncidentSnapshot():
                known = self.incidents.get(seen.id)
                if known is None or known.version < seen.version:
                    self.incidents[seen.id] = seen
                    self.progress.count(self.incidents.values(), len(self.dead_letters))
            case IncidentEvent():
                self._note(seen)
            case DeadLetter():
                if seen.id not in self.dead_letters:
                    self.progress.tell("dead letter", "", f"{seen.reason} {seen.field}: {seen.detail}")
                self.dead_letters[seen.id] = seen
            case Standing() if seen.runbook_id or seen.id == AUTOMATION:
                known_standing = self.standings.get(seen.runbook_id)
                if known_standing is None or known_standing.version < seen.version:
                    self.standings[seen.runbook_id] = seen
            case StepCommand() | EscalationCommand() | TicketCommand() | ChatCommand() | DocumentCommand():
                if seen.id not in self.commands[topic]:
                    self.commands[topic].add(seen.id)
                    self._put_on_desk(seen)
            case _:
                pass

    def _put_on_desk(self, command: Frozen) -> None:
        match command:
            case TicketCommand() if command.is_follow_up:
                known = self.desks.get(command.incident_id, EMPTY)
                self.desks[command.incident_id] = replace(known, tasks=(*known.tasks, command))
                if command.op != "open":
                    self.progress.tell("oncall", command.domain, f"{command.title}: {command.text}")
            case DocumentCommand():
                known = self.desks.get(command.incident_id, EMPTY)
                self.desks[command.incident_id] = replace(known, review=command)
            case _:
                pass

    def _note(self, event: IncidentEvent) -> None:
        known = self.events.setdefault(event.incident_id, [])
        if known and event.seq <= known[-1].seq:
            return  # a repeat
        known.append(event)
        if event.type == "IncidentOpened":
            self.opened.append(event.incident_id)
        self.progress.event(event)
