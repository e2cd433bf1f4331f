"""Pages: those that today's pager sent, and those that we would have sent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from app.model.commands import EscalationCommand

SILENCE = ("step_timed_out", "step_unknown")
"""Reasons of pages that come of a step which nobody answered: in shadow nobody carries steps out."""


@dataclass(frozen=True)
class PagerPage:
    """A page that today's pager sent. Times are aware."""

    id: str
    at: datetime
    title: str = ""
    service: str = ""
    """The service as the pager calls it."""
    to: tuple[str, ...] = ()
    """Whom, as the pager calls them."""
    acknowledged_at: datetime | None = None
    resolved_at: datetime | None = None


@dataclass(frozen=True)
class OurPage:
    """A page that we would have sent, to all its targets."""

    incident_id: str
    at: datetime
    targets: tuple[str, ...]
    """`user:alice`, `schedule:platform`, `channel:#ops`."""
    people: tuple[str, ...]
    """The people of the library among them."""
    reason: str

    @property
    def is_of_silence(self) -> bool:
        """Whether it comes of shadow itself: live, somebody would have answered the step."""
        return self.reason in SILENCE


def our_pages(commands: Iterable[EscalationCommand]) -> dict[str, list[OurPage]]:
    """Give the pages by incident, oldest first. What goes to several targets at one moment is one page; repeats are one."""
    together: dict[tuple[datetime, str], dict[str, EscalationCommand]] = {}
    for command in commands:
        if command.op == "notify":
            together.setdefault((command.issued_at, command.incident_id), {})[command.target] = command
    found: dict[str, list[OurPage]] = {}
    for (at, incident_id), by_target in sorted(together.items()):
        people = tuple(each.person_id for each in by_target.values() if each.person_id)
        reason = next(iter(by_target.values())).reason
        found.setdefault(incident_id, []).append(OurPage(incident_id, at, tuple(by_target), people, reason))
    return found
