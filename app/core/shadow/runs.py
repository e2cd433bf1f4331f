"""Runs of runbooks in shadow: what they would have done, what people said of them, and what keeps their page from auto."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.core.executions import ACTING
from app.core.measured.spans import Window
from app.model.catalog import Guards
from app.model.commands import StepCommand
from app.model.execution import Execution
from app.model.incident import IncidentSnapshot
from app.model.library import Library
from app.model.standings import Standing
from app.model.words import Effect, Mode

RIGHT, WRONG = "right", "wrong"


@dataclass(frozen=True)
class Would:
    """What a page would have done, over all its runs in shadow."""

    action: str
    effect: Effect
    times: int


@dataclass(frozen=True)
class Gap:
    """One thing that stands between a page and acting alone."""

    reason: str
    """`mode_overall`, `mode_team`, `mode_page`, `not_earned`, `breaker_open` or `not_in_library`."""
    words: str


@dataclass(frozen=True)
class Ran:
    """One run in shadow."""

    execution: Execution
    incident: IncidentSnapshot
    proposed_at: datetime | None
    """When it would first have acted."""
    ended_at: datetime | None
    """When the incident was over without us: resolved here, else in the pager."""

    @property
    def ahead(self) -> timedelta | None:
        """How long before the incident's end it would have acted; negative where after."""
        return self.ended_at - self.proposed_at if self.ended_at and self.proposed_at else None


@dataclass(frozen=True)
class PageRuns:
    """The runs of one page in shadow, oldest first."""

    runbook_id: str
    runs: tuple[Ran, ...]
    would: tuple[Would, ...]
    """What acts first, then by action."""
    by_person: int
    """How many of their incidents a person resolved; others ended with their alerts."""
    good_runs: int
    """Runs in a row that people agreed to, ever."""
    runs_needed: int
    """How many it takes; 0: none."""
    gaps: tuple[Gap, ...]
    """What stands between the page and auto; nothing: it may."""

    def judged(self, word: str) -> int:
        """Count the runs of which people said `right`, `wrong` or (empty) nothing."""
        return sum(run.incident.feedback == word for run in self.runs)


def shadow_runs(
    incidents: Iterable[IncidentSnapshot],
    commands: Sequence[StepCommand],
    ends: Mapping[str, datetime],
    resolved_by: Mapping[str, str],
    standings: Mapping[str, Standing],
    library: Library,
    window: Window,
) -> tuple[PageRuns, ...]:
    """Give the runs in shadow that started in the window, by page.

    `ends` says when an incident was over for the pager, `resolved_by` the person who resolved one here.
    """
    sent = _by_execution(commands)
    found: dict[str, list[Ran]] = {}
    for incident in sorted(incidents, key=lambda each: (each.opened_at, each.id)):
        for run in incident.executions:
            if run.mode is Mode.SHADOW and not run.parent_id and window.holds(run.started_at):
                ended = incident.resolved_at or ends.get(incident.id)
                proposed = _first_act(run, incident, sent)
                found.setdefault(run.runbook_id, []).append(Ran(run, incident, proposed, ended))
    return tuple(
        _page_runs(id_, runs, sent, resolved_by, standings.get(f"page:{id_}"), library, window.end)
        for id_, runs in sorted(found.items(), key=lambda each: (-len(each[1]), each[0]))
    )


def gaps(
    runbook_id: str,
    incidents: Iterable[IncidentSnapshot],
    standing: Standing | None,
    library: Library,
    at: datetime,
) -> tuple[Gap, ...]:
    """Say what stands between a page and auto `at` a time: modes (overall, of the teams it ran for, its own) and its record."""
    page = library.runbooks.get(runbook_id)
    if page is None:
        return (Gap("not_in_library", "it is not in the library in force"),)
    found = []
    if library.rules.mode is not Mode.AUTO:
        found.append(Gap("mode_overall", f"mode {library.rules.mode} overall"))
    for team in sorted({incident.team for incident in incidents}):
        mode = library.teams[team].mode if team in library.teams else None
        if mode not in (None, Mode.AUTO):
            found.append(Gap("mode_team", f"mode {mode} of team {team}"))
    if page.mode not in (None, Mode.AUTO):
        found.append(Gap("mode_page", f"mode {page.mode} on the page"))
    return (*found, *_lacks(standing, library.guards, at))


def _lacks(standing: Standing | None, guards: Guards, at: datetime) -> Iterator[Gap]:
    """Say what a page's record lacks. A breaker closes by itself when its window is over, which no standing tells."""
    needed, good = guards.runs_to_auto, standing.good_runs if standing else 0
    if good < needed:
        failed = standing.failed_verification_at if standing else None
        since = f", a verification failed on {failed:%Y-%m-%d}" if failed else ""
        yield Gap("not_earned", f"{needed - good} more good runs ({good} of {needed}{since})")
    if standing is not None and standing.breaker_open and at < standing.at + guards.breaker_window:
        yield Gap("breaker_open", f"{standing.recent_failures} runs failed of late")


def _page_runs(
    runbook_id: str,
    runs: Sequence[Ran],
    sent: Mapping[str, Sequence[StepCommand]],
    resolved_by: Mapping[str, str],
    standing: Standing | None,
    library: Library,
    at: datetime,
) -> PageRuns:
    steps = Counter(
        (each.action, each.effect)
        for run in runs
        for execution_id in _family(run.execution, run.incident)
        for each in _once(sent.get(execution_id, ()))
    )
    would = (Would(action, effect, times) for (action, effect), times in steps.items())
    incidents = {run.incident.id: run.incident for run in runs}
    return PageRuns(
        runbook_id=runbook_id,
        runs=tuple(runs),
        would=tuple(sorted(would, key=lambda each: (each.effect not in ACTING, each.action))),
        by_person=sum(id_ in resolved_by for id_ in incidents),
        good_runs=standing.good_runs if standing else 0,
        runs_needed=library.guards.runs_to_auto,
        gaps=gaps(runbook_id, incidents.values(), standing, library, at),
    )


def _by_execution(commands: Iterable[StepCommand]) -> dict[str, list[StepCommand]]:
    found: dict[str, list[StepCommand]] = {}
    for command in sorted(commands, key=lambda each: (each.issued_at, each.id)):
        if command.op == "run":
            found.setdefault(command.execution_id, []).append(command)
    return found


def _once(commands: Iterable[StepCommand]) -> Iterable[StepCommand]:
    """Give one command of each step: in shadow nobody answers, so further attempts say nothing."""
    return {command.object_id: command for command in commands}.values()


def _first_act(
    run: Execution, incident: IncidentSnapshot, sent: Mapping[str, Sequence[StepCommand]]
) -> datetime | None:
    acts = [
        command.issued_at
        for execution_id in _family(run, incident)
        for command in sent.get(execution_id, ())
        if command.effect in ACTING
    ]
    return min(acts, default=None)


def _family(run: Execution, incident: IncidentSnapshot) -> list[str]:
    """Give the execution and those of the pages that it uses, however deep."""
    ids = [run.id]
    for each in incident.executions:  # one that is used stands behind the one that uses it
        if each.parent_id in ids:
            ids.append(each.id)
    return ids
