"""How alerts are correlated within a domain: what evidence weighs, and explicit rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType

from app.model.matchers import Match


class JoinWord(StrEnum):
    """What a rule says of two alerts."""

    ALWAYS = "always"
    NEVER = "never"


@dataclass(frozen=True)
class JoinRule:
    """An explicit rule: of an alert that an incident has, and one that arrives."""

    name: str
    first: Match
    """What the incident's alert must match; nothing said: any."""
    then: Match
    """What the arriving alert must match; nothing said: any."""
    equal: tuple[str, ...] = ()
    """Labels that must be equal; one that is missing is empty."""
    within: timedelta | None = None
    """How far the beginnings of the two may be apart; None: however far."""
    join: JoinWord = JoinWord.ALWAYS


WEIGHTS: Mapping[str, float] = MappingProxyType(
    {
        "same_entity": 0.75,
        "same_service": 0.9,
        "same_group": 1.0,
        "depends_on": 0.5,
        "depended_on": 0.4,
        "shared_dependency": 0.2,
        "same_alert": 0.2,
        "severity": 0.3,
        "similar_labels": 0.05,
        "near_in_time": 0.35,
        "shared_change": 0.2,
    }
)
"""What each kind of evidence weighs at its strongest."""


@dataclass(frozen=True)
class CorrelationRules:
    """When an alert joins an open incident of its domain, and when it opens one of its own."""

    join_at: float = 1.0
    """The evidence for an open incident that it takes to join it."""
    reopen_at: float = 1.3
    """The evidence that it takes to join an incident that was resolved within the reopen window."""
    merge_at: float = 1.0
    """The evidence for two young incidents at once, from one alert, that merges them."""
    merge_suspect_at: float = 0.4
    """How much a change must be suspected in each of two young incidents that it explains together, for them to be merged."""
    merge_crowd: int = 3
    """How many services must fire on one machine, and no other, for young incidents that are about it to be merged; 0: however many, they are not."""
    merge_within: timedelta = timedelta(minutes=5)
    """How long an incident is young."""
    move_at: float = 0.15
    """How much better another service must explain an incident before the probable root moves there."""
    weights: Mapping[str, float] = field(default_factory=lambda: WEIGHTS)
    distance: int = 3
    """How long a path of dependencies may be."""
    half_life: timedelta = timedelta(seconds=200)
    """The time between firings at which their nearness counts half."""
    entity_labels: tuple[str, ...] = (
        "pod",
        "node",
        "host",
        "instance",
        "device",
        "volume",
        "persistentvolumeclaim",
    )
    """Labels that name a thing of the estate. `instance` counts where no other is there: exporters put their own in it."""
    rules: tuple[JoinRule, ...] = ()
