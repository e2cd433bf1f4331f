"""Escalations: pages to the targets of one level, in all their ways, and what came of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from app.core.measured.spans import Window
from app.model.escalation import Escalation
from app.model.incident import IncidentSnapshot
from app.model.words import Mode

Outcome = Literal["answered", "missed", "ended_first", "open"]


@dataclass(frozen=True, order=True)
class Level:
    """Where an escalation belongs."""

    policy: str
    level: int
    team: str


@dataclass(frozen=True)
class Escalated:
    """One escalation."""

    of: Level
    pages: tuple[Escalation, ...]
    outcome: Outcome
    """`ended_first`: the need for it ended before its ack timeout did; `open`: that timeout is not over yet."""
    taken: timedelta | None = None
    """How long it took until a person of the level acknowledged, also after the ack timeout; None: none did."""


def escalations(incidents: Iterable[IncidentSnapshot], window: Window) -> list[Escalated]:
    """Give the escalations made within the window, but for those in shadow, where nobody is really paged."""
    live = (
        page
        for each in incidents
        if each.mode is not Mode.SHADOW
        for page in each.escalations
        if window.holds(page.notified_at)
    )
    return [
        _judged(Level(pages[0].policy, pages[0].level, pages[0].team), pages, window.end)
        for pages in _together(live)
    ]


def _together(pages: Iterable[Escalation]) -> list[tuple[Escalation, ...]]:
    """Put those together that must be acknowledged by the same moment: of several targets of a level, and of the ways to one person."""
    found: dict[tuple[object, ...], list[Escalation]] = {}
    for page in pages:
        key = (page.incident_id, page.policy, page.level, page.team, page.ack_by)
        found.setdefault(key, []).append(page)
    return [tuple(each) for each in found.values()]


def _judged(of: Level, pages: tuple[Escalation, ...], now: datetime) -> Escalated:
    people = {page.person_id for page in pages}
    answers = [
        page.acknowledged_at
        for page in pages
        if page.acknowledged_at is not None and _is_of_the_level(page.acknowledged_person, people)
    ]
    began, ack_by = pages[0].notified_at, pages[0].ack_by
    first = min(answers, default=None)
    taken = first - began if first is not None and began is not None else None
    if first is not None and (ack_by is None or first <= ack_by):
        return Escalated(of, pages, "answered", taken)
    if any(page.acknowledged_at is not None for page in pages):
        return Escalated(of, pages, "missed", taken)
    if _ended_first(pages, ack_by):
        return Escalated(of, pages, "ended_first")
    return Escalated(of, pages, "open" if ack_by is None or ack_by > now else "missed")


def _is_of_the_level(person: str, people: set[str]) -> bool:
    """Whether it is a person whom the level pages; where a target is no person, such as a channel, any person of the catalog may be."""
    return bool(person) and (person in people or "" in people)


def _ended_first(pages: Iterable[Escalation], ack_by: datetime | None) -> bool:
    return all(
        page.stopped_at is not None and (ack_by is None or page.stopped_at <= ack_by) for page in pages
    )
