"""Every worker dies in the middle of every delay of an escalation, on a real Kafka: no page is lost, none is decided twice."""

import asyncio
import shutil
import time
from collections import Counter
from contextlib import ExitStack
from datetime import timedelta

import pytest

from app.core import record as records
from app.settings import Settings
from app.stream.topics import changelog_name
from tests.stream.conftest import LIBRARY, alert, values
from tests.support.replay import replayed
from tests.support.worker import WorkerProcess

pytestmark = pytest.mark.slow

DELAY_S = 10
"""Each of the delays: long enough that none has passed when the workers die."""
PROMPT_S = 20
"""Pages that are overdue are the first thing that comes of a worker which is at work."""

POLICIES = """\
policies:
  long: {levels: [{targets: ["user:alice"], ack_timeout: 10m}]}
  waits: {levels: [{targets: ["user:alice"], ack_timeout: 10m, delay: 10s}]}
  climbs: {levels: [{targets: ["user:alice"], ack_timeout: 10s}, {targets: ["user:bruno"], ack_timeout: 10m}]}
  repeats: {repeat: 1, levels: [{targets: ["user:alice"], ack_timeout: 10s}]}
  ends: {exhausted: last, levels: [{targets: ["user:alice"], ack_timeout: 10s}]}
  last: {levels: [{targets: ["user:chidi"], ack_timeout: 10m}]}
  ways: {levels: [{targets: ["user:erin"], ack_timeout: 10m}]}
people:
  bruno: {}
  chidi: {}
  erin: {contact: [{channel: push, ref: push/erin}, {channel: call, ref: phone/erin, after: 10s}]}
services:
  delayed: {escalation: waits}
  silent: {escalation: climbs}
  repeated: {escalation: repeats}
  exhausted: {escalation: ends}
  reached: {escalation: ways}
  snoozed: {escalation: long}
  stale: {escalation: long}
  later: {escalation: long}
  ledger-db: {}
events:
  failover:
    match: ['type="failover"']
    unless: {match: ['type="failover.ended"'], within: 10s, equal: [service]}
    policy: last
"""
LATER = """\
---
id: later
title: People come in when it takes too long
match: ['alertname="Later"']
page: after 10s
---
## Diagnosis
```yaml step=look
action: kubernetes.describe
with: {pod: a}
timeout: 10m
```
"""
ALICE, BRUNO, CHIDI, ERIN = (f"user:{name}" for name in ("alice", "bruno", "chidi", "erin"))
BEFORE = {
    "silent": [(ALICE, 1, 1)],
    "repeated": [(ALICE, 1, 1)],
    "exhausted": [(ALICE, 1, 1)],
    "reached": [(ERIN, 1, 1)],
    "snoozed": [(ALICE, 1, 1)],
    "stale": [(ALICE, 1, 1)],
}
"""Who is paged before the workers die: target, level and round."""
AFTER = {
    "delayed": [(ALICE, 1, 1)],
    "silent": [(BRUNO, 2, 1)],
    "repeated": [(ALICE, 1, 2)],
    "exhausted": [(CHIDI, 1, 1)],
    "reached": [(ERIN, 1, 1)],  # by the next way
    "snoozed": [(ALICE, 1, 1)],
    "stale": [(ALICE, 1, 1)],
    "later": [(ALICE, 1, 1)],
    "ledger-db": [(CHIDI, 1, 1)],
}
"""Who is paged besides, when the delays have passed."""


@pytest.fixture
def climbing(service):
    """The service with a policy for each kind of delay."""
    stale = LIBRARY["library.yaml"].replace("rules: {", "rules: {ack_stale_after: 10s, receipt_within: 0s, ")
    (service.folder / "library" / "library.yaml").write_text(stale)
    (service.folder / "library" / "delays.yaml").write_text(POLICIES)
    (service.folder / "library" / "later.md").write_text(LATER)
    return service


def notified(records):
    """The pages of committed commands, by service, in order."""
    found = {}
    for each in values(records):
        if each["op"] == "notify":
            page = (each["target"], each["level"], each["round"])
            found.setdefault(each["service"], []).append(page)
    return found


def start_two(service, stack):
    workers = [stack.enter_context(WorkerProcess(**service.settings(folder))) for folder in ("one", "two")]
    for each in workers:
        each.wait_ready()
    return workers


async def test_killed_in_the_middle_of_every_delay(climbing):
    service = climbing
    with ExitStack() as stack:
        workers = await asyncio.to_thread(start_two, service, stack)
        last_due = await _be_in_the_middle(service)
        for each in workers:
            each.kill()
    assert notified(await service.read_all("escalation-commands")) == BEFORE, "a delay has passed already"
    shutil.rmtree(service.folder / "two")
    await asyncio.sleep(last_due - time.time())
    with ExitStack() as stack:
        workers = await asyncio.to_thread(start_two, service, stack)
        expected = {name: BEFORE.get(name, []) + AFTER.get(name, []) for name in {*BEFORE, *AFTER}}
        count = sum(len(each) for each in expected.values())
        commands = await service.read(
            "escalation-commands",
            lambda found: sum(len(each) for each in notified(found).values()) >= count,
            within=PROMPT_S,
        )
        assert notified(commands) == expected
        told = await asyncio.to_thread(replayed, service.bootstrap_servers, service.prefix)
        assert (told["equal"], told["differences"]) == (True, []), "no output is missing, none is another"
        commands = await service.read_all("escalation-commands")
        assert notified(commands) == expected, "nothing more came meanwhile"
        assert set(Counter(each["id"] for each in values(commands)).values()) == {1}
        assert [each.terminate() for each in workers] == [0, 0]


async def _be_in_the_middle(service):
    """Bring an incident into each of the delays; give when the last of them passes, in seconds."""
    await service.send("alerts", *(alert("Down", service=name) for name in ("snoozed", "stale")))
    rung = values(await service.read("escalation-commands", lambda found: len(found) >= 2))
    wishes = {"snoozed": {"response": "snooze", "seconds": DELAY_S}, "stale": {"response": "acknowledge"}}
    answers = [
        {
            "id": f"answer/{each['id']}",
            "incident_id": each["incident_id"],
            "domain": each["domain"],
            "actor": {"provider": "pager", "id": "alice"},
            **wishes[each["service"]],
        }
        for each in rung
    ]
    names = ("delayed", "silent", "repeated", "exhausted", "reached")
    await asyncio.gather(
        *(service.send("responses", each, key=each["domain"].encode()) for each in answers),
        service.send("alerts", *(alert("Down", service=name) for name in names)),
        service.send("alerts", alert("Later", service="later")),
        service.send("system-events", {"id": "f1", "type": "failover", "service": "ledger-db"}),
    )
    changelog = changelog_name(Settings(**service.settings()))
    found = await service.read("changelog", lambda found: len(_delays(found)) == len(AFTER), name=changelog)
    return max(_delays(found).values())


def _delays(changelog):
    """When the delay passes that each domain is in the middle of, as the table has it, in seconds."""
    newest = {each.key: records.load(each.value) for each in changelog}
    due = {record.domain: (records.next_due(record), record.now) for record in newest.values()}
    return {
        domain: timer.due.timestamp()
        for domain, (timer, now) in due.items()
        if timer is not None and timer.due - now <= timedelta(seconds=DELAY_S)
    }
