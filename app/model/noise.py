"""What operators say of noise: which alerts keep others quiet, when work is planned, and what counts as flapping."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

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
