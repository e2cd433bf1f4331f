"""The storm: alerts of one cause at a steady rate, each with a fingerprint of its own, spread over the input's partitions."""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime

from confluent_kafka import Producer

from app.model.topics import ALERTS
from app.stream.topics import full_name

_TICK_S = 0.02
_NOTES = {
    "summary": "Pod is crash looping",
    "description": "Pod shop/cart (cart) is in waiting state (reason: CrashLoopBackOff). " * 3,
    "runbook_url": "https://runbooks.example.com/KubePodCrashLooping",
}


def labels_of(number):
    """The labels of one of its alerts."""
    return {
        "alertname": "KubePodCrashLooping",
        "cluster": "eu-west-1-production",
        "service": "cart",
        "namespace": "shop",
        "job": "kube-state-metrics",
        "instance": "10.42.117.20:8080",
        "severity": "critical",
        "prometheus": "monitoring/k8s",
        "pod": f"cart-{number:06d}",
    }


class Storm:
    """So many alerts in so many seconds, sent by a thread while the context is open."""

    def __init__(self, settings, alerts, seconds):
        self._topic, self._alerts, self._rate = full_name(settings, ALERTS), alerts, alerts / seconds
        self._producer = Producer(
            {
                "bootstrap.servers": settings.bootstrap_servers,
                "linger.ms": 5,
                "partitioner": "murmur2_random",
                "log_level": 0,
            }
        )
        self._stop = threading.Event()
        self.acked = 0
        """Alerts that the broker has."""
        self.lasted = 0.0
        """How long it took to send them, in seconds."""
        self.ended = 0.0
        """When the last was sent, on the clock `monotonic`."""

    @contextmanager
    def blowing(self):
        """Blow while the block runs, and to the end after it; on an error in the block, end at once."""
        thread = threading.Thread(target=self._blow)
        thread.start()
        try:
            yield self
        except BaseException:
            self._stop.set()
            raise
        finally:
            thread.join()

    def _blow(self):
        begun, sent = time.monotonic(), 0
        while sent < self._alerts and not self._stop.wait(_TICK_S):
            due = min(self._alerts, int((time.monotonic() - begun) * self._rate))
            for number in range(sent, due):
                self._send(number)
            sent = due
            self._producer.poll(0)
        self._producer.flush(60)
        self.ended = time.monotonic()
        self.lasted = self.ended - begun

    def _send(self, number):
        now = datetime.fromtimestamp(time.time(), UTC).isoformat()
        alert = {"labels": labels_of(number), "annotations": _NOTES, "status": "firing", "startsAt": now}
        value, key = json.dumps(alert).encode(), f"{number:016x}".encode()
        self._producer.produce(self._topic, value, key, on_delivery=self._count)

    def _count(self, error, _message):
        self.acked += error is None
