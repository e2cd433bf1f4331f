"""Everything that is wrong with files, or could be better."""

from __future__ import annotations

from collections.abc import Mapping

from app.library.compile import examine
from app.library.problems import Problem


def lint(files: Mapping[str, str]) -> list[Problem]:
    """Give every problem of the files, in the order of path and line."""
    return examine(files)[1]
