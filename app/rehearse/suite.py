"""All cases of a library, read and run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from time import perf_counter

from app.library.problems import Findings, Problem
from app.model.library import Library
from app.rehearse.cases import Case
from app.rehearse.play import Played, play
from app.rehearse.reading import read_cases


@dataclass(frozen=True)
class Ran:
    """A case that was run."""

    case: Case
    played: Played
    milliseconds: float


def read_suite(tests: Mapping[str, str], library: Library) -> tuple[dict[str, list[Case]], list[Problem]]:
    """Give the cases of each page (by its id), and every problem of the tests (path to text)."""
    cases: dict[str, list[Case]] = {}
    problems: list[Problem] = []
    for path, text in tests.items():
        findings = Findings(path)
        for case in read_cases(path, text, library, findings):
            cases.setdefault(case.page, []).append(case)
        problems += findings.problems
    return cases, sorted(problems)


def run(cases: Iterable[Case], library: Library) -> list[Ran]:
    """Run cases, one after another."""
    return [_run(case, library) for case in cases]


def _run(case: Case, library: Library) -> Ran:
    begun = perf_counter()
    played = play(case, library)
    return Ran(case, played, (perf_counter() - begun) * 1000)
