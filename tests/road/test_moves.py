"""A service moves while its alert fires, on the production road over fakes: intake, notices, one transaction a message."""

from __future__ import annotations

import json
from datetime import timedelta

from app.library.topic import as_published
from app.model.topics import (
    ALERTS,
    DEAD_LETTERS,
    ESCALATION_COMMANDS,
    INCIDENT_EVENTS,
    INCIDENTS,
    NOTICES,
    SIGNALS,
    STEP_COMMANDS,
    STEP_RESULTS,
)
from app.road.apply import Partition, apply_batch
from app.road.intake import Intake, take_in
from app.road.ports import Message
from app.road.timekeeper import Timekeeper, fire_due
from app.settings import OutputFormat, Settings
from app.simulate.estate import FILES
from app.stream.understanding import new_understand, new_wire
from tests.support.ports import (
    EPOCH,
    Cluster,
    ManualClock,
    MemoryLibraries,
    MemoryLog,
    MemoryStore,
    MemoryTransaction,
)

OLD, NEW = "production/shop", "production/find"
MOVED = {
    **FILES,
    "estate.yaml": FILES["estate.yaml"].replace(
        "search: {team: ops, system: shop,", "search: {team: ops, system: find,"
    ),
}
ALERT = {
    "labels": {"alertname": "Crash", "service": "search", "severity": "critical", "pod": "p"},
    "startsAt": EPOCH.isoformat(),
}


class Road:
    """All domains in one partition, each message on its way as production carries it."""

    def __init__(self, fmt):
        self.cluster = Cluster()
        first = as_published(FILES, None)
        self.newer = as_published(MOVED, first)
        self.libraries = MemoryLibraries(first)
        self.clock = ManualClock()
        wire, self.timekeeper = new_wire(Settings(output_format=fmt)), Timekeeper()
        self.log = MemoryLog(self.cluster)
        self.intake = Intake(self.log, self.libraries, None, wire, new_understand())
        transaction = MemoryTransaction(self.cluster)
        self.partition = Partition(0, transaction, MemoryStore(), self.libraries, self.timekeeper, wire)
        self.wire, self.read = wire, {SIGNALS: 0, NOTICES: 0}

    def publish(self):
        self.libraries.by_hash[self.newer.hash] = self.libraries.newest = self.newer

    async def send(self, topic, value):
        message = Message(
            topic, 0, len(self.cluster.appended), b"k", json.dumps(value).encode(), self.clock.now()
        )
        await take_in([message], self.intake)
        await self.settle()

    async def settle(self):
        while await self._take(
            SIGNALS, self.cluster.appended, apply_batch, self.partition
        ) or await self._take(NOTICES, self.cluster.committed, take_in, self.intake):
            pass

    async def pass_(self, seconds):
        end = self.clock.now() + timedelta(seconds=seconds)
        while self.clock.now() < end:
            self.clock.pass_(1)
            await fire_due(self.timekeeper, self.clock, self.log, self.libraries, None, self.wire.encode)
            await self.settle()

    async def _take(self, topic, written, work, port):
        there = [each for each in written if each.topic == topic]
        new = [
            Message(topic, 0, offset, each.key, each.value, self.clock.now())
            for offset, each in enumerate(there)
            if offset >= self.read[topic]
        ]
        self.read[topic] = len(there)
        for each in new:
            await work([each], port)
        return bool(new)

    def given(self, topic):
        return [each.value for each in self.cluster.committed if each.topic == topic]


async def test_a_service_moves_while_its_alert_fires_and_is_resolved_there():
    road = Road(OutputFormat.JSON)
    await road.send(ALERTS, ALERT)
    [look] = [json.loads(each) for each in road.given(STEP_COMMANDS)]
    pages = len(road.given(ESCALATION_COMMANDS))
    road.publish()
    await road.send(ALERTS, {**ALERT, "labels": {**ALERT["labels"], "pod": "q"}})
    answer = {"id": "r", "command_id": look["id"], "object_id": look["object_id"], "domain": look["domain"]}
    await road.send(STEP_RESULTS, {**answer, "status": "succeeded", "output": {"n": 1}})
    ends = {"status": "resolved", "endsAt": (EPOCH + timedelta(seconds=5)).isoformat()}
    for pod in ("p", "q"):
        await road.send(ALERTS, {**ALERT, **ends, "labels": {**ALERT["labels"], "pod": pod}})
    await road.pass_(150)
    events = [json.loads(each) for each in road.given(INCIDENT_EVENTS)]
    assert len({each["incident_id"] for each in events}) == 1
    assert [each["seq"] for each in events] == list(range(1, len(events) + 1))
    assert [each["data"]["step"] for each in events if each["type"] == "StepSucceeded"][:1] == ["look"]
    assert (look["domain"], events[-1]["domain"], events[-1]["type"]) == (OLD, NEW, "IncidentClosed")
    assert json.loads(road.given(INCIDENTS)[-1])["status"] == "closed"
    assert (
        len([each for each in road.given(ESCALATION_COMMANDS) if json.loads(each)["op"] == "notify"]) == pages
    )
    assert road.given(DEAD_LETTERS) == []


async def test_letters_are_read_in_avro_as_well():
    road = Road(OutputFormat.AVRO)
    await road.send(ALERTS, ALERT)
    road.publish()
    await road.send(ALERTS, {**ALERT, "labels": {**ALERT["labels"], "pod": "q"}})
    assert b"IncidentTakenOver" in b"".join(road.given(INCIDENT_EVENTS))
    assert road.given(DEAD_LETTERS) == []
