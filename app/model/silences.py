"""Silences: a person's word that alerts which matchers match are muted from one moment to another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from pydantic import Field

from app.model.base import Frozen, Instant
from app.model.matchers import Matcher, parse_matcher


class SilenceWish(Frozen):
    """What a person asks of a silence, with `response` silence or unsilence."""

    id: str = ""
    """The silence that is to be changed or ended; of a new one the id that it is to have, or empty."""
    matchers: list[str] = Field(default_factory=list)
    """Which alerts it mutes: matchers that must all hold, such as `alertname="Crash"`; empty where one is changed or ended."""
    starts_at: Instant | None = Field(default=None, alias="startsAt")
    """When it begins; unset: now."""
    ends_at: Instant | None = Field(default=None, alias="endsAt")
    """When it ends."""


class Silence(Frozen):
    """A silence as it stands."""

    id: str
    """What it is known by."""
    matchers: list[str]
    """Which alerts it mutes: matchers that must all hold."""
    starts_at: Instant = Field(alias="startsAt")
    """When it begins, by broker time."""
    ends_at: Instant = Field(alias="endsAt")
    """When it ends, or ended."""
    updated_at: Instant = Field(alias="updatedAt")
    """When it was made or changed last."""
    created_by: str = Field(default="", alias="createdBy")
    """Who made it."""
    comment: str = ""
    """Why, in that person's words."""

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether it mutes an alert with these labels, while it lasts."""
        return all(matcher.matches(labels) for matcher in _read(tuple(self.matchers)))


class Silenced(Frozen):
    """That a silence matches an alert."""

    id: str
    """The silence."""
    starts_at: Instant
    """When it begins."""
    ends_at: Instant
    """When it ends, as far as is known."""


class Labelled(Frozen):
    """A muted alert of which it is asked, or told, which silences match it."""

    fingerprint: str
    """The hash of its label set."""
    labels: dict[str, str] = Field(default_factory=dict)
    """Its labels, where it is asked."""
    silences: list[Silenced] = Field(default_factory=list)
    """The silences that match it, where it is told."""


MOST = 10
"""So many silences are told of one alert, those that last longest."""


def matching(silences: Sequence[Silence], labels: Mapping[str, str]) -> list[Silenced]:
    """Give the silences that match, those that end last first; one that was ended early is none of them."""
    found = [each for each in silences if each.ends_at > each.updated_at and each.matches(labels)]
    found.sort(key=lambda each: (-each.ends_at.timestamp(), each.id))
    return [Silenced(id=each.id, starts_at=each.starts_at, ends_at=each.ends_at) for each in found[:MOST]]


@lru_cache(maxsize=4096)
def _read(matchers: tuple[str, ...]) -> tuple[Matcher, ...]:
    return tuple(parse_matcher(each) for each in matchers)
