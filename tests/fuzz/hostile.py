"""A service in memory that anybody may write to: inputs of every kind and domain that the schemas allow, with the oddest values in them.

They go through intake and the road as a worker would take them, over hours of virtual time, while libraries change and services move.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from datetime import timedelta
from random import Random

from app.core import record as records
from app.core.identity import timer_identity
from app.model.inputs import TimerFired, TimerSignal
from app.model.messages import Message
from app.model.signals import Signal, SignalBatch, Source
from app.model.topics import (
    ALERTS,
    NOTICES,
    RESPONSES,
    SIGNALS,
    STEP_RESULTS,
    SYSTEM_EVENTS,
    USER_REPORTS,
)
from app.model.words import AnswerStatus, ResponseKind
from app.road.apply import decide_all
from app.road.heartbeats import expectations
from app.road.in_force import announcement
from app.road.replay import Table
from app.settings import OutputFormat, Settings
from app.simulate.brokers import EPOCH
from app.simulate.estate import ALERTS as NAMES
from app.simulate.estate import SERVICES, libraries
from app.stream.understanding import new_understand, new_wire

MOMENTS = (
    "0001-01-01T00:00:00Z", "0001-01-02T00:00:00Z", "1970-01-01T00:00:00Z", "2025-12-31T23:00:00+23:59",
    "2026-01-01T00:00:30.123456Z", "9998-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z",
)  # fmt: skip
TEXTS = (
    "", "x", "x" * 300, "z" * 1024, "ünï\u2028\u0000\u0007", "${{ trigger.labels.pod }}", "a\nb: c", "<!channel>", "%s {0} \\",
    "/", "http://[", "//[x]y", "user:alice", "user:bob", "team:ops", "policy:ops", "channel:#ops", "schedule:x", "nobody",
)  # fmt: skip
NUMBERS = (0, 1, -1, 5, 60, 3600, 10**12, 2**63 - 1, -(2**63))
VALUES = (
    None,
    True,
    *NUMBERS,
    1.5,
    1e308,
    "",
    "s",
    "x" * 3000,
    [],
    [1, "a", None],
    {},
    {"a": 1, "b": None},
)
SAID = (
    "ack", "ack all mine", "resolve", "snooze 5m", "snooze 99999999d", "who", "assign @bob", "note x", "run crash", "merge",
    "approve", "reject", "skip look", "retry look", "report succeeded", "split", "wrong", "help",
)  # fmt: skip
DOMAINS = (
    "control",
    "library",
    "heartbeat:watchdog",
    "heartbeat:none",
    "heartbeat:",
    "x",
    "a/b/c",
    " control ",
)
_AT_ONCE = 60
"""How many times at most timers fire while time passes."""


class World:
    """One service, and all who write to it."""

    def __init__(self, seed):
        self.random = Random(f"hostile/{seed}")
        order = ["search-alone", "all-back"]
        order.insert(self.random.randrange(3), "newer")
        self.libraries, self.version = libraries(tuple(order)), 0
        self.table, self.wire = Table(), new_wire(Settings(output_format=OutputFormat.JSON))
        self.understand = new_understand()
        self.at, self.offsets = EPOCH, Counter()
        self.known = defaultdict(lambda: [("", "")])
        """Field of an output to the newest of its values, each with its domain."""
        self.under_way, self.failures, self.stayed = [], [], Counter()

    async def get(self, library_hash):
        return next(each for each in self.libraries if each.hash == library_hash)

    def current(self):
        return self.libraries[self.version]

    async def play(self, steps):
        """Let so much happen, and then let days pass."""
        await self._publish()
        for _ in range(steps):
            await self.random.choices(*zip(*self._happenings(), strict=True))[0]()
        for _ in range(6):
            await self._pass(2 * 24 * 3600)

    def _happenings(self):
        return (
            (self._alerts, 30), (self._event, 10), (self._report, 5), (self._result, 15), (self._response, 25),
            (self._silence, 4), (self._order, 2), (self._publish, 1), (self._time, 8),
        )  # fmt: skip

    async def _send(self, topic, value):
        data = value if isinstance(value, bytes) else json.dumps(value).encode()
        message = Message(topic, 0, self.offsets[topic], b"k", data, self.at)
        self.offsets[topic] += 1
        for batch in self.understand([message], self.current(), None).batches:
            await self._signal(batch)

    async def _signal(self, batch):
        offset, self.offsets[SIGNALS] = self.offsets[SIGNALS], self.offsets[SIGNALS] + 1
        message = Message(SIGNALS, 0, offset, batch.domain.encode(), self.wire.encode(batch), self.at)
        work = await decide_all([message], self.table, self, self.wire)
        self.table.put(work.dumps)
        for outgoing in work.outputs:
            read = json.loads(outgoing.value)
            if outgoing.topic == NOTICES:
                after = timedelta(seconds=self.random.choice((0, 0, 1, 70)))
                self.under_way.append((self.at + after, outgoing.value))
            if read.get("topic") == SIGNALS:
                self.failures.append(f"{read['reason']}: {read['detail']}: {batch.model_dump_json()[:500]}")
            for name in ("id", "object_id", "incident_id", "execution_id", "step"):
                if read.get(name):
                    self.known[name] = [*self.known[name][-60:], (read[name], read.get("domain", ""))]

    async def _publish(self):
        """The next library comes into force, if there is one."""
        self.version = min(self.version + bool(self.offsets), len(self.libraries) - 1)
        library = self.current()
        for batch in (*expectations(library, None), announcement(library, self.version + 1, None)):
            await self._signal(batch)

    async def _time(self):
        await self._pass(self.random.choice((1, 5, 20, 60, 200, 1000)))

    async def _pass(self, seconds):
        """Let time pass: notices arrive, and timers fire."""
        end = self.at + timedelta(seconds=seconds)
        for _ in range(_AT_ONCE):
            await self._deliver()
            await self._fire()
            due = [each.due for record in self._records() if (each := records.next_due(record)) is not None]
            following = min([*due, *(at for at, _ in self.under_way), end])
            self.at = min(max(following, self.at), end)
            if self.at == end:
                break
        self.at = end
        await self._deliver()
        await self._fire()

    def _records(self):
        return [self.wire.recent.load(domain, data) for domain, data in self.table.records.items()]

    async def _deliver(self):
        arrives = [each for each in self.under_way if each[0] <= self.at]
        self.under_way = [each for each in self.under_way if each[0] > self.at]
        for _, value in arrives:
            await self._send(NOTICES, value)

    async def _fire(self):
        for record in self._records():
            due = [each for each in record.timers.values() if each.due <= self.at]
            fired = [TimerFired(id=each.id, due=each.due, kind=each.kind) for each in due]
            signals = [
                Signal(
                    identity=timer_identity(each), source=Source(topic="timers"), body=TimerSignal(timer=each)
                )
                for each in fired
            ]
            if signals:
                self.stayed.update((record.domain, each.id, each.due) for each in due)
                await self._signal(
                    SignalBatch(domain=record.domain, library=self.current().hash, signals=signals)
                )

    def _moment(self, odd=0.3):
        if self.random.random() < odd:
            return self.random.choice(MOMENTS)
        return (self.at - timedelta(seconds=self.random.choice((0, 0, 1, 5, 60, -3)))).isoformat()

    def _text(self):
        return self.random.choice(TEXTS)

    def _domain(self):
        return self.random.choice((*self.table.records, *DOMAINS))

    def _named(self, name):
        known = self.random.choice(self.known[name])
        return known if self.random.random() < 0.9 else (self._text(), self._domain())

    async def _alerts(self):
        await self._send(ALERTS, [self._alert() for _ in range(self.random.choice((1, 1, 3, 12)))])

    def _alert(self):
        random = self.random
        labels = {
            "alertname": random.choice((*NAMES, "Watchdog", "Strange")),
            "service": random.choice((*SERVICES, "nowhere")),
            "severity": random.choice(("critical", "error", "warning", "info", "none", "odd")),
            "pod": f"p-{random.randrange(5)}",
        }
        if random.random() < 0.3:
            name = random.choice(("instance", "node", "environment", "team", "", "x" * 200, "pod", "cluster"))
            labels[name] = self._text()
        alert = {
            "labels": labels,
            "status": random.choice(("firing", "firing", "resolved")),
            "annotations": {"summary": self._text(), "runbook_url": self._text()},
            "generatorURL": self._text(),
            "fingerprint": random.choice(("", "", "", self._text()[:256])),
        }
        if random.random() < 0.9:
            alert["startsAt"] = self._moment()
        if random.random() < 0.5:
            alert["endsAt"] = self._moment()
        return alert

    async def _event(self):
        random = self.random
        event = {
            "id": random.choice(("", f"e{random.randrange(99)}")),
            "type": random.choice(("deploy", "failover", "failover.ended", "odd")),
            "service": random.choice((*SERVICES, "", "nowhere")),
            "source": self._text(),
            "subject": self._text(),
            "summary": self._text(),
            "time": random.choice((None, self._moment())),
            "data": {"k": random.choice(VALUES)},
        }
        await self._send(SYSTEM_EVENTS, event)

    async def _report(self):
        report = {
            "id": self.random.choice(("", f"r{self.random.randrange(50)}")),
            "text": self._text() or "it is slow",
            "service": self.random.choice((*SERVICES, "", "nowhere")),
            "severity": self.random.choice(("critical", "none", "info")),
            "environment": self.random.choice(("", "", self._text())),
        }
        await self._send(USER_REPORTS, report)

    def _answer(self, object_id, domain):
        random = self.random
        who = random.choice(({"provider": "pager", "id": "alice"}, {"provider": "pager", "id": "bob"}, {}))
        return {
            "id": random.choice(("", f"a{random.randrange(10**9)}")),
            "object_id": object_id,
            "command_id": self._named("id")[0] if random.random() < 0.3 else "",
            "domain": domain if domain and random.random() < 0.95 else self._domain(),
            "status": random.choice([each.value for each in AnswerStatus]),
            "retryable": random.random() < 0.5,
            "external_key": self._text(),
            "external_url": self._text(),
            "actor": who,
            "output": {
                random.choice(("n", "done", "x")): random.choice(VALUES) for _ in range(random.randrange(3))
            },
            "reason": self._text(),
            "occurred_at": random.choice((None, self._moment())),
        }

    async def _result(self):
        await self._send(STEP_RESULTS, self._answer(*self._named("object_id")))

    async def _response(self):
        random = self.random
        incident_id, domain = self._named("incident_id")
        response = {
            **self._answer(*random.choice((self._named("object_id"), ("", domain)))),
            "incident_id": incident_id if random.random() < 0.8 else "",
            "response": random.choice((None, *(each.value for each in ResponseKind))),
            "text": random.choice((self._text(), *SAID)),
            "seconds": random.choice(NUMBERS),
            "target": self._text(),
            "execution_id": self._named("execution_id")[0] if random.random() < 0.4 else "",
            "step": self._named("step")[0] if random.random() < 0.4 else "",
            "runbook_id": random.choice(("", "crash", "full", "grow", "nowhere")),
            "into_id": self._named("incident_id")[0] if random.random() < 0.3 else "",
            "conversation": self._text(),
            "state": random.choice(("", "Done", "In Progress", self._text())),
        }
        await self._send(RESPONSES, response)

    async def _silence(self):
        matcher = self.random.choice(('service="cart"', 'pod=~"p-.*"', 'alertname=~"(a|b)*c"', 'x!="y"'))
        soon = (self.at + timedelta(seconds=self.random.choice((5, 100, 3600)))).isoformat()
        wish = {
            "id": self.random.choice(("", "s1", "s2", self._text()[:190])),
            "matchers": self.random.choice(([], [matcher])),
            "startsAt": self.random.choice((None, self._moment())),
            "endsAt": self.random.choice((soon, soon, self._moment())),
        }
        await self._wish(self.random.choice(("silence", "silence", "unsilence")), silence=wish)

    async def _order(self):
        page = self.random.choice(("", "crash", "nowhere"))
        wish = self.random.choice(("pause", "resume", "resume", "page_test", "run"))
        await self._wish(wish, runbook_id=page, target=self._text(), seconds=self.random.choice(NUMBERS))

    async def _wish(self, wish, **more):
        name = f"q{self.random.randrange(10**9)}"
        order = {
            "id": name,
            "domain": "control",
            "response": wish,
            "actor": {"id": "carol"},
            "text": self._text(),
        }
        await self._send(RESPONSES, {**order, **more})
