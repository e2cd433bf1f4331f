"""What must hold of incidents' lives: their events have no gaps, their snapshots rise, and their status goes the ways there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from pydantic_core import from_json

from app.model.messages import Message

AFTER = {
    "triggered": {"triggered", "acknowledged", "mitigated", "resolved", "closed", "merged"},
    "acknowledged": {"acknowledged", "mitigated", "resolved", "closed", "merged"},
    "mitigated": {"mitigated", "resolved", "closed", "merged"},
    "resolved": {"resolved", "closed"},
    "closed": {"closed"},
    "merged": {"merged"},
}
"""Which statuses of an incident's snapshots may follow which; one that was reopened since may have any but `closed`'s.

From mitigated it goes back where the mitigation was taken back, and the snapshot says so; from acknowledged where that counts no more.
"""
NOBODYS_AGAIN = ("ack_stale", "snooze_over", "assigned", "by_person", "severity_raised")
"""Why an incident that was acknowledged is triggered again."""


def illegal_lives(events: Iterable[Message], snapshots: Iterable[Message]) -> Iterator[tuple[str, str]]:
    """Give each law that does not hold of these, and where."""
    yield from _events(events)
    yield from _snapshots(snapshots)


def _events(events: Iterable[Message]) -> Iterator[tuple[str, str]]:
    numbers: dict[str, list[int]] = defaultdict(list)
    newest: dict[tuple[str, int], int] = {}
    for message in events:
        event = from_json(message.value or b"{}")
        # One that moved to another domain goes on in another partition.
        name = (event["incident_id"], message.partition)
        if event["seq"] <= newest.get(name, 0):
            yield "events are out of order", f"{event['incident_id']}: {event['seq']}"
        newest[name] = event["seq"]
        numbers[event["incident_id"]].append(event["seq"])
    for incident_id, found in numbers.items():
        if sorted(found) != list(range(1, len(found) + 1)):
            yield "events have a gap", f"{incident_id}: {sorted(found)}"


def _snapshots(snapshots: Iterable[Message]) -> Iterator[tuple[str, str]]:
    newest: dict[str, tuple[int, str, int]] = {}
    for message in snapshots:
        snapshot = from_json(message.value or b"{}")
        version, status, reopened = newest.get(snapshot["id"], (0, "triggered", 0))
        taken_back = (status, snapshot["reason"]) == ("mitigated", "mitigation_taken_back")
        taken_back |= status == "acknowledged" and snapshot["reason"] in NOBODYS_AGAIN
        goes_on = snapshot["status"] in AFTER["triggered" if taken_back else status]
        comes_back = snapshot["reopened"] > reopened and status not in ("closed", "merged")
        if snapshot["version"] <= version or not (goes_on or comes_back):
            words = f"{snapshot['id']}: {status} ({version}) to {snapshot['status']} ({snapshot['version']})"
            yield "an incident's life is illegal", words
        newest[snapshot["id"]] = (snapshot["version"], snapshot["status"], snapshot["reopened"])
