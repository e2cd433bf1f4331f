"""Policies for tests, and what came of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from app.model.commands import EscalationCommand
from app.model.library import Library
from app.model.outputs import IncidentEvent
from app.model.policy import Level, Policy
from tests.core.estate import library, seconds
from tests.core.story import Story

MINUTE = 60


def level(*targets: str, ack: float = 300, delay: float = 0, **fields: Any) -> Level:
    return Level(tuple(targets), ack_timeout=seconds(ack), delay=seconds(delay), **fields)


def with_policies(*policies: Policy, **rules: Any) -> Library:
    """The estate, with these policies; the one of its team `shop` is named so."""
    known = library(**rules)
    return replace(known, policies={each.id: each for each in policies})


def shop(*levels: Level, **fields: Any) -> Library:
    """The estate, whose team has one policy with these levels."""
    return with_policies(Policy("shop", levels=levels, **fields))


def team(known: Library, **fields: Any) -> Library:
    """The estate with more said of its team."""
    return replace(known, teams={**known.teams, "shop": replace(known.teams["shop"], **fields)})


def rung(story: Story) -> list[tuple[str, int, int, float]]:
    """All pages that went out: whom, which level and round, and at which second."""
    return [
        (
            each.person_id or each.target,
            each.level,
            each.round,
            (each.issued_at - story.world.log[0][2]).total_seconds(),
        )
        for each in story.put_out(EscalationCommand, op="notify")
    ]


def stopped(story: Story) -> list[str]:
    return [each.person_id or each.target for each in story.put_out(EscalationCommand, op="stop")]


def told(story: Story, *kinds: str) -> list[tuple[str, str]]:
    """Type and reason of the incident's events of these types."""
    return [(each.type, each.reason) for each in story.put_out(IncidentEvent) if each.type in kinds]
