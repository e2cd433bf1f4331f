"""What is wrong with a library, where, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Literal


@dataclass(frozen=True, order=True)
class Problem:
    """A mistake (`error`) or a piece of `advice`; line and column count from 1."""

    path: str
    line: int
    column: int
    level: Literal["error", "advice"]
    message: str
    mend: str = ""

    def __str__(self) -> str:
        """Give it as editors and people read it."""
        words = f"{self.path}:{self.line}:{self.column}: {self.level}: {self.message}"
        return f"{words}; {self.mend}" if self.mend else words


class LibraryError(ValueError):
    """Files that are no valid library; `problems` holds every mistake."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


@dataclass
class Findings:
    """Collects what is found in one file."""

    path: str
    problems: list[Problem] = field(default_factory=list)
    values: int = 0
    """How many YAML values were read of the file."""

    def error(self, place: tuple[int, int], message: str, mend: str = "") -> None:
        """Note a mistake at (line, column)."""
        self.problems.append(Problem(self.path, *place, "error", message, mend))

    def advise(self, place: tuple[int, int], message: str, mend: str = "") -> None:
        """Note a piece of advice at (line, column)."""
        self.problems.append(Problem(self.path, *place, "advice", message, mend))

    def soften(self) -> None:
        """Turn every mistake so far into advice."""
        self.problems = [replace(problem, level="advice") for problem in self.problems]


def suggest(word: str, known: Iterable[str]) -> str:
    """Give the mend for an unknown word: the nearest known one, else all of them."""
    words = list(known)
    near = get_close_matches(word, words, n=1)
    return f"did you mean {near[0]!r}?" if near else f"one of: {', '.join(words)}"
