"""What a request asks for, read from its query; what cannot be read is named."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from app.core.slo import DEFAULT_WINDOW
from app.model.incident import IncidentSnapshot
from app.model.words import IncidentStatus, Severity
from app.web.problems import Ambiguous, BadRequest, NotFound
from app.web.read_model import Incidents

DEFAULT_LIMIT = 100
MAX_LIMIT = 1000
MIN_PREFIX = 4
"""The fewest characters by which an incident may be called."""
_SHOWN_CANDIDATES = 5

_LIMIT = re.compile(r"[0-9]{1,9}")
_WINDOW = re.compile(r"([1-9][0-9]{0,3})([mhd])")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
OPEN = "open"
"""The word for triggered, acknowledged and mitigated together."""
OPEN_STATUSES = frozenset({IncidentStatus.TRIGGERED, IncidentStatus.ACKNOWLEDGED, IncidentStatus.MITIGATED})


@dataclass(frozen=True)
class Filter:
    """Which incidents are asked for; an empty one asks for all."""

    statuses: frozenset[str] = frozenset()
    severities: frozenset[str] = frozenset()
    services: frozenset[str] = frozenset()
    teams: frozenset[str] = frozenset()
    limit: int = DEFAULT_LIMIT

    def choose(self, incidents: Iterable[IncidentSnapshot]) -> list[IncidentSnapshot]:
        """Give those asked for, in their order; the limit is not applied."""
        return [incident for incident in incidents if self._wants(incident)]

    def _wants(self, incident: IncidentSnapshot) -> bool:
        return (
            (not self.statuses or incident.status.value in self.statuses)
            and (not self.severities or incident.severity.value in self.severities)
            and (not self.services or incident.service in self.services)
            and (not self.teams or incident.team in self.teams)
        )


def parse_filter(query: Mapping[str, str]) -> Filter:
    """Read `status`, `severity`, `service`, `team` (each one value or several with commas) and `limit`.

    Raises:
        BadRequest: a parameter is unknown or a value is none of those there are; `field` names it.

    """
    refuse_unknown(query, ("status", "severity", "service", "team", "limit"))
    asked = _several(query, "status")
    statuses = (asked - {OPEN}) | {status.value for status in OPEN_STATUSES if OPEN in asked}
    _check_words("status", asked, [OPEN, *words_of(IncidentStatus)])
    _check_words("severity", _several(query, "severity"), words_of(Severity))
    return Filter(
        statuses=frozenset(statuses),
        severities=_several(query, "severity"),
        services=_several(query, "service"),
        teams=_several(query, "team"),
        limit=parse_limit(query),
    )


def parse_limit(query: Mapping[str, str]) -> int:
    """Read `limit`.

    Raises:
        BadRequest: it is not a whole number from 1 to 1000.

    """
    text = query.get("limit", str(DEFAULT_LIMIT))
    if _LIMIT.fullmatch(text) and 1 <= int(text) <= MAX_LIMIT:
        return int(text)
    raise BadRequest(f"limit is a whole number from 1 to {MAX_LIMIT}, not {text!r}.", field="limit")


def parse_window(query: Mapping[str, str]) -> timedelta:
    """Read `window`: a whole number of minutes, hours or days such as `90m`, `24h` or `30d`.

    Raises:
        BadRequest: it is something else.

    """
    refuse_unknown(query, ("window",))
    text = query.get("window")
    if text is None:
        return DEFAULT_WINDOW
    found = _WINDOW.fullmatch(text)
    if not found:
        raise BadRequest(f"window is a length of time such as 24h or 30d, not {text!r}.", field="window")
    return int(found[1]) * _UNITS[found[2]]


def find_incident(incidents: Incidents, called: str) -> IncidentSnapshot:
    """Give the incident by its id or by enough of its beginning.

    Raises:
        NotFound, Ambiguous, BadRequest: none bears it, several do, or it is too short to tell.

    """
    name = called.lower()
    whole = incidents.get(name)
    if whole is not None:
        return whole
    if len(name) < MIN_PREFIX:
        raise BadRequest(f"Give at least {MIN_PREFIX} characters of the incident's id.", field="id")
    ids = incidents.ids(name)
    if len(ids) > 1:
        raise Ambiguous(
            f"{len(ids)} incidents begin with {called!r}; give more of the id.",
            candidates=sorted(ids)[:_SHOWN_CANDIDATES],
        )
    found = incidents.get(ids[0]) if ids else None
    if found is None:
        raise NotFound(f"There is no incident {called!r}; one long closed may have left this view.")
    return found


def refuse_unknown(query: Mapping[str, str], known: Iterable[str]) -> None:
    """Refuse a parameter that does not exist, is there twice or is empty: a mistyped filter must not show something else.

    Raises:
        BadRequest: there is one; `field` names it.

    """
    seen: set[str] = set()
    for name, value in query.items():
        if name not in known:
            raise BadRequest(f"There is no parameter {name!r}; there are {', '.join(known)}.", field=name)
        if name in seen:
            raise BadRequest(f"{name} is said twice; give several values with commas.", field=name)
        if not value.strip():
            raise BadRequest(f"{name} says nothing; give it a value, or leave it out.", field=name)
        seen.add(name)


def words_of(words: type[StrEnum]) -> list[str]:
    """The words of a closed list."""
    return [word.value for word in words]


def _several(query: Mapping[str, str], name: str) -> frozenset[str]:
    return frozenset(part.strip() for part in query.get(name, "").split(",") if part.strip())


def _check_words(name: str, given: Iterable[str], known: list[str]) -> None:
    for word in given:
        if word not in known:
            raise BadRequest(f"{name} is one of {', '.join(known)}, not {word!r}.", field=name)
