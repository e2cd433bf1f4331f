"""Who is on call when: schedules of layers, with overrides over them and people who are away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum

from app.model.noise import Schedule as Times


class Unit(StrEnum):
    """What a rotation counts."""

    HOURLY = "hourly"
    """Real hours: the clock's change moves the handoff."""
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    CUSTOM = "custom"
    """Shifts of the lengths that it lists, again and again, by the clock on the wall."""


@dataclass(frozen=True)
class Said:
    """Where a thing is said: a file of the library, line and column from 1."""

    path: str = ""
    line: int = 1
    column: int = 1


@dataclass(frozen=True)
class Rotation:
    """When one person hands over to the next. All but hourly handoffs keep their time on the wall when clocks change."""

    start: datetime
    """The first handoff, as local time without a zone; the layer is silent before it."""
    unit: Unit = Unit.WEEKLY
    every: int = 1
    """So many of the unit make one shift."""
    lengths: tuple[timedelta, ...] = ()
    """Of a custom rotation: how long its shifts last, in turn, by the clock on the wall."""


@dataclass(frozen=True)
class Window:
    """A time of every week, by the clock on the wall."""

    begins: timedelta
    """Since Monday 00:00, less than seven days."""
    lasts: timedelta
    """At most seven days."""


@dataclass(frozen=True)
class Rota:
    """A layer whose people take turns."""

    name: str
    people: tuple[str, ...]
    """In the order of their turns; a person may stand in it more than once."""
    rotation: Rotation
    zone: tzinfo
    only: tuple[Window, ...] = ()
    """When the layer is heard: outside of all of these it is silent. Empty: always."""
    end: datetime | None = None
    """Local time at which the layer falls silent for good; None: never."""
    said: Said = Said()


@dataclass(frozen=True)
class Booking:
    """A time that one person is named for: to be on call, or as away."""

    person: str
    when: Times
    reason: str = ""
    instead_of: str = ""
    """Of a swap: whose turn it is by the layers."""
    said: Said = Said()


@dataclass(frozen=True)
class Calendar:
    """A layer read from iCalendar files: each event names who is on call. Of several at once, the one that comes first counts."""

    name: str
    bookings: tuple[Booking, ...]
    said: Said = Said()


Layer = Rota | Calendar


@dataclass(frozen=True)
class Schedule:
    """Who is on call. A later layer covers an earlier one where it is heard; an override covers all layers.

    Nobody who is away is ever on call: the next of the rotation who is there stands in, then the layers beneath.
    """

    id: str
    zone: tzinfo
    title: str = ""
    layers: tuple[Layer, ...] = ()
    overrides: tuple[Booking, ...] = ()
    """A later one covers an earlier one. A swap is two of them."""
    away: Mapping[str, tuple[Booking, ...]] = field(default_factory=dict)
    """Person to when they are away."""
    may_gap: bool = False
    """Whether it is meant to have times at which nobody is on call."""
    said: Said = Said()


@dataclass(frozen=True)
class Duty:
    """Who is on call at an instant, and by what."""

    person: str = ""
    """Empty: nobody is."""
    by: str = ""
    """The layer's name, or `override`; empty where nobody is on call."""
    instead_of: str = ""
    """Whose turn it is, where somebody stands in for a person who is away, or swapped with them."""


@dataclass(frozen=True)
class Shift:
    """A duty with its times, in UTC: from `start` up to, and not with, `end`."""

    start: datetime
    end: datetime
    duty: Duty
