"""A scenario, played through production's intake and engine on virtual time: broker time is arrival, timers fire when due."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta

from app.core.rehearsal import Rehearsal, with_a_pager
from app.evaluate.follow import Following
from app.evaluate.scenario import Episode, Input, Scenario, alerts_of, known_alert
from app.evaluate.scores import Cluster
from app.intake.batch import IntakeResult, intake_batch
from app.model.base import Instant, to_instant
from app.model.library import Library
from app.model.messages import Message
from app.model.outputs import Output
from app.model.words import AlertStatus

LEFT_TO_END = timedelta(hours=3)
"""How long it goes on after the last input, so that timers that are due later fire too."""


@dataclass(frozen=True)
class Played:
    """What the engine made of a scenario."""

    told: frozenset[Episode]
    """The firings that reached the inputs."""
    clusters: list[Cluster]


def play(scenario: Scenario, library: Library) -> Played:
    """Play a scenario with its library."""
    told = frozenset(episode for entry in scenario.inputs for episode in firings_of(entry))
    return Played(told, follow(scenario, library).clusters())


def follow(scenario: Scenario, library: Library) -> Following:
    """Play a scenario, and give what its outputs say."""
    world, following = Rehearsal(with_a_pager(library), scenario.head.start), Following()
    for offset, entry in enumerate(scenario.inputs):
        world.go_to(scenario.head.start + timedelta(seconds=entry.at))
        following.see(_fresh(world))
        firings = firings_of(entry)
        for episode in firings:
            following.expect(episode)
        for batch in read_input(entry, offset, scenario.head.start, world.library).batches:
            world.apply(batch.domain, *batch.signals)
        following.see(_fresh(world))
        for episode in firings:
            following.settle(episode)
    world.go_to(world.now + LEFT_TO_END)
    following.see(_fresh(world))
    return following


def _fresh(world: Rehearsal) -> list[Output]:
    """Give what came out since the last time, and let go of it."""
    fresh, world.outputs = world.outputs, []
    world.log.clear()
    return fresh


def firings_of(entry: Input) -> list[Episode]:
    """Give the firings that an input tells of."""
    known = [known_alert(each) for each in alerts_of(entry)]
    return [
        Episode(each.fingerprint, each.starts_at)
        for each in known
        if each is not None and each.status is AlertStatus.FIRING and each.starts_at is not None
    ]


def read_input(entry: Input, offset: int, start: Instant, library: Library) -> IntakeResult:
    """Give what intake makes of an input of a scenario that begins at `start`."""
    message = Message(
        topic=entry.topic,
        partition=0,
        offset=offset,
        key=None,
        value=json.dumps(entry.value).encode(),
        timestamp=to_instant(start + timedelta(seconds=entry.at)),
    )
    return intake_batch([message], library, None, library.hash)
