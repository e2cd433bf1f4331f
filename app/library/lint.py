"""Everything that is wrong with files, or could be better."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

from app.library.compile import examine
from app.library.deserted import check_deserted
from app.library.folder import survey_folder
from app.library.problems import Problem
from app.library.published import reserved
from app.library.rosters import AHEAD, check_rosters
from app.model.library import Library


def lint_folder(folder: Path, at: datetime | None = None) -> tuple[dict[str, str], list[Problem]]:
    """Give a folder's files and every problem of them, also where some are no text; OSError as `read_folder`.

    With a time, also what the schedules come to from then on, for a year.
    """
    files, problems = survey_folder(folder)
    library, found = examine(files)
    ahead = _ahead(library, at) if at is not None else ()
    return files, sorted([*problems, *found, *reserved(files), *ahead, *_nobody_is_paged(library, files)])


def lint(files: Mapping[str, str]) -> list[Problem]:
    """Give every problem of the files alone, in the order of path and line."""
    return examine(files)[1]


def _ahead(library: Library, at: datetime) -> Iterator[Problem]:
    yield from check_rosters(library, at, at + AHEAD)
    yield from check_deserted(library, at, at + AHEAD)


def _nobody_is_paged(library: Library, files: Mapping[str, str]) -> Iterator[Problem]:
    """Advise where an incident that no team owns would page nobody."""
    team = library.teams.get(library.rules.team)
    if library.rules.escalation or (team is not None and team.escalation) or not files:
        return
    manifests = [path for path in sorted(files) if path.endswith((".yaml", ".yml"))]
    yield Problem(
        (manifests or sorted(files))[0],
        1,
        1,
        "advice",
        "nobody is paged for an incident that no team owns: no escalation policy covers it",
        "name one in a manifest, as rules: {escalation: POLICY}",
    )
