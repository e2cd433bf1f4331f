"""What is to become of no incident: messages nobody understands, and an alert that always fires."""

from __future__ import annotations

from app.demo.scenario.alerts import alert
from app.demo.story import Fault, Noise

NOISE = (
    Noise(at=6.0, topic="alerts", value=b'{"labels": {"alertname": "HalfAMess', tells="JSON that breaks off"),
    Noise(
        at=12.0,
        topic="alerts",
        value=b'{"labels": {}, "status": "firing"}',
        tells="an alert without a label",
    ),
    Noise(
        at=17.0,
        topic="alerts",
        value=b"\xc3\x01\xde\xad\xbe\xef\x00\x00\x00\x00?",
        tells="Avro of a schema nobody knows",
    ),
    Noise(
        at=21.0,
        topic="system-events",
        value=b"deploy cart now!!",
        tells="a line of chat on the wrong topic",
    ),
    Noise(
        at=26.0,
        topic="step-results",
        value=b'{"command_id": "4711", "domain": "production/cart", "status": "succeeded"}',
        tells="an answer to a command nobody gave",
    ),
)

QUIET = (
    Fault(
        at=1.5,
        alerts=(alert("Watchdog", "none"),),
        summary="Always fires, to show that alerting works",
        cure="time",
        after=30.0,
    ),
)
