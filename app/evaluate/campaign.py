"""Many scenarios, on all processors: what the engine and the baselines made of each, added up by class."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar

from app.evaluate.baselines import LABELS, TIME, baselines
from app.evaluate.generator.make import make
from app.evaluate.loose import Loose, loose_ends
from app.evaluate.play import play
from app.evaluate.scenario import Scenario, ScenarioError
from app.evaluate.scores import Tally, score
from app.library.compile import compile_library
from app.library.problems import LibraryError, suggest
from app.model.library import Library

OURS = "ours"
ALL = "all"
"""The name under which all classes are added up."""
_CHUNK = 2
Given = TypeVar("Given")


@dataclass(frozen=True)
class Judged:
    """What came of one scenario: the way of clustering to its counts."""

    name: str
    class_: str
    tallies: dict[str, Tally]
    loose: Loose = field(default_factory=Loose)
    """What of it counts nowhere; of a scenario that was made here nothing is counted, for it loses alerts on purpose."""


@dataclass
class Evaluation:
    """What came of many."""

    judged: list[Judged] = field(default_factory=list)

    @property
    def classes(self) -> list[str]:
        """The classes, in the order they came."""
        return list(dict.fromkeys(each.class_ for each in self.judged))

    def tally(self, way: str, class_: str = ALL) -> Tally:
        """Add up what one way made of a class, or of all."""
        found = [each.tallies[way] for each in self.judged if class_ in (ALL, each.class_)]
        return sum(found, Tally())

    @property
    def loose(self) -> Loose:
        """What counts nowhere, in all of them."""
        return sum((each.loose for each in self.judged), Loose())

    @property
    def ways(self) -> tuple[str, str, str]:
        """Ours, and each baseline in the setting that does best here by F1 over all."""
        known = list(self.judged[0].tallies) if self.judged else []
        labels, time = ([each for each in known if each.startswith(kind)] for kind in (LABELS, TIME))
        return OURS, self._best(labels), self._best(time)

    def _best(self, ways: Sequence[str]) -> str:
        return max(ways, key=lambda way: self.tally(way).f1 or 0.0, default="")


def evaluate_seeds(
    seeds: Iterable[int],
    class_: str = "",
    jobs: int | None = None,
    tell: Callable[[Evaluation], None] = lambda _: None,
) -> Evaluation:
    """Make and judge the scenario of every seed; `tell` hears how far it is."""
    return _evaluate(partial(_judge_seed, class_), seeds, jobs, tell)


def evaluate_scenarios(
    scenarios: Iterable[Scenario],
    jobs: int | None = None,
    tell: Callable[[Evaluation], None] = lambda _: None,
) -> Evaluation:
    """Judge scenarios that were read, and count what of them counts nowhere.

    Raises:
        ScenarioError: the library of one has mistakes, or an outage of it a root that its catalog does not have.

    """
    return _evaluate(_judge_read, scenarios, jobs, tell)


def _evaluate(
    one: Callable[[Given], Judged],
    given: Iterable[Given],
    jobs: int | None,
    tell: Callable[[Evaluation], None],
) -> Evaluation:
    evaluation = Evaluation()
    with ProcessPoolExecutor(jobs or os.cpu_count()) as pool:
        for judged in pool.map(one, given, chunksize=_CHUNK):
            evaluation.judged.append(judged)
            tell(evaluation)
    return evaluation


def judge(scenario: Scenario) -> Judged:
    """Play a scenario and hold it against its truth, with the baselines beside.

    Raises:
        ScenarioError: its library has mistakes.

    """
    return _judge(scenario, _library_of(scenario))


def _library_of(scenario: Scenario) -> Library:
    try:
        return compile_library(scenario.head.library)
    except LibraryError as error:
        raise ScenarioError(f"{scenario.head.name}: its library has mistakes:\n{error}") from error


def _judge(scenario: Scenario, library: Library) -> Judged:
    played = play(scenario, library)
    clusters = {OURS: played.clusters, **baselines(scenario, library)}
    tallies = {
        way: score(played.told, scenario.truth, scenario.outages, found) for way, found in clusters.items()
    }
    return Judged(scenario.head.name, scenario.head.class_, tallies)


def _judge_read(scenario: Scenario) -> Judged:
    library = _library_of(scenario)
    wrong = [
        f"{scenario.places.get(each.id, scenario.head.name)}: root: {each.root!r} is no service of the catalog;"
        f" {suggest(each.root, sorted(library.services))}"
        for each in scenario.outages.values()
        if each.root not in library.services
    ]
    if wrong:
        raise ScenarioError("\n".join(wrong))
    return replace(_judge(scenario, library), loose=loose_ends(scenario, library))


def _judge_seed(class_: str, seed: int) -> Judged:
    return judge(make(seed, class_))
