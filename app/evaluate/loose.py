"""What of a scenario counts nowhere: inputs that intake refuses, and truth about what no input brings."""

from __future__ import annotations

from dataclasses import dataclass, fields

from app.evaluate.play import firings_of, read_input
from app.evaluate.scenario import Scenario
from app.model.inputs import SystemEventSignal
from app.model.library import Library


@dataclass(frozen=True)
class Loose:
    """Counts; those of several scenarios are added."""

    refused: int = 0
    """Inputs, or entries of one that is a list, that go to the dead letters."""
    without_firing: int = 0
    """Truth lines for a firing that no input brings."""
    without_change: int = 0
    """Outages that name a change that no input brings."""

    def __add__(self, other: Loose) -> Loose:
        """Add up."""
        return Loose(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))

    def __str__(self) -> str:
        """Give it in words; empty where there is nothing."""
        counts = {
            "inputs refused": self.refused,
            "truth lines without a firing": self.without_firing,
            "outages whose change no input brings": self.without_change,
        }
        return ", ".join(
            f"{count} {_one(what) if count == 1 else what}" for what, count in counts.items() if count
        )


def loose_ends(scenario: Scenario, library: Library) -> Loose:
    """Count them."""
    start = scenario.head.start
    results = [read_input(entry, offset, start, library) for offset, entry in enumerate(scenario.inputs)]
    brought = {
        signal.body.event.id
        for result in results
        for batch in result.batches
        for signal in batch.signals
        if isinstance(signal.body, SystemEventSignal)
    }
    firings = {episode for entry in scenario.inputs for episode in firings_of(entry)}
    named = [each.change for each in scenario.outages.values() if each.change is not None]
    return Loose(
        refused=sum(letter.part == 1 for result in results for letter in result.dead_letters),
        without_firing=sum(each not in firings for each in scenario.truth),
        without_change=sum(each not in brought for each in named),
    )


def _one(words: str) -> str:
    """Give the words for one of them."""
    first, _, rest = words.partition("s ")
    return f"{first} {rest}"
