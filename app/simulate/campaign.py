"""Many simulations, in all processors: what they found, and how often each boundary met each kind of fault."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import chain
from statistics import median

from app.road.failpoints import FAILPOINTS
from app.simulate.plan import Plan, draw
from app.simulate.plants import planted
from app.simulate.process import ANYWHERE, KINDS
from app.simulate.run import Result, simulate
from app.simulate.shrink import shrink

BOUNDARIES = (*FAILPOINTS, ANYWHERE)
_CHUNK = 4


@dataclass
class Campaign:
    """What many simulations came to."""

    seeds: int = 0
    failed: list[Result] = field(default_factory=list)
    struck: Counter[tuple[str, str]] = field(default_factory=Counter)
    signals: list[int] = field(default_factory=list)
    repeats: int = 0

    def add(self, result: Result) -> None:
        """Take one more in."""
        self.seeds += 1
        self.struck += result.struck
        self.signals.append(result.signals)
        self.repeats += result.repeats
        if result.breaches:
            self.failed.append(result)

    @property
    def never_struck(self) -> list[tuple[str, str]]:
        """The (boundary, kind) that no simulation met: of these nothing was shown."""
        return [(each, kind) for each in BOUNDARIES for kind in KINDS if not self.struck[each, kind]]

    @property
    def median_signals(self) -> float:
        """How many signals the log of a simulation has, at the median."""
        return median(self.signals) if self.signals else 0.0


def run_campaign(
    seeds: Iterable[int],
    plant: str = "",
    jobs: int | None = None,
    tell: Callable[[Campaign], None] = lambda _: None,
) -> Campaign:
    """Simulate every seed; `tell` hears how far it is."""
    campaign, numbers = Campaign(), list(seeds)
    chunks = [numbers[at : at + _CHUNK] for at in range(0, len(numbers), _CHUNK)]
    with ProcessPoolExecutor(jobs or os.cpu_count(), initializer=_begin) as pool:
        results = [pool.submit(_several, plant, chunk) for chunk in chunks]
        try:
            for result in chain.from_iterable(future.result() for future in results):
                campaign.add(result)
                tell(campaign)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for process in multiprocessing.active_children():
                process.terminate()  # nobody waits for what it simulates
            raise
    return campaign


def smallest(seed: int, plant: str = "") -> tuple[Plan, Result]:
    """Cut a failing seed's plan down to a small one that breaks the same law."""
    plan = draw(seed)
    with planted(plant):
        law = simulate(plan).breaches[0].law
        small = shrink(plan, lambda each: law in {breach.law for breach in simulate(each).breaches})
        return small, simulate(small)


def _begin() -> None:
    """Make ready one process of the pool; of Ctrl-C the command hears, and ends it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.freeze()


def _several(plant: str, seeds: Sequence[int]) -> list[Result]:
    return [_one(plant, seed) for seed in seeds]


def _one(plant: str, seed: int) -> Result:
    with planted(plant):
        return simulate(draw(seed))
