"""Which incident a page of the pager is about: by time, service and words. Time alone is never enough."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.core.shadow.pages import PagerPage
from app.model.catalog import Service
from app.model.incident import IncidentSnapshot

SHORT = 4
"""Alert names and titles shorter than this are found in too much."""
SHORT_TITLE = 8
"""A pager's title shorter than this says too little to be looked for in ours."""
WORDS = 3
"""So many different words make a title that can be compared word by word."""
SHARE = 2 / 3
"""So many of the words of the shorter title must be in the longer one."""
_NO_WORD = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Match:
    """An incident that a page is about, and why: `service_and_title`, `title` or `service`."""

    incident_id: str
    why: str


@dataclass(frozen=True)
class Candidate:
    """What is looked at of an incident."""

    incident_id: str
    start: datetime
    end: datetime
    moments: tuple[datetime, ...]
    """When it was opened, and when we would have paged."""
    services: frozenset[str]
    phrases: tuple[str, ...]
    words: frozenset[str]
    """Values of its labels, which tell it from others of the same name."""


class Matcher:
    """Finds incidents for pages."""

    def __init__(
        self, candidates: Sequence[Candidate], services: Mapping[str, Service], near: timedelta
    ) -> None:
        """Take `near`: how long before an incident or after its end a page may still be about it."""
        self._candidates, self._near = candidates, near
        self._services = {
            plain(name): service.id for service in services.values() for name in (service.id, service.title)
        }
        self._services.pop("", None)

    def find(self, page: PagerPage) -> Match | None:
        """Give the incident that fits best: by service and title, else title, else service; then label values, then time."""
        title = plain(page.title)
        named = self._named(page.service, title)
        found = [
            (strength, len(_words(title) & each.words), -_distance(each, page.at), each.incident_id)
            for each in self._candidates
            if each.start - self._near <= page.at <= each.end + self._near
            and (strength := self._strength(each, page.at, title, named))
        ]
        if not found:
            return None
        strength, _, _, incident_id = max(found)
        return Match(incident_id, {3: "service_and_title", 2: "title", 1: "service"}[strength])

    def _strength(self, each: Candidate, at: datetime, title: str, named: frozenset[str]) -> int:
        in_service = bool(named & each.services)
        if named and each.services and not in_service:
            return 0
        if any(_says_the_same(title, phrase) for phrase in each.phrases):
            return 3 if in_service else 2
        # Of one service there may be several incidents: without a word in common, the time must fit closely.
        return int(in_service and _distance(each, at) <= self._near.total_seconds())

    def _named(self, service: str, title: str) -> frozenset[str]:
        """Give the services that a page names: in its field, else in its title; none where it names none that is known."""
        known = self._services.get(plain(service))
        if known is not None:
            return frozenset({known})
        return frozenset(id_ for name, id_ in self._services.items() if _holds(title, name))


def candidate(incident: IncidentSnapshot, paged_at: Iterable[datetime], until: datetime) -> Candidate:
    """Give what is looked at of an incident; one that is open lasts `until`."""
    alerts = incident.alerts
    phrases = {incident.title, *(alert.name for alert in alerts)}
    phrases |= {alert.annotations.get("summary", "") for alert in alerts}
    values = (value for alert in alerts for value in alert.labels.values())
    moments = (incident.opened_at, *paged_at)
    return Candidate(
        incident_id=incident.id,
        start=incident.opened_at,
        end=max(incident.resolved_at or until, *moments),
        moments=moments,
        services=frozenset({incident.service, *(alert.service for alert in alerts)} - {""}),
        phrases=tuple(sorted(text for text in map(plain, phrases) if len(text) >= SHORT)),
        words=frozenset(word for value in values for word in _words(plain(value))),
    )


def plain(text: str) -> str:
    """Give the words of a text in small letters, with single blanks between."""
    return _NO_WORD.sub(" ", text.casefold()).strip()


def _says_the_same(title: str, phrase: str) -> bool:
    if _holds(title, phrase) or (len(title) >= SHORT_TITLE and _holds(phrase, title)):
        return True
    shorter, longer = sorted((_words(title), _words(phrase)), key=len)
    return len(shorter) >= WORDS and len(shorter & longer) >= SHARE * len(shorter)


def _holds(text: str, part: str) -> bool:
    return f" {part} " in f" {text} "


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _distance(each: Candidate, at: datetime) -> float:
    return min(abs((at - moment).total_seconds()) for moment in each.moments)
