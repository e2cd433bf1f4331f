"""Batches of signals as an estate under load makes them: incidents open, steps run and are answered, alerts end, timers fire.

Made once, by the production functions in memory, and then applied by every way that is measured: all have the same work.
"""

from __future__ import annotations

import heapq
import itertools
import json
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from app.intake.batch import intake_batch
from app.library.compile import compile_library
from app.model.topics import (
    ALERTS,
    ESCALATION_COMMANDS,
    NOTICES,
    RESPONSES,
    SIGNALS,
    STEP_COMMANDS,
    STEP_RESULTS,
)
from app.road.apply import decide_all
from app.road.partitioner import partition_of
from app.road.ports import Message
from app.road.timekeeper import Timekeeper, fire_due
from app.road.verdict import MODELS
from app.settings import Settings
from app.stream.understanding import new_wire
from app.wire.decode import decode
from tests.cost.library import ALERTS as ALERT_NAMES
from tests.cost.library import FILES
from tests.support.ports import EPOCH, ManualClock, MemoryLibraries, MemoryLog, MemoryStore

PARTITION = 0
_SERVICES = 240
"""Of which one in four is in the partition."""
_PARTITIONS = 4
_PER_SECOND = 100
"""How many signals a second of the estate's time has: what is due and what has timed out follows from it."""
_FIRING = 120
_NAMES = tuple(f"service-{number}" for number in range(_SERVICES))
_CATALOG = "services:\n" + "".join(f"  {name}: {{team: ops}}\n" for name in _NAMES)
_ANSWERED_WITHIN_S = (0.3, 1, 4, 15)


@dataclass(frozen=True)
class Batch:
    """What apply takes at once, and how many signals are in it."""

    messages: list[Message]
    signals: int


@dataclass(frozen=True)
class History:
    """Batches of one size, and the records that stood in the store before the first of them."""

    size: int
    records: dict[str, bytes]
    batches: list[Batch]


class Estate:
    """Everyone around one partition of `signals`, on a time of their own."""

    def __init__(self, seed=0):
        self.library = compile_library(FILES | {"many.yaml": _CATALOG})
        self.wire = new_wire(Settings())
        self._random = Random(f"cost/{seed}")
        self._clock, self._timekeeper = ManualClock(), Timekeeper()
        self._store, self._libraries = MemoryStore(), MemoryLibraries(self.library)
        self._offset = itertools.count()
        self._services = [name for name in _NAMES if self._is_here(name)]
        self._firing, self._answers = [], []
        self._count = itertools.count()

    async def history(self, size, count):
        """Go on for `count` batches of `size` signals; one has more where more timers are due at once."""
        records = dict(self._store.records)
        return History(size, records, [await self._batch(size) for _ in range(count)])

    async def _batch(self, size):
        self._clock.pass_(size / _PER_SECOND)
        timers = MemoryLog()
        await fire_due(
            self._timekeeper, self._clock, timers, self._libraries, mode=None, encode=self.wire.encode
        )
        fired = [self.wire.decode_signals(each.value) for each in timers.cluster.appended]
        room = max(0, size - sum(len(each.signals) for each in fired))
        taken = intake_batch([self._input() for _ in range(room)], self.library, None, self.library.hash)
        batches = [*fired, *taken.batches]
        messages = [self._message(SIGNALS, each.domain, self.wire.encode(each)) for each in batches]
        await self._decide(messages)
        return Batch(messages, sum(len(each.signals) for each in batches))

    async def _decide(self, messages):
        work = await decide_all(messages, self._store, self._libraries, self.wire)
        self._store.put(work.dumps)
        for record in work.records.values():
            self._timekeeper.learn(PARTITION, record)
        for output in work.outputs:
            answer = self._answer(output)
            if answer is not None:
                delay = timedelta(seconds=self._random.choice(_ANSWERED_WITHIN_S))
                heapq.heappush(self._answers, (self._clock.now() + delay, next(self._count), answer))

    def _answer(self, output):
        """Give the topic and value of what is answered, if anything is."""
        if output.topic not in _ANSWERS:
            return None
        command = decode(output.value, MODELS[output.topic])
        return _ANSWERS[output.topic](command.model_dump(mode="json"))

    def _input(self):
        if self._answers and self._answers[0][0] <= self._clock.now():
            _, _, (topic, answer) = heapq.heappop(self._answers)
            return self._message(topic, answer["domain"], json.dumps(answer).encode())
        alert = self._alert()
        return self._message(ALERTS, alert["labels"]["service"], json.dumps(alert).encode())

    def _alert(self):
        """A new one, one that still fires, or the end of one."""
        chance, now = self._random.random(), self._clock.now().isoformat()
        if self._firing and (chance < 0.4 or len(self._firing) > _FIRING):
            return {**self._firing.pop(0), "status": "resolved", "endsAt": now}
        if self._firing and chance < 0.5:
            return self._random.choice(self._firing)
        service = self._random.choice(self._services)
        alert = _alert(service, self._random.choice(ALERT_NAMES), self._random.randrange(6), now)
        self._firing.append(alert)
        return alert

    def _is_here(self, name):
        alert = _alert(name, ALERT_NAMES[0], 0, EPOCH.isoformat())
        message = Message(ALERTS, 0, 0, b"", json.dumps(alert).encode(), EPOCH)
        domain = intake_batch([message], self.library, None, self.library.hash).batches[0].domain
        return partition_of(domain.encode(), _PARTITIONS) == PARTITION

    def _message(self, topic, key, value):
        return Message(topic, PARTITION, next(self._offset), key.encode(), value, self._clock.now())


def _alert(service, name, pod, starts_at):
    labels = {"alertname": name, "service": service, "severity": "critical", "pod": f"{service}-{pod}"}
    return {"labels": labels, "status": "firing", "startsAt": starts_at}


def _result(command):
    if command["op"] != "run":
        return None
    answer = {name: command[name] for name in ("object_id", "domain")}
    return STEP_RESULTS, {
        **answer,
        "id": f"{command['id']}/executor",
        "command_id": command["id"],
        "status": "succeeded",
        "output": {"n": 1},
    }


def _acknowledgement(command):
    if command["op"] != "notify":
        return None
    answer = {name: command[name] for name in ("object_id", "incident_id", "domain")}
    return RESPONSES, {
        **answer,
        "id": f"{command['id']}/person",
        "command_id": command["id"],
        "response": "acknowledge",
        "actor": {"provider": "pager", "id": command["person_id"]},
    }


def _permit(notice):
    """Every permit is granted, as the domain `control` does where nothing holds it back."""
    if notice["kind"] != "permit_asked":
        return None
    turned = {"domain": notice["sender"], "sender": notice["domain"], "kind": "permit_granted"}
    return NOTICES, {**notice, **turned, "id": f"{notice['id']}/granted"}


_ANSWERS = {STEP_COMMANDS: _result, ESCALATION_COMMANDS: _acknowledgement, NOTICES: _permit}
