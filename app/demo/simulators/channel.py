"""Simulated people in chat: they read what the service says there, and press the buttons under it."""

from __future__ import annotations

import asyncio
from collections import Counter

from app.demo.kafka import Client
from app.demo.simulators.estate import Estate, now_text
from app.demo.story import Press
from app.model.commands import ChatButton, ChatCommand
from app.model.topics import CHAT_COMMANDS, RESPONSES
from app.wire.decode import decode


class Channel:
    """The chat vouches for whoever presses: it knows its accounts, and the library says whose they are."""

    def __init__(self, client: Client, estate: Estate) -> None:
        self.client = client
        self.estate = estate
        self._seen: set[str] = set()
        self._offered: Counter[tuple[int, str, str]] = Counter()

    async def work(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as group:
            async for _, value in self.client.read(CHAT_COMMANDS):
                command = decode(value, ChatCommand)
                if command.id not in self._seen and command.buttons:
                    self._seen.add(command.id)
                    group.create_task(self._look_at(command))

    async def _look_at(self, command: ChatCommand) -> None:
        story = self.estate.scenario.story(command.domain)
        buttons = {button.id: button for button in command.buttons}
        self._offered.update((self.estate.round, command.domain, each) for each in buttons)
        offered = {each: self._offered[self.estate.round, command.domain, each] for each in buttons}
        for number, press in enumerate(story.presses if story else ()):
            if offered.get(press.button, 0) > press.passes_over:
                await asyncio.sleep(press.after)
                await self._press(command, buttons[press.button], press, number)

    async def _press(self, command: ChatCommand, button: ChatButton, press: Press, number: int) -> None:
        self.estate.tell("chat", command.domain, f"{press.by} presses {button.label}: {press.words}")
        if press.cures:
            self.estate.cure(command.domain, "person")
        answer = {
            "id": f"{command.id}-press-{number}",
            "response": button.response.value,
            "object_id": button.object_id or command.object_id,
            "execution_id": button.execution_id,
            "step": button.step,
            "incident_id": command.incident_id,
            "domain": command.domain,
            "text": press.words,
            "actor": {"provider": "chat", "id": press.by, "verified_by": "chat"},
            "occurred_at": now_text(),
        }
        await self.client.send(RESPONSES, answer, key=command.domain)
