"""The simulated estate: what is broken, and who has cured it. The other simulators meet here and nowhere else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from app.demo.story import Scenario

Tell = Callable[[str, str, str], None]
"""Says aloud what happens: (who, about which story or domain, what)."""


@dataclass
class Estate:
    """The state of the simulated world in one round of the scenario."""

    scenario: Scenario
    tell: Tell
    round: int = 1
    """The round, from 1; ids of what is sent bear it, so that no round repeats another's."""
    started: float = 0.0
    """The event loop's time when the round began."""
    _cures: dict[tuple[str, str], asyncio.Event] = field(default_factory=dict)

    def begin(self) -> None:
        """Let the hour begin now."""
        self.started = asyncio.get_running_loop().time()

    async def until(self, at: float) -> None:
        """Wait until `at` seconds of the scenario."""
        await asyncio.sleep(max(0.0, self.started + at - asyncio.get_running_loop().time()))

    def cure(self, domain: str, by: str) -> None:
        """Note that `by` (a step or a person) did what cures what is broken now in the domain."""
        self._cure(domain, by).set()

    async def cured(self, domain: str, by: str) -> None:
        """Wait until `by` cures what is broken in the domain; what was done before does not count."""
        event = self._cure(domain, by)
        event.clear()
        await event.wait()

    def _cure(self, domain: str, by: str) -> asyncio.Event:
        return self._cures.setdefault((domain, by), asyncio.Event())


def now_text() -> str:
    """Give the wall clock's time in RFC 3339."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
