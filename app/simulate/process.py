"""A simulated operating-system process: it can be killed or stopped at any effect, and what it does takes time."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import Literal

Kind = Literal["kill", "kill_and_wipe", "pause"]
KINDS: tuple[Kind, ...] = ("kill", "kill_and_wipe", "pause")
_LONG, _SHORT = 0.02, 0.25
"""How many of all effects take long, and how many take some time at all."""
ANYWHERE = "anywhere"
"""The boundary of faults that come at a moment and not at a failpoint."""


class Killed(BaseException):
    """The process ended here, at once."""


@dataclass(frozen=True)
class Fault:
    """What is done to a worker: from second `at` on, when it next passes the boundary."""

    at: float
    worker: int
    boundary: str
    kind: Kind
    lasts: float = 0.0
    """Seconds of a pause, or until a killed worker is started again."""


@dataclass(eq=False)
class Process:
    """One life of a worker, from its start to its end."""

    worker: int
    random: Random
    faults: list[Fault]
    """Those that wait for this worker; a fault that struck is taken out."""
    struck: Counter[tuple[str, str]]
    """How often each (boundary, kind) struck."""
    dead: bool = False
    ended_by: Fault | None = None
    last_words: str = ""
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    _running: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self._running.set()

    async def effect(self) -> None:
        """Take the time that an effect takes, most often none; never come back if the process is dead, or dies meanwhile.

        Time passes after one effect of four, drawn by lot: so others come between any two of them, and virtual time costs little.
        """
        lot = self.random.random()
        if lot < _LONG:
            await self.sleep(self.random.uniform(0.1, 0.6))
        elif lot < _SHORT:
            await self.sleep(self.random.uniform(0.002, 0.08))
        elif self.dead or self.paused:
            await self.sleep(0.0)

    async def sleep(self, seconds: float) -> None:
        """Sleep; longer if the process is paused, for ever if it dies."""
        await asyncio.sleep(seconds)
        self._strike(ANYWHERE)
        await self._running.wait()
        if self.dead:
            await asyncio.get_running_loop().create_future()

    def hit(self, boundary: str) -> None:
        """Pass a failpoint of the production code."""
        self._strike(boundary)
        if self.dead:
            raise Killed(boundary)

    def fail(self, what: str, error: BaseException) -> None:
        """End by itself, as production does when something fails."""
        if not self.dead:
            self.last_words = f"{what}: {type(error).__name__}: {error}"
            self._end()

    def kill(self, fault: Fault) -> None:
        """End it from outside."""
        if not self.dead:
            self.ended_by = fault
            self._end()

    def pause(self, seconds: float) -> None:
        """Stop it, as SIGSTOP does, and wake it later."""
        self._running.clear()
        asyncio.get_running_loop().call_later(seconds, self._running.set)

    @property
    def paused(self) -> bool:
        """Whether it is stopped now."""
        return not self._running.is_set()

    def _end(self) -> None:
        self.dead = True
        self.ended.set()
        self._running.set()

    def _strike(self, boundary: str) -> None:
        if self.dead or self.paused or not self.faults:
            return
        now = asyncio.get_running_loop().time()
        for fault in self.faults:
            if fault.at <= now and fault.boundary == boundary:
                self.faults.remove(fault)
                self.struck[boundary, fault.kind] += 1
                if fault.kind == "pause":
                    self.pause(fault.lasts)
                else:
                    self.kill(fault)
                return
