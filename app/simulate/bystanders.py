"""Those around the service: sources of input, an executor that is slow or silent now and then, people who answer, agree and meddle."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from random import Random
from typing import Any

from app.model.messages import Outgoing
from app.model.topics import (
    CHAT_COMMANDS,
    DOCUMENT_COMMANDS,
    ESCALATION_COMMANDS,
    RESPONSES,
    STEP_COMMANDS,
    STEP_RESULTS,
)
from app.simulate.brokers import Brokers
from app.simulate.plan import Plan

READ_UNTIL_S = 600.0
"""When readers have read enough: their words have a review written again, which has readers, who might never end."""


@dataclass(eq=False)
class Bystanders:
    """All of them; nobody of them ever crashes, and what they send is never lost."""

    plan: Plan
    brokers: Brokers
    pending: int = 0
    """Answers that are still to come."""
    _handled: set[str] = field(default_factory=set)
    _newest: dict[str, str] = field(default_factory=dict)
    """The incident of each domain that somebody took a look at last."""

    async def send_inputs(self) -> None:
        """Send the plan's inputs, each at its time."""
        loop = asyncio.get_running_loop()
        for each in self.plan.inputs:
            await asyncio.sleep(max(0.0, each.at - loop.time()))
            self.brokers.append(each.message)

    async def execute(self) -> None:
        """Answer step commands, in every partition."""
        await self._follow(STEP_COMMANDS, self._answer_step)

    async def answer_pages(self) -> None:
        """Acknowledge or resolve some of what is paged."""
        await self._follow(ESCALATION_COMMANDS, self._answer_page)

    async def chat(self) -> None:
        """Press buttons in the chat, and now and then take a hand in what automation does."""
        await self._follow(CHAT_COMMANDS, self._answer_chat)

    async def write_documents(self) -> None:
        """Write documents, fail to, or mark them final; readers add what they know, also long after."""
        await self._follow(DOCUMENT_COMMANDS, self._answer_document)

    async def _follow(self, topic: str, answer: Any) -> None:
        async def one(number: int) -> None:
            position = 0
            while True:
                messages, position = self.brokers.committed((topic, number), position)
                for message in messages:
                    command = json.loads(message.value or b"{}")
                    if command["id"] not in self._handled:
                        self._handled.add(command["id"])
                        answer(command, Random(f"{self.plan.seed}/{command['id']}"))
                if not messages:
                    await self.brokers.changed((topic, number))

        await asyncio.gather(*(one(number) for number in range(self.brokers.partitions)))

    def _answer_step(self, command: dict[str, Any], random: Random) -> None:
        if command["op"] != "run" or random.random() < 0.15:  # lost
            return
        answer = {
            "id": f"{command['id']}/executor",
            "command_id": command["id"],
            "object_id": command["object_id"],
            "domain": command["domain"],
            "status": random.choices(
                ("succeeded", "failed", "refused", "unknown", "running"), (75, 12, 4, 4, 5)
            )[0],
            "retryable": random.random() < 0.5,
            "output": {"n": random.randrange(9)},
        }
        self._later(random, STEP_RESULTS, answer)

    def _answer_page(self, command: dict[str, Any], random: Random) -> None:
        if command["op"] != "notify":
            return
        if random.random() < 0.8:
            self._receipt(command, random)
        if random.random() < 0.4:  # nobody hears it
            return
        answer = {
            "id": f"{command['id']}/person",
            "command_id": command["id"],
            "object_id": command["object_id"],
            "incident_id": command["incident_id"],
            "domain": command["domain"],
            "actor": {"provider": "pager", "id": command["person_id"]},
            "response": random.choices(
                ("acknowledge", "resolve", "annotate", "snooze", "assign", "add_responder", "escalate"),
                (8, 2, 1, 1, 1, 1, 1),
            )[0],
            "text": "on it",
            "seconds": random.choice((0, 5, 40)),
            "target": random.choice(("user:bob", "alice", "nobody")),
        }
        self._later(random, RESPONSES, answer)

    def _receipt(self, command: dict[str, Any], random: Random) -> None:
        answer = {
            "id": f"{command['id']}/pager",
            "command_id": command["id"],
            "object_id": command["object_id"],
            "domain": command["domain"],
            "status": random.choices(
                ("accepted", "running", "succeeded", "failed", "unknown"), (60, 10, 10, 15, 5)
            )[0],
        }
        self._later(random, RESPONSES, answer)

    def _answer_chat(self, command: dict[str, Any], random: Random) -> None:
        buttons = [each for each in command["buttons"] if each["object_id"] or each["execution_id"]]
        if buttons and random.random() < 0.8:
            pressed = random.choices(buttons, [4, *(1 for _ in buttons[1:])])[0]
            bears = {name: pressed[name] for name in ("object_id", "execution_id", "step")}
            self._say_in(command, random, pressed["response"], **bears)
        elif command["op"] == "post" and random.random() < 0.5:
            self._regroup(command, random)
        elif command["op"] == "post" and random.random() < 0.4:
            wish = random.choice(("pause", "resume", "cancel", "retry", "skip", "run", "take_over"))
            step = random.choice(("look", "scale", "drain", "undo"))
            self._say_in(command, random, wish, step=step, runbook_id="crash")
            self._say_in(command, random, "resume")

    def _answer_document(self, command: dict[str, Any], random: Random) -> None:
        answer = {
            "id": f"{command['id']}/wiki",
            "command_id": command["id"],
            "object_id": command["object_id"],
            "domain": command["domain"],
            "status": random.choice(("succeeded", "succeeded", "failed")),
            "external_key": command["path"],
            "actor": {"provider": "pager", "id": "alice"},
            "output": {"final": random.random() < 0.1},
        }
        self._later(random, RESPONSES, answer)
        is_read = asyncio.get_running_loop().time() < READ_UNTIL_S
        if is_read and command["incident_id"] and command["op"] == "draft" and random.random() < 0.3:
            delay = random.choice((5.0, 60.0, 120.0))  # before it is closed, about then, after that
            self._say_in(
                command, random, random.choice(("annotate", "feedback", "finalize")), delay, text="right"
            )

    def _regroup(self, command: dict[str, Any], random: Random) -> None:
        """Merge the incident into the one of its domain that was heard of before, or split some alerts off it."""
        before = self._newest.get(command["domain"], "")
        self._newest[command["domain"]] = command["incident_id"]
        if before and random.random() < 0.7:
            self._say_in(command, random, "merge", into_id=random.choice((before, before, before, "nowhere")))
        else:
            some = 'pod=~".*-[01]"' if random.random() < 0.9 else "no matcher"
            self._say_in(command, random, "split", output={"match": some})

    def _say_in(
        self, command: dict[str, Any], random: Random, wish: str, after: float = 0.0, **bears: Any
    ) -> None:
        person = random.choice(("alice", "bob", "robert", "carol"))
        answer = {
            "id": f"{command['id']}/{wish}",
            "incident_id": command["incident_id"],
            "domain": command["domain"],
            "actor": {
                "provider": "pager",
                "id": person,
                "verified_by": random.choice(("pager", "pager", "")),
            },
            "response": wish,
            "status": random.choice(("succeeded", "succeeded", "failed")),
            **bears,
        }
        self._later(random, RESPONSES, answer, after)

    def _later(self, random: Random, topic: str, answer: dict[str, Any], after: float = 0.0) -> None:
        value = Outgoing(topic, answer["domain"].encode(), json.dumps(answer).encode())
        delay = after + random.choice((0.05, 0.3, 1.0, 4.0, 12.0))
        for times in range(2 if random.random() < 0.15 else 1):  # said twice
            self.pending += 1
            asyncio.get_running_loop().call_later(delay + times * 3, self._say, value)

    def _say(self, value: Outgoing) -> None:
        self.pending -= 1
        self.brokers.append(value)
