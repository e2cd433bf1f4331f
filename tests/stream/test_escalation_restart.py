"""Every worker dies in the middle of every delay of an escalation, on a real Kafka: no page is lost, none is decided twice."""

import asyncio
import json
import re
import shutil
import time
from collections import Counter
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest

from app.core import record as records
from app.core.escalation.ways import NO_RECEIPT
from app.settings import Settings
from app.stream.topics import changelog_name
from tests.stream.conftest import LIBRARY, alert, values
from tests.support.replay import replayed
from tests.support.worker import WorkerProcess

pytestmark = pytest.mark.slow

DELAY_S = 15
"""Each of the delays: long enough that none has passed when the workers die."""
MINUTE = timedelta(minutes=1)
"""Hours begin and end with a minute, so the one delay that is not `DELAY_S` long lasts up to so much longer."""
PROMPT_S = 20
"""Pages that are overdue are the first thing that comes of a worker which is at work."""

POLICIES = """\
policies:
  long: {levels: [{targets: ["user:alice"], ack_timeout: 10m}]}
  waits: {levels: [{targets: ["user:alice"], ack_timeout: 10m, delay: 15s}]}
  climbs: {levels: [{targets: ["user:alice"], ack_timeout: 15s}, {targets: ["user:bruno"], ack_timeout: 10m}]}
  repeats: {repeat: 1, levels: [{targets: ["user:alice"], ack_timeout: 15s}]}
  ends: {exhausted: last, levels: [{targets: ["user:alice"], ack_timeout: 15s}]}
  last: {levels: [{targets: ["user:chidi"], ack_timeout: 10m}]}
  ways: {levels: [{targets: ["user:erin"], ack_timeout: 10m}]}
  unheard: {levels: [{targets: ["user:dana"], ack_timeout: 10m}]}
people:
  bruno: {}
  chidi: {}
  erin: {contact: [{channel: push, ref: push/erin}, {channel: call, ref: phone/erin, after: 15s}]}
  dana: {contact: [{channel: push, ref: push/dana}, {channel: call, ref: phone/dana, after: 10m}]}
services:
  delayed: {escalation: waits}
  silent: {escalation: climbs}
  repeated: {escalation: repeats}
  exhausted: {escalation: ends}
  reached: {escalation: ways}
  unheard: {escalation: unheard}
  snoozed: {escalation: long}
  stale: {escalation: long}
  later: {escalation: long}
  ledger-db: {}
events:
  failover:
    match: ['type="failover"']
    unless: {match: ['type="failover.ended"'], within: 15s, equal: [service]}
    policy: last
"""
LATER = """\
---
id: later
title: People come in when it takes too long
match: ['alertname="Later"']
page: after 15s
---
## Diagnosis
```yaml step=look
action: kubernetes.describe
with: {pod: a}
timeout: 10m
```
"""
ALICE, BRUNO, CHIDI = (f"user:{name}" for name in ("alice", "bruno", "chidi"))
BEFORE = {
    "silent": [(ALICE, 1, 1)],
    "repeated": [(ALICE, 1, 1)],
    "exhausted": [(ALICE, 1, 1)],
    "reached": [("user:erin by push", 1, 1)],
    "unheard": [("user:dana by push", 1, 1)],
    "snoozed": [(ALICE, 1, 1)],
    "stale": [(ALICE, 1, 1)],
}
"""Who is paged before the workers die: target, level and round."""
AFTER = {
    "delayed": [(ALICE, 1, 1)],
    "silent": [(BRUNO, 2, 1)],
    "repeated": [(ALICE, 1, 2)],
    "exhausted": [(CHIDI, 1, 1)],
    "reached": [("user:erin by call", 1, 1)],
    "unheard": [("user:dana by call", 1, 1)],  # long before its turn: nothing answered for the push
    "snoozed": [(ALICE, 1, 1)],
    "stale": [(ALICE, 1, 1)],
    "later": [(ALICE, 1, 1)],
    "ledger-db": [(CHIDI, 1, 1)],
    "office": [("user:office", 1, 1)],
    "asleep": [("user:asleep", 1, 1)],
}
"""Who is paged besides, when the delays have passed."""


@pytest.fixture
def climbing(service):
    """The service with a policy for each kind of delay."""
    stale = LIBRARY["library.yaml"].replace("rules: {", "rules: {ack_stale_after: 15s, receipt_within: 15s, ")
    (service.folder / "library" / "library.yaml").write_text(stale)
    (service.folder / "library" / "delays.yaml").write_text(POLICIES)
    (service.folder / "library" / "hours.yaml").write_text(json.dumps(hours(datetime.now(UTC))))
    (service.folder / "library" / "later.md").write_text(LATER)
    return service


def hours(now):
    """For each of the coming minutes a person whose business hours begin then, and one whose quiet hours end then, with services that page them."""
    found = {"people": {}, "policies": {}, "services": {}}
    for number in range(1, 10):
        at, spans = now + number * MINUTE, timedelta(hours=1)
        opens = {"timezone": "UTC", "business_hours": f"{at:%H:%M}-{at + spans:%H:%M}"}
        quiet = {
            "timezone": "UTC",
            "business_hours": "mon-sun",
            "quiet_hours": f"{at - spans:%H:%M}-{at:%H:%M}",
        }
        for name, person in ((f"office-{at:%H%M}", opens), (f"asleep-{at:%H%M}", quiet)):
            found["people"][name] = person
            found["policies"][name] = {"levels": [{"targets": [f"user:{name}"], "ack_timeout": "10m"}]}
            found["services"][name] = {"escalation": name}
    return found


def notified(records):
    """The pages of committed commands, by service, in order; those of hours without their minute."""
    found = {}
    for each in values(records):
        if each["op"] == "notify":
            by = f" by {each['channel']}" if each["channel"] else ""
            page = (plain(each["target"]) + by, each["level"], each["round"])
            found.setdefault(plain(each["service"]), []).append(page)
    return found


def plain(name):
    return re.sub(r"-\d{4}$", "", name)


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
    await service.send("alerts", *(alert("Down", service=name) for name in BEFORE))
    rung = values(await service.read("escalation-commands", lambda found: len(found) >= len(BEFORE)))
    wishes = {"snoozed": {"response": "snooze", "seconds": DELAY_S}, "stale": {"response": "acknowledge"}}
    answers = [
        {
            "id": f"answer/{each['id']}",
            "command_id": each["id"],
            "object_id": each["object_id"],
            "incident_id": each["incident_id"],
            "domain": each["domain"],
            "actor": {"provider": "pager", "id": "alice"},
            **wishes.get(each["service"], {"status": "accepted"}),
        }
        for each in rung
        if each["service"] != "unheard"
    ]
    whole = (datetime.now(UTC) + timedelta(seconds=DELAY_S) + MINUTE).strftime("%H%M")
    low = (f"office-{whole}", f"asleep-{whole}")
    await asyncio.gather(
        *(service.send("responses", each, key=each["domain"].encode()) for each in answers),
        service.send("alerts", alert("Down", service="delayed"), alert("Later", service="later")),
        service.send("alerts", *(alert("Down", service=name, severity="warning") for name in low)),
        service.send("system-events", {"id": "f1", "type": "failover", "service": "ledger-db"}),
    )
    changelog = changelog_name(Settings(**service.settings()))
    found = await service.read("changelog", lambda found: len(_delays(found)) == len(AFTER), name=changelog)
    return max(_delays(found).values())


def _delays(changelog):
    """When the delay passes that each domain is in the middle of, as the table has it, in seconds.

    Where a receipt is waited for, that is the delay of the one domain alone whose page nobody accepts.
    """
    newest = {each.key: records.load(each.value) for each in changelog}
    due = {record.domain: (records.next_due(record), record) for record in newest.values()}
    return {
        domain: timer.due.timestamp()
        for domain, (timer, record) in due.items()
        if timer is not None
        and timer.due - record.now <= timedelta(seconds=DELAY_S) + MINUTE
        and any(each.endswith(NO_RECEIPT) for each in record.timers) == domain.endswith("/unheard")
    }
