"""The post-incident review, whole, in Markdown: its parts in order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from app.core.reviews import facts
from app.model.incident import Incident, TimelineEntry
from app.model.runbook import FollowUp

OUTWARD = ("ReferenceReceived", "CommandFailed", "ResponseRefused")
"""Lines of the timeline that tell of connectors and refusals: no facts of the incident, and no reason to write anew."""


def review(incident: Incident, tasks: Sequence[FollowUp], zone: tzinfo | None) -> str:
    """Write the review; `tasks` are left to be done, `zone` is where the team works (None: UTC alone)."""
    parts = (
        ("Summary", facts.summary(incident)),
        ("Impact", facts.impact(incident)),
        ("Detection", facts.detection(incident)),
        ("Figures", facts.figures(incident)),
        ("What was tried", facts.tried(incident)),
        ("Suspected cause", facts.cause(incident)),
        ("What went well", facts.went_well(incident)),
        ("What did not go well", facts.went_badly(incident)),
        ("Timeline", _timeline(incident, zone)),
        ("Follow-up", "\n".join(facts.follow_up(task, incident) for task in tasks) or "Nothing noted."),
    )
    sections = [f"## {name}\n\n{words}" for name, words in parts]
    return "\n\n".join([f"# {facts.plain(incident.title)}", *sections]) + "\n"


def _timeline(incident: Incident, zone: tzinfo | None) -> str:
    shown = [entry for entry in incident.timeline if entry.type not in OUTWARD]
    zones = ("UTC", str(zone)) if zone is not None else ("UTC",)
    head = [f"| {' | '.join(zones)} | what | who |", "|" + "---|" * (len(zones) + 2)]
    rows = [_row(entry, zone) for entry in shown]
    left_out = incident.timeline[0].seq - 1 if incident.timeline else 0
    more = [f"\nThe first {left_out} events are on incident-events alone."] if left_out else []
    return "\n".join([*head, *rows, *more])


def _row(entry: TimelineEntry, zone: tzinfo | None) -> str:
    times = [entry.at, *([entry.at.astimezone(zone)] if zone is not None else [])]
    what = f"{entry.type} ({entry.reason}) {facts.plain(entry.text)}".rstrip()
    who = facts.plain(entry.actor.id) if entry.actor is not None else ""
    return f"| {' | '.join(f'{time:%Y-%m-%d %H:%M:%S}' for time in times)} | {what} | {who} |"
