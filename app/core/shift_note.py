"""The note for whoever comes on call: what is open, put off or waits for leave, and whom the last shift was paged for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from app.core.correlation import OPEN
from app.core.paging import policy_for
from app.core.schedules.final import shifts
from app.model.escalation import Escalation
from app.model.incident import IncidentSnapshot
from app.model.library import Library
from app.model.schedule import Schedule
from app.model.words import Delivery, Gate, Mode

LONGEST = timedelta(days=14)
"""How far back a shift's beginning is looked for."""
SHIFT = timedelta(hours=12)
"""How long a shift counts where no schedule says."""


@dataclass(frozen=True)
class ShiftNote:
    """A hand-over note. Times are in UTC; incidents stand with the gravest first."""

    of: str
    """The schedule or team."""
    since: datetime
    at: datetime
    off: str
    """Who was on call last; empty where no schedule says, or nobody was."""
    on: str
    """Who is on call now."""
    open: tuple[IncidentSnapshot, ...]
    """Those that are neither put off nor wait for leave."""
    snoozed: tuple[IncidentSnapshot, ...]
    approvals: tuple[tuple[IncidentSnapshot, str], ...]
    """With the step that waits for leave."""
    paged: tuple[tuple[IncidentSnapshot, Escalation], ...]
    """The last shift's pages, in order of time."""


def teams_of(name: str, library: Library) -> set[str]:
    """Give the teams that a schedule or team stands for: a schedule for all whose policies, or whose services' policies, name it.

    What has no policy of its own has that of the rules; of no team are incidents of which the catalog knows none.

    Raises:
        KeyError: there is neither a schedule nor a team of that name.

    """
    if name in library.schedules:
        target = f"schedule:{name}"
        named = {
            policy.id
            for policy in library.policies.values()
            if any(target in level.targets for level in policy.levels)
        }
        teams = {team.id for team in library.teams.values() if _policy(library, "", team.id) in named}
        services = library.services.values()
        teams |= {each.team for each in services if _policy(library, each.id, each.team) in named}
        return teams | ({""} if library.rules.escalation in named else set())
    return {library.teams[name].id}


def note_for(
    name: str,
    incidents: Iterable[IncidentSnapshot],
    library: Library,
    at: datetime,
    since: datetime | None = None,
) -> ShiftNote:
    """Write the note of a schedule or team at an instant. The last shift is the one that ended then, or is under way; `since` says otherwise.

    Raises:
        KeyError: there is neither a schedule nor a team of that name.

    """
    teams = teams_of(name, library)
    live = [each for each in incidents if each.mode is not Mode.SHADOW]
    mine = [each for each in live if each.team in teams or _rang(each, f"schedule:{name}")]
    schedule = library.schedules.get(name)
    began, off, on = _shift(schedule, at) if schedule else (at - SHIFT, "", "")
    begins = since or began
    gravest = sorted(
        (each for each in mine if each.status in OPEN),
        key=lambda each: (-each.severity.rank, each.opened_at, each.id),
    )
    approvals = [(each, step) for each in gravest for step in _approvals(each)]
    waiting = {each.id for each, _ in approvals}
    return ShiftNote(
        of=name,
        since=begins,
        at=at,
        off=off,
        on=on,
        open=tuple(each for each in gravest if not each.snoozed_until and each.id not in waiting),
        snoozed=tuple(each for each in gravest if each.snoozed_until),
        approvals=tuple(approvals),
        paged=tuple(_paged(mine, begins, at)),
    )


def markdown(note: ShiftNote, zone: tzinfo) -> str:
    """Give the note as Markdown, with times of a zone."""

    def when(moment: datetime | None) -> str:
        return f"{moment.astimezone(zone):%a %d %b %H:%M}" if moment else "-"

    people = f"{note.off or 'nobody'} → {note.on or 'nobody'}, " if note.off or note.on else ""
    lines = [f"# Hand-over: {note.of}", "", f"{people}{when(note.since)} to {when(note.at)} ({zone})"]
    sections = {
        "Open": [f"{_words(each)}, since {when(each.opened_at)}; {_whose(each)}" for each in note.open],
        "Snoozed": [f"{_words(each)}, until {when(each.snoozed_until)}" for each in note.snoozed],
        "Waiting for approval": [f"{_words(each)}: step `{step}`" for each, step in note.approvals],
        "Pages of the last shift": [
            f"{when(page.notified_at)} {_whom(page)}: {each.title} ({page.reason}); {_became(page)}"
            for each, page in note.paged
        ],
    }
    for title, entries in sections.items():
        lines += ["", f"## {title} ({len(entries)})", *(f"- {entry}" for entry in entries)]
    return "\n".join(lines) + "\n"


def _shift(schedule: Schedule, at: datetime) -> tuple[datetime, str, str]:
    """Give when the last shift began, who had it, and who is on call at `at`: of a hand-over at that very moment the one before."""
    second = timedelta(seconds=1)
    past = shifts(schedule, at - LONGEST, at + second)
    on = past[-1].duty.person
    before = past[:-1] if past[-1].start == at and len(past) > 1 else past
    return before[-1].start, before[-1].duty.person, on


def _policy(library: Library, service: str, team: str) -> str:
    policy = policy_for(service, team, None, library)
    return policy.id if policy else ""


def _rang(incident: IncidentSnapshot, target: str) -> bool:
    """Whether somebody was paged by that target: also a policy within another, or a last resort, may have named it."""
    return any(page.target == target for page in incident.escalations)


def _approvals(incident: IncidentSnapshot) -> Iterator[str]:
    for execution in incident.executions:
        yield from (run.step for run in execution.steps if run.gate is Gate.APPROVAL)


def _paged(
    incidents: Sequence[IncidentSnapshot], since: datetime, until: datetime
) -> list[tuple[IncidentSnapshot, Escalation]]:
    found = [
        (incident, page)
        for incident in incidents
        for page in incident.escalations
        if page.notified_at is not None and since <= page.notified_at <= until
    ]
    return sorted(found, key=lambda each: (each[1].notified_at or since, each[1].id))


def _words(incident: IncidentSnapshot) -> str:
    return (
        f"**{incident.title}** ({incident.severity}, {incident.service or 'no service'}, {incident.id[:8]})"
    )


def _whose(incident: IncidentSnapshot) -> str:
    people = ", ".join(incident.responders)
    if incident.acknowledged_at is not None:
        return f"{incident.status}, {people or 'somebody'} on it"
    return f"{incident.status}, nobody on it" + (f" (responders so far: {people})" if people else "")


def _whom(page: Escalation) -> str:
    way = f" by {page.channel}" if page.channel else ""
    return f"{page.person_id or page.target}{way}"


def _became(page: Escalation) -> str:
    if page.acknowledged_at is not None:
        who = page.acknowledged_by.id if page.acknowledged_by else "somebody"
        return f"acknowledged by {who}"
    lost = page.delivery in (Delivery.FAILED, Delivery.UNCONFIRMED)
    return "not delivered" if lost else page.status.value
