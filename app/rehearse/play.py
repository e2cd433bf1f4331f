"""A case, played to its end, and held against what it expects."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from app.model.library import Library
from app.rehearse.cases import Case
from app.rehearse.compare import Difference, compare
from app.rehearse.estate import control_for, library_for
from app.rehearse.facts import Facts
from app.rehearse.stage import Stage

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
"""When the alert of every case fires."""


@dataclass(frozen=True)
class Played:
    """What came of a case."""

    facts: Facts
    differences: tuple[Difference, ...]

    @property
    def is_good(self) -> bool:
        """Whether all was as expected."""
        return not self.differences


def play(case: Case, library: Library) -> Played:
    """Play a case to its end and hold what came against what it expects."""
    own = library_for(case.given, library, START)
    stage = Stage(case, own, control_for(case.given, case.page, own, START), START)
    stage.open()
    stage.run()
    found = [*_chosen(case, stage.facts), *stage.differences, *compare(case.expect, stage.facts)]
    return Played(stage.facts, tuple(found))


def _chosen(case: Case, facts: Facts) -> list[Difference]:
    """Say it where the alert selects another page, or none."""
    incident = facts.incident
    if case.given.by or incident is None or incident.runbook_id == case.page:
        return []
    words = f"{incident.runbook_id or 'none'} ({incident.runbook_reason})"
    return [Difference(case.line, "page of the alert", case.page, words)]
