"""Our pages beside the pager's, incident by incident."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.core.measured.spans import Window
from app.core.shadow.matching import Match, Matcher, candidate
from app.core.shadow.pages import OurPage, PagerPage
from app.core.shadow.recipients import Names, Recipient, recipient
from app.model.incident import IncidentSnapshot
from app.model.library import Library
from app.model.words import ExecutionStatus, Mode

WHY_NOT = {
    "no_incident": "we opened no incident for it",
    "no_policy": "no escalation policy says whom to page",
    "resolved_first": "the incident ended before its page was due",
    "runbook_at_work": "a runbook was at work, and the page is not due yet",
    "not_paged": "nothing called for a page",
}
"""Why we would not have paged where the pager did, in words."""


class Outcome(StrEnum):
    """Who paged for an incident."""

    BOTH = "both"
    MISSED = "missed"
    """The pager paged, and we would not have."""
    ADDED = "added"
    """We would have paged, and the pager did not."""
    OURS = "ours"
    """We would have paged; there is no export to compare with."""


@dataclass(frozen=True)
class Compared:
    """The first page of each side for one incident; or a page of the pager for what was none to us."""

    outcome: Outcome
    incident: IncidentSnapshot | None
    ours: OurPage | None
    theirs: PagerPage | None
    match: str = ""
    """Why the pager's page is held to be about this incident."""
    why_not: str = ""
    """Why we would not have paged."""
    repeats: int = 0
    """Further pages of the pager for the same incident."""
    recipient: Recipient | None = None
    """Whether both went to the same person, where both paged."""

    @property
    def at(self) -> datetime:
        """When the first of the two was."""
        return min(page.at for page in (self.ours, self.theirs) if page is not None)

    @property
    def difference(self) -> timedelta | None:
        """How much later than the pager we would have paged; negative where earlier."""
        return self.ours.at - self.theirs.at if self.ours and self.theirs else None


@dataclass(frozen=True)
class Compilation:
    """All pages of the window, compared."""

    lines: tuple[Compared, ...]
    """Oldest first."""
    live: int = 0
    """Pages of the pager for incidents that are not in shadow: not compared."""


def compare_pages(
    incidents: Sequence[IncidentSnapshot],
    ours: Mapping[str, Sequence[OurPage]],
    theirs: Sequence[PagerPage] | None,
    impossible: frozenset[str],
    library: Library,
    window: Window,
    near: timedelta,
) -> Compilation:
    """Compare what falls within the window by the first page of either side.

    `theirs` is None where there is no export; `impossible` holds the incidents for which no policy said whom to page.
    """
    known = {incident.id: incident for incident in incidents}
    about, unknown = _sort_out(incidents, ours, theirs or (), library, window, near)
    names = Names(library.people)
    lines = [
        _one(
            incident, ours.get(id_, ()), about.get(id_, ()), names, impossible, is_compared=theirs is not None
        )
        for id_, incident in known.items()
        if incident.mode is Mode.SHADOW and (id_ in ours or id_ in about)
    ]
    lines += [Compared(Outcome.MISSED, None, None, page, why_not="no_incident") for page in unknown]
    live = [
        page.at for id_, found in about.items() if known[id_].mode is not Mode.SHADOW for page, _ in found
    ]
    return Compilation(
        tuple(sorted((line for line in lines if window.holds(line.at)), key=_order)),
        sum(window.holds(at) for at in live),
    )


def _sort_out(
    incidents: Sequence[IncidentSnapshot],
    ours: Mapping[str, Sequence[OurPage]],
    theirs: Sequence[PagerPage],
    library: Library,
    window: Window,
    near: timedelta,
) -> tuple[dict[str, list[tuple[PagerPage, Match]]], list[PagerPage]]:
    """Give the pager's pages by incident, oldest first, and those that are about none."""
    candidates = [
        candidate(incident, (page.at for page in ours.get(incident.id, ())), window.end)
        for incident in incidents
    ]
    matcher = Matcher(candidates, library.services, near)
    about: dict[str, list[tuple[PagerPage, Match]]] = {}
    unknown: list[PagerPage] = []
    for page in sorted(theirs, key=lambda each: (each.at, each.id)):
        match = matcher.find(page)
        if match is None:
            unknown.append(page)
        else:
            about.setdefault(match.incident_id, []).append((page, match))
    return about, unknown


def _one(
    incident: IncidentSnapshot,
    ours: Sequence[OurPage],
    theirs: Sequence[tuple[PagerPage, Match]],
    names: Names,
    impossible: frozenset[str],
    *,
    is_compared: bool,
) -> Compared:
    if not theirs:
        return Compared(Outcome.ADDED if is_compared else Outcome.OURS, incident, ours[0], None)
    (page, match), repeats = theirs[0], len(theirs) - 1
    if not ours:
        why = _why_not(incident, impossible)
        return Compared(Outcome.MISSED, incident, None, page, match=match.why, why_not=why, repeats=repeats)
    who = recipient(ours[0], page, names)
    return Compared(Outcome.BOTH, incident, ours[0], page, match=match.why, repeats=repeats, recipient=who)


def _why_not(incident: IncidentSnapshot, impossible: frozenset[str]) -> str:
    if incident.id in impossible:
        return "no_policy"
    if incident.resolved_at is not None:
        return "resolved_first"
    at_work = any(run.status is ExecutionStatus.RUNNING for run in incident.executions)
    return "runbook_at_work" if at_work else "not_paged"


def _order(line: Compared) -> tuple[datetime, str]:
    return line.at, line.incident.id if line.incident else line.theirs.id if line.theirs else ""
