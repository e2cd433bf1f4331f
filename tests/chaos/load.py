"""Those outside the service: sources of alerts, events and reports, an executor, and a pager with the people who answer it.

Stock confluent-kafka clients, each in a thread. What they send has its broker's ack, or is not counted.
"""

from __future__ import annotations

import json
import threading
import time
from collections import Counter, deque
from contextlib import contextmanager
from datetime import UTC, datetime
from random import Random

from confluent_kafka import Consumer, Producer

from app.simulate.estate import ALERTS as ALERT_NAMES
from app.simulate.estate import SERVICES

_TICK_S = 0.1
_OTHERS = 40
_NONSENSE = (b"{", b"\xc3\x01broken", b'{"labels": {}}', b"null")


def _now(ago=0.0):
    return datetime.fromtimestamp(time.time() - ago, UTC).isoformat()


class Load:
    """A steady load, for as long as the context is open; the sources can be told earlier that it is enough."""

    def __init__(self, servers, prefix, rate, seed):
        self._servers, self._prefix, self._rate = servers, prefix, rate
        self._random = Random(f"load/{seed}")
        self._stop, self._enough = threading.Event(), threading.Event()
        self.sent = Counter()
        """Inputs that the broker has acknowledged, by topic; each alert of a list is one."""
        self.refused = 0
        """Inputs that it has not: nobody promises anything for them."""
        self._firing = deque()
        self._services = (*SERVICES, *(f"other-{number}" for number in range(_OTHERS)))
        self._producer = Producer(
            {
                "bootstrap.servers": servers,
                "enable.idempotence": True,
                "linger.ms": 20,
                "message.timeout.ms": 300_000,
                "partitioner": "murmur2_random",
                "log_level": 0,
            }
        )

    @contextmanager
    def running(self):
        """Everybody at work."""
        threads = [
            threading.Thread(target=self._sources),
            threading.Thread(target=self._answering, args=("step-commands", self._execute)),
            threading.Thread(target=self._answering, args=("escalation-commands", self._page)),
        ]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            for thread in threads:
                thread.join()
            self._producer.flush(60)

    @property
    def total(self):
        return sum(self.sent.values())

    def go_on_at(self, rate):
        """Let the sources send so many inputs a second from now on."""
        self._rate = rate

    def enough(self):
        """Let the sources end what still fires and say no more; executor and people go on."""
        self._enough.set()

    def _sources(self):
        looked, due = time.monotonic(), 0.0
        while not self._stop.wait(_TICK_S) and not self._enough.is_set():
            now = time.monotonic()
            due += (now - looked) * self._rate
            looked = now
            while due > 0:
                due -= self._one()
            self._producer.poll(0)
        self._send("alerts", [self._ended(alert) for _, alert in self._firing], "all")
        while not self._stop.wait(_TICK_S):
            self._producer.poll(0)

    def _one(self):
        """Send something; give how many inputs it was."""
        random, chance = self._random, self._random.random()
        service = random.choice(self._services)
        if chance < 0.03:
            event = {
                "id": f"e{random.randrange(10**12)}",
                "type": "deploy",
                "service": service,
                "time": _now(),
            }
            return self._twice_at_times("system-events", event, service)
        if chance < 0.05:
            report = {"id": f"r{random.randrange(10**12)}", "text": "it is slow", "service": service}
            return self._twice_at_times("user-reports", report, service)
        if chance < 0.06:
            return self._produce("alerts", b"nonsense", random.choice(_NONSENSE), 1)
        if self._firing and (chance < 0.5 or self._firing[0][0] < time.monotonic()):
            return self._go_on()
        if chance < 0.55:
            return self._wedged()
        alerts = [self._begun(service) for _ in range(random.choice((1, 1, 1, 4)))]
        for alert in alerts:
            self._firing.append((time.monotonic() + random.choice((2, 8, 20, 45)), alert))
        return self._send("alerts", alerts, service)

    def _wedged(self):
        """Something of its own domain, whose page changes something at once."""
        name = f"job-{self._random.randrange(10**9)}"
        labels = {"alertname": "Wedged", "namespace": name, "pod": name, "service": name, "severity": "error"}
        alert = {"labels": labels, "status": "firing", "startsAt": _now()}
        self._firing.append((time.monotonic() + self._random.choice((4, 12)), alert))
        return self._send("alerts", [alert], name)

    def _go_on(self):
        """Say of an alert that fires that it still does, or that it has ended."""
        until, alert = self._firing.popleft()
        service = alert["labels"]["service"]
        if until < time.monotonic():
            return self._send("alerts", [self._ended(alert)], service)
        self._firing.append((until, alert))
        return self._send("alerts", [alert], service)

    def _begun(self, service):
        random = self._random
        labels = {
            "alertname": random.choice(ALERT_NAMES),
            "service": service,
            "severity": random.choice(("critical", "error", "warning", "info")),
            "pod": f"{service}-{random.randrange(6)}",
        }
        return {"labels": labels, "status": "firing", "startsAt": _now(random.choice((0, 0, 5)))}

    def _ended(self, alert):
        return {**alert, "status": "resolved", "endsAt": _now()}

    def _twice_at_times(self, topic, value, key):
        return sum(self._send(topic, [value], key) for _ in range(self._random.choice((1, 1, 1, 2))))

    def _send(self, topic, values, key):
        if not values:
            return 0
        said = values[0] if len(values) == 1 else values
        return self._produce(topic, key.encode(), json.dumps(said).encode(), len(values))

    def _produce(self, topic, key, value, count):
        def delivered(error, _):
            if error is None:
                self.sent[topic] += count
            else:
                self.refused += count

        self._producer.produce(f"{self._prefix}.{topic}", value, key, on_delivery=delivered)
        return count

    def _answering(self, topic, answer):
        consumer = Consumer(
            {
                "bootstrap.servers": self._servers,
                "group.id": f"{self._prefix}-{topic}",
                "auto.offset.reset": "earliest",
                "log_level": 0,
            }
        )
        consumer.subscribe([f"{self._prefix}.{topic}"])
        handled, later = set(), []
        while not self._stop.is_set():
            message = consumer.poll(_TICK_S)
            if message is not None and message.error() is None:
                command = json.loads(message.value())
                if command["id"] not in handled:
                    handled.add(command["id"])
                    later += answer(command, Random(command["id"]))
            due = [each for each in later if each[0] <= time.monotonic()]
            later = [each for each in later if each[0] > time.monotonic()]
            for _, said, value in due:
                self._send(said, [value], value["domain"])
        consumer.close()

    def _execute(self, command, random):
        if command["op"] != "run" or random.random() < 0.1:  # lost
            return []
        status = random.choice(("succeeded", "succeeded", "succeeded", "failed"))
        result = {**_answer_to(command, status), "output": {"seen": True}}
        at = time.monotonic() + random.choice((0, 0.3, 1, 4, 12))
        return [(at + again, "step-results", result) for again in random.choice(((0,), (0,), (0, 2)))]

    def _page(self, command, random):
        if command["op"] != "notify" or random.random() < 0.05:  # the pager is down
            return []
        now = time.monotonic()
        said = [(now + random.choice((0, 0.3, 1)), "responses", _answer_to(command, "succeeded"))]
        if random.random() < 0.7:  # else the person sleeps
            said.append((now + random.choice((1, 3, 10)), "responses", _acknowledgement(command, random)))
        return said


def _acknowledgement(command, random):
    return {
        "id": f"ack-{command['id']}",
        "response": random.choice(("acknowledge", "acknowledge", "resolve")),
        "incident_id": command["incident_id"],
        "domain": command["domain"],
        "actor": {"provider": "pager", "id": command["person_id"]},
    }


def _answer_to(command, status):
    return {
        "id": f"answer-{command['id']}",
        "command_id": command["id"],
        "object_id": command["object_id"],
        "domain": command["domain"],
        "status": status,
    }
