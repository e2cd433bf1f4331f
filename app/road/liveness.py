"""Whether the worker gets on: a partition whose lag grows while nothing of it is committed is stuck, however alive the rest is.

Brokers that do not answer are no standstill of ours, and a restart would not help; but nobody is paged meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from app.model.topics import SIGNALS

Place = tuple[str, int]
"""A topic, without the prefix, and a partition of it."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a partition is, as the brokers tell it."""

    committed: int
    """The next offset that the group will read."""
    end: int
    """The offset that the next message will get."""

    @property
    def lag(self) -> int:
        """How many offsets are still to be taken."""
        return max(0, self.end - self.committed)


def as_applied(seen: Mapping[Place, Progress], next_offsets: Mapping[int, int]) -> dict[Place, Progress]:
    """Give the progress with the worker's own offsets for `signals`, where a broker does not show those of transactions.

    `next_offsets` gives for each partition that is worked on the offset that is to be applied next. One that has none is left out.
    """
    return {
        (topic, partition): progress
        if topic != SIGNALS
        else replace(progress, committed=next_offsets[partition])
        for (topic, partition), progress in seen.items()
        if topic != SIGNALS or partition in next_offsets
    }


@dataclass(frozen=True, slots=True)
class _Standstill:
    since: float
    progress: Progress
    """As it was then."""


@dataclass(slots=True)
class Liveness:
    """What was seen of each owned partition. Times are seconds of any clock that never goes back."""

    stuck_after: float
    """For how many seconds nothing may be committed while the lag grows."""
    _still: dict[Place, _Standstill] = field(default_factory=dict)
    lags: dict[Place, int] = field(default_factory=dict)
    """The lag of each partition, as seen last."""
    stuck: tuple[str, ...] = ()
    """The partitions that are stuck, in words, as seen last."""
    _asked: float | None = None
    """Since when the brokers owe an answer."""

    def forget(self) -> None:
        """Begin anew: while partitions are handed over or tables recovered, standing still is no fault."""
        self._still, self.lags, self.stuck, self._asked = {}, {}, (), None

    def ask(self, now: float) -> None:
        """Note that the brokers are asked how far the partitions are; `see` is their answer."""
        if self._asked is None:
            self._asked = now

    def unanswered(self, now: float) -> str:
        """Say in words that the brokers have not answered for too long; empty where they have."""
        waited = 0.0 if self._asked is None else now - self._asked
        return f"the brokers have not answered for {waited:.0f} s" if waited >= self.stuck_after else ""

    def see(self, now: float, seen: Mapping[Place, Progress]) -> None:
        """Take in how far the owned partitions are; those that are not among them are not ours any more.

        The end of an input topic may be a transaction's marker, which nobody can take: so a lag that does not grow is no sign.
        """
        self._asked = None
        still = {}
        for place, progress in seen.items():
            before = self._still.get(place)
            moved = (
                before is None or before.progress.committed != progress.committed or not before.progress.lag
            )
            still[place] = _Standstill(now, progress) if moved or before is None else before
        self._still, self.lags = still, {place: progress.lag for place, progress in seen.items()}
        self.stuck = tuple(
            f"{topic}/{partition}: {progress.lag} messages wait, and none was taken for {now - was.since:.0f} s"
            f" (the next is at offset {progress.committed})"
            for (topic, partition), progress in sorted(seen.items())
            if progress.end > (was := still[topic, partition]).progress.end
            and now - was.since >= self.stuck_after
        )
