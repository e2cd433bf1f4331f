"""A simulated ticket system, chat and wiki: they take commands, answer with their own keys, and somebody reads the reviews."""

from __future__ import annotations

import asyncio
from collections import Counter

from app.demo.kafka import Client
from app.demo.simulators.estate import Estate, now_text
from app.model.commands import ChatCommand, DocumentCommand, TicketCommand
from app.model.topics import CHAT_COMMANDS, DOCUMENT_COMMANDS, RESPONSES, TICKET_COMMANDS
from app.wire.decode import decode

Desk = ChatCommand | DocumentCommand | TicketCommand
KINDS: dict[str, type[Desk]] = {
    CHAT_COMMANDS: ChatCommand,
    DOCUMENT_COMMANDS: DocumentCommand,
    TICKET_COMMANDS: TicketCommand,
}
READS_AFTER = 1.0
"""Seconds until somebody has read a review."""


class Connectors:
    """Keeps the external objects: object id to the key it has there."""

    def __init__(self, client: Client, estate: Estate) -> None:
        self.client = client
        self.estate = estate
        self._seen: set[str] = set()
        self._keys: dict[str, str] = {}
        self._opened: Counter[str] = Counter()

    async def work(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as group:
            async for topic, value in self.client.read(*KINDS):
                command = decode(value, KINDS[topic])
                if command.id in self._seen:
                    continue
                self._seen.add(command.id)
                if command.object_id not in self._keys:
                    await self._open(command)
                # Once: what the reader says is a fact, so the review is written again.
                if (
                    isinstance(command, DocumentCommand)
                    and command.op == "draft"
                    and not command.base_revision
                ):
                    group.create_task(self._read(command))

    async def _open(self, command: Desk) -> None:
        key = self._key(command)
        self._keys[command.object_id] = key
        await self.client.send(
            RESPONSES,
            {
                "id": f"{command.id}-receipt",
                "command_id": command.id,
                "object_id": command.object_id,
                "incident_id": command.incident_id,
                "domain": command.domain,
                "status": "succeeded",
                "external_key": key,
                "external_url": f"https://{command.kind}.example/{key}",
                "actor": {"provider": command.kind, "id": "demo-desk"},
                "occurred_at": now_text(),
            },
            key=command.domain,
        )

    def _key(self, command: Desk) -> str:
        self._opened[command.kind] += 1
        number = self._opened[command.kind]
        if isinstance(command, TicketCommand):
            self.estate.tell("tickets", command.domain, f"{command.project}-{number} opened: {command.title}")
            return f"{command.project}-{number}"
        if isinstance(command, ChatCommand):
            return f"{command.conversation.lstrip('#')}-{number}"
        return command.path

    async def _read(self, command: DocumentCommand) -> None:
        story = self.estate.scenario.story(command.domain)
        if story is None or not story.feedback:
            return
        await asyncio.sleep(READS_AFTER)
        self.estate.tell("reader", command.domain, f"of the review says: the runbook was {story.feedback}")
        await self.client.send(
            RESPONSES,
            {
                "id": f"{command.id}-feedback",
                "incident_id": command.incident_id,
                "domain": command.domain,
                "response": "feedback",
                "text": story.feedback,
                "actor": {"provider": "wiki", "id": "demo-reader"},
                "occurred_at": now_text(),
            },
            key=command.domain,
        )
