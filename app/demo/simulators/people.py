"""Simulated pager and the people it wakes: they acknowledge after a while, and then mend things or say it is over."""

from __future__ import annotations

import asyncio
from collections import Counter

from app.demo.kafka import Client
from app.demo.simulators.estate import Estate, now_text
from app.demo.story import Person
from app.model.commands import EscalationCommand
from app.model.topics import ESCALATION_COMMANDS, RESPONSES
from app.wire.decode import decode


class Pager:
    """Rings a person for each page until it is stopped."""

    def __init__(self, client: Client, estate: Estate) -> None:
        self.client = client
        self.estate = estate
        self._seen: set[str] = set()
        self._ringing: dict[str, asyncio.Task[None]] = {}
        self._acknowledged: Counter[tuple[int, str]] = Counter()

    async def work(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as group:
            async for _, value in self.client.read(ESCALATION_COMMANDS):
                command = decode(value, EscalationCommand)
                if command.id in self._seen:
                    continue
                self._seen.add(command.id)
                if command.channel in self._person(command).dead:
                    continue
                if command.op == "notify":
                    self.estate.tell("pager", command.domain, f"rings {command.target}: {command.text}")
                    self._ringing[command.object_id] = group.create_task(self._ring(group, command))
                else:
                    self._stop(command)

    def _person(self, command: EscalationCommand) -> Person:
        story = self.estate.scenario.story(command.domain)
        return story.person if story else Person()

    def _stop(self, command: EscalationCommand) -> None:
        task = self._ringing.pop(command.object_id, None)
        if task is not None:
            task.cancel()

    async def _ring(self, group: asyncio.TaskGroup, command: EscalationCommand) -> None:
        await self._respond(command, "receipt", status="accepted", external_key=f"page-{command.id[:8]}")
        person = self._person(command)
        if command.person_id in person.silent:
            return
        await asyncio.sleep(person.acknowledges_after)
        # From here on the person is awake: that the ringing stops does not put them back to bed.
        self._ringing.pop(command.object_id, None)
        self.estate.tell("person", command.domain, f"{command.target} acknowledges")
        await self._respond(command, "acknowledged", response="acknowledge")
        group.create_task(self._see_to_it(command, person))

    async def _see_to_it(self, command: EscalationCommand, person: Person) -> None:
        times = (self.estate.round, command.domain)
        self._acknowledged[times] += 1
        if person.then == "watches" or self._acknowledged[times] <= person.forgets:
            return
        await asyncio.sleep(person.after)
        self.estate.tell("person", command.domain, f"{command.target} {person.then}: {person.words}")
        if person.then == "mends":
            await self._respond(command, "noted", response="annotate", text=person.words)
            self.estate.cure(command.domain, "person")
        else:
            await self._respond(command, "resolved", response="resolve", text=person.words)

    async def _respond(self, command: EscalationCommand, name: str, **fields: str) -> None:
        answer = {
            "id": f"{command.id}-{name}",
            "command_id": command.id,
            "object_id": command.object_id,
            "incident_id": command.incident_id,
            "domain": command.domain,
            "actor": {"provider": "pager", "id": command.person_id, "verified_by": "pager"},
            "occurred_at": now_text(),
            **fields,
        }
        await self.client.send(RESPONSES, answer, key=command.domain)
