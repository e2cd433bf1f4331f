"""All figures of paging over a window, by policy, level and team; of persons and nights besides."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.core.measured.escalations import Escalated, Level, escalations
from app.core.measured.spans import Window, spread
from app.model.escalation import Escalation
from app.model.incident import IncidentSnapshot
from app.model.words import IncidentStatus, Mode

NONE_OF_THEIR_OWN = (IncidentStatus.MERGED, IncidentStatus.SUPPRESSED)
"""Incidents that go on in others, or never began."""


@dataclass(frozen=True)
class LevelFigures:
    """What came of the escalations of a level. `counted` is those whose answer is known and whose need did not end first."""

    of: Level
    counted: int
    answered: int
    ended_first: int
    pages: int
    undelivered: int
    acknowledge: dict[str, float]
    """How long until a person of the level acknowledged: `median_seconds`, `p90_seconds`; empty: nobody did."""

    @property
    def value(self) -> float | None:
        """The share that was answered in time; None where none counts."""
        return self.answered / self.counted if self.counted else None


@dataclass(frozen=True)
class TeamFigures:
    """How fast a team's incidents were acknowledged and resolved."""

    team: str
    incidents: int
    acknowledged: int
    acknowledge: dict[str, float]
    resolved: int
    resolve: dict[str, float]


@dataclass(frozen=True)
class PersonFigures:
    """How often a person was paged for a level; the person is empty for targets that are none, such as channels."""

    of: Level
    person: str
    pages: int
    at_night: int
    nights: int
    """On how many nights."""


@dataclass(frozen=True)
class NightFigures:
    """How often a level paged in one night, by the date of its evening."""

    of: Level
    night: str
    pages: int
    people: int


@dataclass(frozen=True)
class Figures:
    """All figures."""

    window: Window
    levels: list[LevelFigures]
    teams: list[TeamFigures]
    people: list[PersonFigures]
    nights: list[NightFigures]


def figures(incidents: Sequence[IncidentSnapshot], window: Window) -> Figures:
    """Measure the window from snapshots of incidents, in whatever order; each list is sorted by what its entries are of."""
    found = escalations(incidents, window)
    by_level: dict[Level, list[Escalated]] = defaultdict(list)
    for each in found:
        by_level[each.of].append(each)
    pages = [(each.of, page) for each in found for page in each.pages]
    return Figures(
        window=window,
        levels=[_level(of, by_level[of]) for of in sorted(by_level)],
        teams=_teams(incidents, window),
        people=_people(pages),
        nights=_nights(pages),
    )


def _level(of: Level, found: Sequence[Escalated]) -> LevelFigures:
    outcomes = Counter(each.outcome for each in found)
    pages = [page for each in found for page in each.pages]
    return LevelFigures(
        of=of,
        counted=outcomes["answered"] + outcomes["missed"],
        answered=outcomes["answered"],
        ended_first=outcomes["ended_first"],
        pages=len(pages),
        undelivered=sum(page.undelivered_at is not None for page in pages),
        acknowledge=spread(each.taken for each in found if each.taken is not None),
    )


def _teams(incidents: Iterable[IncidentSnapshot], window: Window) -> list[TeamFigures]:
    by_team: dict[str, list[IncidentSnapshot]] = defaultdict(list)
    for each in incidents:
        counts = each.status not in NONE_OF_THEIR_OWN and each.mode is not Mode.SHADOW
        if counts and window.holds(each.opened_at):
            by_team[each.team].append(each)
    return [_team(team, by_team[team]) for team in sorted(by_team)]


def _team(team: str, held: Sequence[IncidentSnapshot]) -> TeamFigures:
    acknowledged = [(each, each.first_acknowledged_at) for each in held]
    taken = [first - each.opened_at for each, first in acknowledged if first is not None]
    lasted = [each.resolved_at - each.opened_at for each in held if each.resolved_at is not None]
    return TeamFigures(team, len(held), len(taken), spread(taken), len(lasted), spread(lasted))


def _people(pages: Iterable[tuple[Level, Escalation]]) -> list[PersonFigures]:
    nights: dict[tuple[Level, str], list[str]] = defaultdict(list)
    for of, page in pages:
        nights[of, page.person_id].append(page.night)
    return [
        PersonFigures(of, person, len(found), sum(bool(each) for each in found), len({*found} - {""}))
        for (of, person), found in sorted(nights.items())
    ]


def _nights(pages: Iterable[tuple[Level, Escalation]]) -> list[NightFigures]:
    people: dict[tuple[Level, str], list[str]] = defaultdict(list)
    for of, page in pages:
        if page.night:
            people[of, page.night].append(page.person_id)
    return [
        NightFigures(of, night, len(found), len({*found} - {""}))
        for (of, night), found in sorted(people.items())
    ]
