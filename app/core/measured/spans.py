"""The span that is measured, and how lengths of time are summed up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Window:
    """From (included) to (excluded), both in UTC."""

    start: datetime
    end: datetime

    def holds(self, moment: datetime | None) -> bool:
        """Say whether the moment is within."""
        return moment is not None and self.start <= moment < self.end


def spread(lengths: Iterable[timedelta]) -> dict[str, float]:
    """Give the median and the 90th percentile by nearest rank, in seconds; nothing for nothing."""
    ordered = sorted(lengths)
    if not ordered:
        return {}
    return {
        "median_seconds": _rank(ordered, 50).total_seconds(),
        "p90_seconds": _rank(ordered, 90).total_seconds(),
    }


def _rank(lengths: Sequence[timedelta], percent: int) -> timedelta:
    return lengths[-(-len(lengths) * percent // 100) - 1]
