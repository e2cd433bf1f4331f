"""A simulated automation executor: carries out step commands as the scenario says, and answers on step-results."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

from app.demo.kafka import Client
from app.demo.simulators.estate import Estate, now_text
from app.demo.story import Reply
from app.model.commands import StepCommand
from app.model.topics import STEP_COMMANDS, STEP_RESULTS
from app.wire.decode import decode


class Executor:
    """Drops repeated ids, answers `expired` past `not_after`, stops what is cancelled."""

    def __init__(self, client: Client, estate: Estate) -> None:
        self.client = client
        self.estate = estate
        self._seen: set[str] = set()
        self._at_work: dict[str, asyncio.Task[None]] = {}

    async def work(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as group:
            async for _, value in self.client.read(STEP_COMMANDS):
                command = decode(value, StepCommand)
                if command.id in self._seen:
                    continue
                self._seen.add(command.id)
                if command.op == "cancel":
                    self._cancel(command)
                else:
                    self._at_work[command.object_id] = group.create_task(self._run(command))

    def _cancel(self, command: StepCommand) -> None:
        task = self._at_work.pop(command.object_id, None)
        if task is not None and not task.done():
            task.cancel()
            self.estate.tell("executor", command.domain, f"stops {command.action}")

    async def _run(self, command: StepCommand) -> None:
        if command.not_after is not None and datetime.now(UTC) > command.not_after:
            await self._answer(command, "expired", {}, "it came after not_after")
            return
        reply = self._reply(command)
        if reply.status == "silent":
            self.estate.tell("executor", command.domain, f"{command.action}: no answer will come")
            return
        await asyncio.sleep(reply.after)
        if reply.status in ("succeeded", "lost"):
            self.estate.cure(command.domain, f"step:{command.step}")
        if reply.status == "lost":
            self.estate.tell("executor", command.domain, f"{command.action}: done, and the answer is lost")
            return
        self.estate.tell("executor", command.domain, f"{command.action} {reply.status}{_because(reply)}")
        await self._answer(command, reply.status, reply.output, reply.reason)

    def _reply(self, command: StepCommand) -> Reply:
        story = self.estate.scenario.story(command.domain)
        replies = story.replies.get(command.step, ()) if story else ()
        if not replies:
            return Reply("failed", reason="the scenario has no answer to this step")
        return replies[min(command.attempt, len(replies)) - 1]

    async def _answer(self, command: StepCommand, status: str, output: dict[str, Any], reason: str) -> None:
        answer = {
            "id": f"{command.id}-{status}",
            "command_id": command.id,
            "object_id": command.object_id,
            "domain": command.domain,
            "status": status,
            "retryable": status == "failed",
            "actor": {"provider": "executor", "id": "demo-executor"},
            "occurred_at": now_text(),
            "output": output,
            "reason": reason,
        }
        await self.client.send(STEP_RESULTS, answer, key=command.domain)


def _because(reply: Reply) -> str:
    return f": {reply.reason}" if reply.reason else ""
