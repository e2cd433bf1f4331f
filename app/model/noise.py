"""What operators say of noise: which alerts keep others quiet, when work is planned, and what counts as flapping."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from app.model.matchers import Matcher


@dataclass(frozen=True)
class InhibitRule:
    """While an alert fires that `source` matches, alerts that `target` matches are muted where the labels `equal` are equal."""

    name: str
    """What it is called where it mutes: its own name, or its number in the library, from 1."""
    source: tuple[Matcher, ...]
    target: tuple[Matcher, ...]
    equal: tuple[str, ...] = ()
    """Labels that must have one value on both sides; a missing label is an empty one."""

    def is_source(self, labels: Mapping[str, str]) -> bool:
        """Whether an alert with these labels keeps others quiet."""
        return all(matcher.matches(labels) for matcher in self.source)

    def is_target(self, labels: Mapping[str, str]) -> bool:
        """Whether an alert with these labels may be kept quiet."""
        return all(matcher.matches(labels) for matcher in self.target)


@dataclass(frozen=True)
class Flapping:
    """When an alert flaps: so many changes between firing and resolved within a time; it does until it was calm for a while."""

    changes: int = 4
    """0: nothing ever flaps."""
    within: timedelta = timedelta(minutes=30)
    calm: timedelta = timedelta(minutes=15)


class Schedule(Protocol):
    """When something is planned: a function of time alone."""

    def active(self, at: datetime) -> datetime | None:
        """Give when the window that `at` lies in ends (both in UTC); None where it lies in none."""

    def spans(self, start: datetime, end: datetime) -> Sequence[tuple[datetime, datetime]]:
        """Give the windows that touch the time from `start` to `end`, all in UTC, each with its own start and end."""


@dataclass(frozen=True)
class Once:
    """One window: from `start` up to, and not with, `end`."""

    start: datetime
    end: datetime

    def active(self, at: datetime) -> datetime | None:
        """Give the end, within the window."""
        return self.end if self.start <= at < self.end else None

    def spans(self, start: datetime, end: datetime) -> Sequence[tuple[datetime, datetime]]:
        """Give the window, if it touches that time."""
        return [(self.start, self.end)] if self.start < end and start < self.end else []


@dataclass(frozen=True)
class Maintenance:
    """Planned work, in which alerts that concern it are muted."""

    name: str
    """What it is called where it mutes: its own name, or its number in the library, from 1."""
    schedule: Schedule
    reason: str = ""
    services: tuple[str, ...] = ()
    """The services it concerns; empty: whichever."""
    teams: tuple[str, ...] = ()
    """The teams whose services it concerns; empty: whichever."""
    matchers: tuple[Matcher, ...] = ()
    """What the labels of an alert must satisfy besides."""

    def concerns(self, labels: Mapping[str, str], service: str, team: str) -> bool:
        """Whether it mutes such an alert, while it lasts."""
        return (
            (not self.services or service in self.services)
            and (not self.teams or team in self.teams)
            and all(matcher.matches(labels) for matcher in self.matchers)
        )
