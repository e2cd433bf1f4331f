"""The whole comparison: what is on the topics and in the pager's export goes in, a report comes out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.core.measured.spans import Window
from app.core.shadow.comparison import Compared, Outcome, compare_pages
from app.core.shadow.pages import PagerPage, our_pages
from app.core.shadow.runs import PageRuns, shadow_runs
from app.model.commands import EscalationCommand, StepCommand
from app.model.incident import IncidentSnapshot
from app.model.library import Library
from app.model.outputs import IncidentEvent
from app.model.standings import Standing

NEAR = timedelta(minutes=15)
RESOLVED, IMPOSSIBLE = "IncidentResolved", "EscalationImpossible"
EVENTS = (RESOLVED, IMPOSSIBLE)
"""The types of the incident events that the comparison reads."""


@dataclass(frozen=True)
class Found:
    """What there is to compare, in any order and with repeats."""

    incidents: Sequence[IncidentSnapshot] = ()
    """Of each incident the newest counts."""
    events: Sequence[IncidentEvent] = ()
    pages: Sequence[EscalationCommand] = ()
    """Of the shadow topic."""
    steps: Sequence[StepCommand] = ()
    """Of the shadow topic."""
    standings: Sequence[Standing] = ()
    pager: Sequence[PagerPage] | None = None
    """The pager's export; None: there is none to compare with."""


@dataclass(frozen=True)
class Report:
    """What the service would have done in a window of time, beside what happened."""

    window: Window
    pager: tuple[PagerPage, ...] | None
    """The pager's pages within the window, oldest first; None where no export was given."""
    pages: tuple[Compared, ...]
    """For each incident the first page of each side, oldest first."""
    live: int
    """Pages of the pager for incidents that are not in shadow, and so not compared."""
    runbooks: tuple[PageRuns, ...]
    """The pages that ran in shadow, most runs first."""

    def count(self, outcome: Outcome) -> int:
        """Count the incidents with this outcome."""
        return sum(each.outcome is outcome for each in self.pages)

    @property
    def repeats(self) -> int:
        """Further pages of the pager for incidents that it had paged somebody for."""
        return sum(each.repeats for each in self.pages)

    @property
    def of_silence(self) -> int:
        """First pages of ours that come of a step which nobody answered, as nobody does in shadow."""
        return sum(each.ours is not None and each.ours.is_of_silence for each in self.pages)


def compare(found: Found, library: Library, window: Window, near: timedelta = NEAR) -> Report:
    """Compare. `near`: how long before an incident or after its end a page of the pager may still be about it."""
    incidents = [
        each
        for each in _newest(found.incidents)
        if _touches(each, window, near) and not _is_later(each, window)
    ]
    impossible = frozenset(each.incident_id for each in found.events if each.type == IMPOSSIBLE)
    compiled = compare_pages(
        incidents, our_pages(found.pages), found.pager, impossible, library, window, near
    )
    pager = None
    if found.pager is not None:
        inside = (page for page in found.pager if window.holds(page.at))
        pager = tuple(sorted(inside, key=lambda page: (page.at, page.id)))
    return Report(
        window=window,
        pager=pager,
        pages=compiled.lines,
        live=compiled.live,
        runbooks=shadow_runs(
            incidents,
            found.steps,
            _ends(compiled.lines),
            _resolved_by(found.events),
            _newest_standings(found.standings),
            library,
            window,
        ),
    )


def median(lengths: Iterable[timedelta]) -> timedelta | None:
    """Give the median by nearest rank; None of nothing."""
    ordered = sorted(lengths)
    return ordered[(len(ordered) - 1) // 2] if ordered else None


def _newest(snapshots: Iterable[IncidentSnapshot]) -> list[IncidentSnapshot]:
    newest: dict[str, IncidentSnapshot] = {}
    for each in snapshots:
        if each.id not in newest or each.version > newest[each.id].version:
            newest[each.id] = each
    return list(newest.values())


def _newest_standings(standings: Iterable[Standing]) -> dict[str, Standing]:
    newest: dict[str, Standing] = {}
    for each in standings:
        if each.id not in newest or each.version > newest[each.id].version:
            newest[each.id] = each
    return newest


def _touches(incident: IncidentSnapshot, window: Window, near: timedelta) -> bool:
    return incident.resolved_at is None or incident.resolved_at + near >= window.start


def _is_later(incident: IncidentSnapshot, window: Window) -> bool:
    return incident.opened_at >= window.end


def _ends(lines: Iterable[Compared]) -> dict[str, datetime]:
    """Give when each incident was over for the pager."""
    return {
        line.incident.id: line.theirs.resolved_at
        for line in lines
        if line.incident is not None and line.theirs is not None and line.theirs.resolved_at is not None
    }


def _resolved_by(events: Iterable[IncidentEvent]) -> dict[str, str]:
    """Give who resolved each incident that was last resolved by a person."""
    last: dict[str, IncidentEvent] = {}
    for event in events:
        if event.type == RESOLVED and (
            event.incident_id not in last or event.seq > last[event.incident_id].seq
        ):
            last[event.incident_id] = event
    return {
        id_: event.actor.id or "somebody"
        for id_, event in last.items()
        if event.reason == "by_person" and event.actor is not None
    }
