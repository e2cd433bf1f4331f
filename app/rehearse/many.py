"""Mutants of many pages, over all cores. Compiled pages cannot be sent to another process, so each compiles the library itself."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

from app.library.compile import compile_library
from app.model.library import Library
from app.rehearse.cases import Case
from app.rehearse.mutants import survivors


@dataclass(frozen=True)
class Alive:
    """A mutant that no case notices."""

    line: int
    step: str
    words: str


@dataclass(frozen=True)
class Mutated:
    """What became of a page's mutants."""

    page: str
    mutants: int
    alive: tuple[Alive, ...]


def mutate(
    files: Mapping[str, str], suite: Mapping[str, Sequence[Case]], cores: int = 0
) -> Iterator[Mutated]:
    """Give what became of each page's mutants, in the order of the suite (page to cases). `cores` 0: all that there are."""
    workers = min(cores or os.cpu_count() or 1, len(suite))
    if workers <= 1:
        library = compile_library(files)
        yield from (_mutated(page, cases, library) for page, cases in suite.items())
        return
    pool = ProcessPoolExecutor(workers, get_context("spawn"), _compile, (dict(files),))
    with pool:
        yield from pool.map(_in_worker, suite, suite.values())


def _mutated(page: str, cases: Sequence[Case], library: Library) -> Mutated:
    number, alive = survivors(library.runbooks[page], library, cases)
    return Mutated(page, number, tuple(Alive(each.line, each.step, each.words) for each in alive))


_compiled: list[Library] = []
"""The library of this process, in a pool."""


def _compile(files: dict[str, str]) -> None:
    _compiled.append(compile_library(files))


def _in_worker(page: str, cases: Sequence[Case]) -> Mutated:
    return _mutated(page, cases, _compiled[-1])
