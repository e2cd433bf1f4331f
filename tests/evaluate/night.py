"""Small scenarios in a few words, for tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from app.core.identity import fingerprint
from app.evaluate.scenario import Episode, Head, Input, Outage, Scenario
from app.library.compile import compile_library

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
MANIFEST = """
mode: auto
rules: {team: ops, escalation: ops}
teams: {ops: {escalation: ops, chat: "#ops", members: [alice]}}
people: {alice: {contact_ref: pager/alice}}
policies: {ops: {levels: [{targets: ["user:alice"]}]}}
services:
  cart: {team: ops, system: shop}
  pay: {team: ops, system: bank}
"""
LIBRARY = compile_library({"estate.yaml": MANIFEST})


def moment(seconds):
    return START + timedelta(seconds=seconds)


def alert(name, service="cart", begins=0.0, ends=None, **labels):
    labels = {"alertname": name, "service": service, "severity": "critical", **labels}
    said = {
        "labels": {label: value for label, value in labels.items() if value},
        "status": "firing" if ends is None else "resolved",
        "startsAt": moment(begins).isoformat(),
        "fingerprint": "",
    }
    said["fingerprint"] = fingerprint(said["labels"])
    return said if ends is None else {**said, "endsAt": moment(ends).isoformat()}


def episode(name, service="cart", begins=0.0, **labels):
    return Episode(alert(name, service, **labels)["fingerprint"], moment(begins))


def told(at, *alerts):
    return Input(at=at, topic="alerts", value=list(alerts))


def deploy(at, id_, service="cart"):
    return Input(at=at, topic="system-events", value={"id": id_, "type": "deploy", "service": service})


def scenario(*inputs, truth=None, outages=()):
    head = Head(name="night", class_="made", start=START, library={"estate.yaml": MANIFEST})
    known = {
        each.id: each for each in (Outage(id=id_, root=root, change=change) for id_, root, change in outages)
    }
    return Scenario(head, inputs, known, truth or {})
