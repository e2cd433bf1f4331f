"""When whoever a policy names is at work."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo

from app.core.escalation.targets import Aim
from app.core.schedules.wall import instant, wall
from app.model.catalog import Person, Team
from app.model.library import Library
from app.model.schedule import Window

_DAY, _WEEK = timedelta(days=1), timedelta(weeks=1)


def opening(windows: Sequence[Window], zone: tzinfo, at: datetime) -> datetime:
    """Give `at` where it lies in business hours, else when the next begin (both in UTC); `at` too where there are none at all."""
    shown = wall(at, zone)
    monday = datetime(shown.year, shown.month, shown.day) - shown.weekday() * _DAY  # noqa: DTZ001 - local
    opens = [
        max(at, instant(monday + week * _WEEK + each.begins, zone))
        for week in (-1, 0, 1)
        for each in windows
        if at < instant(monday + week * _WEEK + each.begins + each.lasts, zone)
    ]
    return min(opens, default=at)


def closing(windows: Sequence[Window], zone: tzinfo, at: datetime) -> datetime:
    """Give `at` where it lies in none of the windows, else when the one that it lies in is over, with those that follow at once."""
    shown = wall(at, zone)
    monday = datetime(shown.year, shown.month, shown.day) - shown.weekday() * _DAY  # noqa: DTZ001 - local
    spans = sorted(
        (
            instant(monday + week * _WEEK + each.begins, zone),
            instant(monday + week * _WEEK + each.begins + each.lasts, zone),
        )
        for week in (-1, 0, 1)
        for each in windows
    )
    for begins, ends in spans:
        if begins <= at < ends:
            at = ends
    return at


def low_urgency_at(aims: Sequence[Aim], team: str, library: Library, at: datetime) -> datetime:
    """Give when a level may page with low urgency: once the first of its people who is there may be paged; channels wait with the people.

    Who is away has others waited for; where all are away it is when the first of them might be paged.
    """
    people = [each for each in aims if not each.target.startswith("channel:")]
    opens = [may_page_at(each, team, library, at) for each in people]
    there = [when for when, each in zip(opens, people, strict=True) if not each.absent]
    if not there:
        return min(opens, default=at)
    return at if at in there else min(when for when in opens if when > at)


def may_page_at(aim: Aim, team: str, library: Library, at: datetime) -> datetime:
    """Give when a target may be paged with low urgency: in business hours that are no quiet hours.

    Where the quiet hours leave none of the others the business hours alone count, for a page is never withheld.
    """
    waits = library.rules.low_urgency_waits
    opens = first = opening_for(aim.target, aim.person, team, library, at) if waits else at
    while opens <= first + _WEEK:  # every week is like the next
        ends = quiet_until(aim.person, team, library, opens)
        if ends == opens:
            return opens
        opens = opening_for(aim.target, aim.person, team, library, ends) if waits else ends
    return first


def quiet_until(person: Person | None, team: str, library: Library, at: datetime) -> datetime:
    """Give when the quiet hours are over that a person has at an instant, in their own zone; `at` where they have none then."""
    if person is None or not person.quiet_hours:
        return at
    owner = _team_of(person, team, library)
    zone = person.zone or (owner.zone if owner else None) or library.rules.zone
    return at if zone is None else closing(person.quiet_hours, zone, at)


def opening_for(target: str, person: Person | None, team: str, library: Library, at: datetime) -> datetime:
    """Give when a target, or the person that it stands for now, has business hours: `at` or later.

    The zone is the person's, else that of the schedule or team that is named, else that of the person's team (`team` first), else that of the
    rules; the hours likewise. Where nothing says a zone, and for channels, it is `at`.
    """
    kind, _, name = target.partition(":")
    if kind == "channel":
        return at
    schedule = library.schedules.get(name) if kind == "schedule" else None
    owner = library.teams.get(name) if kind == "team" else _team_of(person, team, library)
    zone = (
        (person.zone if person else None)
        or (schedule.zone if schedule else None)
        or (owner.zone if owner else None)
        or library.rules.zone
    )
    hours = (person.hours if person else ()) or (owner.hours if owner else ()) or library.rules.hours
    return at if zone is None else opening(hours, zone, at)


def is_business_time(team: str, library: Library, at: datetime) -> bool | None:
    """Whether a team has business hours; None where nothing says its zone."""
    owner = library.teams.get(team)
    zone = (owner.zone if owner else None) or library.rules.zone
    hours = (owner.hours if owner else ()) or library.rules.hours
    return None if zone is None else opening(hours, zone, at) == at


def _team_of(person: Person | None, team: str, library: Library) -> Team | None:
    """Give the team whose hours a person keeps: the incident's where they are of it, or where no person is known."""
    owner = library.teams.get(team)
    if person is None or (owner is not None and person.id in owner.members):
        return owner
    return next((each for _, each in sorted(library.teams.items()) if person.id in each.members), None)
