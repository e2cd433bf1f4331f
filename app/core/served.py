"""Who carries commands out, by what connectors announce; and what nobody serves. It is about now, and no decision rests on it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.model.connectors import KINDS, Connector
from app.model.runbook import Runbook

ALIVE = timedelta(seconds=90)
"""For how long an announcement counts: a connector announces itself every 30 seconds, and two may be lost."""


@dataclass(frozen=True)
class Announced:
    """A connector, and when its newest announcement was appended."""

    connector: Connector
    at: datetime

    def is_alive(self, now: datetime) -> bool:
        """Whether the announcement still counts."""
        return now - self.at <= ALIVE


@dataclass(frozen=True)
class Unserved:
    """What nobody serves, as far as can be told."""

    nobody: bool = False
    """Nobody announced itself at all, so nothing can be told: older connectors never do."""
    kinds: tuple[str, ...] = ()
    """Kinds of command that no connector announces."""
    actions: tuple[str, ...] = ()
    """Actions that pages ask for and no executor announces."""

    def __str__(self) -> str:
        """In words; empty where all is served."""
        if self.nobody:
            return "nobody announced itself"
        parts = [f"no connector for {', '.join(self.kinds)} commands"] if self.kinds else []
        parts += [f"no executor for {', '.join(self.actions)}"] if self.actions else []
        return "; ".join(parts)


def unserved(announced: Iterable[Announced], asked: Iterable[str], now: datetime) -> Unserved:
    """Say which kinds of command, and which of the actions asked for, no connector announces that is alive.

    Where no executor is there at all that is told by its kind; where one does not say which actions it knows, it may know all.
    """
    alive = [each.connector for each in announced if each.is_alive(now)]
    if not alive:
        return Unserved(nobody=True)
    there = {each.kind for each in alive}
    executors = [each for each in alive if each.kind == "step"]
    known = {action for each in executors for action in each.actions}
    can_tell = executors and all(each.actions for each in executors)
    return Unserved(
        kinds=tuple(kind for kind in KINDS if kind not in there),
        actions=tuple(sorted(set(asked) - known)) if can_tell else (),
    )


def actions_of(pages: Iterable[Runbook]) -> set[str]:
    """Give the actions that the steps of pages ask for, with those that look after a change and take it back."""
    return {
        action
        for page in pages
        for step in page.steps
        for action in (
            step.action,
            step.probe.step.action if step.probe else "",
            step.rollback.action if step.rollback else "",
        )
        if action
    }
