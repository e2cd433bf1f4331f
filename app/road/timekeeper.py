"""The timekeeper: knows when the timers of its partitions fall due, and says so on the log until the log has answered."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from app.core.identity import timer_identity
from app.model.base import Instant
from app.model.incident import DomainRecord
from app.model.inputs import TimerFired, TimerSignal
from app.model.signals import Signal, SignalBatch, Source
from app.model.timers import Timer
from app.model.topics import SIGNALS
from app.model.words import Mode
from app.road.ports import Clock, Libraries, Log, Outgoing

AGAIN_AFTER = timedelta(seconds=3)
"""How long a timer that was put on the log may stay in its record before it is put there again; each time twice as long."""
_SELDOM = timedelta(seconds=60)
"""The longest of that: a partition that lags, or whose engine fails on a timer, must not drown in repeats."""
_HELD = 64
"""How many of a domain's timers, the earliest, are held; the others are learnt when these are gone."""

TIMERS = "timers"
"""The source of signals that the timekeeper makes."""


@dataclass(frozen=True, slots=True)
class _Asked:
    again: Instant
    """When to put it on the log again."""
    waited: timedelta = timedelta()
    """How long that is after it was put there; nothing where it came too early."""


@dataclass(slots=True)
class _Entry:
    partition: int
    timers: tuple[Timer, ...]
    asked: dict[tuple[str, Instant], _Asked] = field(default_factory=dict)
    """Timers that are on the log already."""

    def wake(self) -> Instant:
        return min(self._wake_of(timer) for timer in self.timers)

    def due(self, now: Instant) -> tuple[Timer, ...]:
        return tuple(timer for timer in self.timers if self._wake_of(timer) <= now)

    def _wake_of(self, timer: Timer) -> Instant:
        asked = self.asked.get((timer.id, timer.due))
        return asked.again if asked is not None else timer.due


@dataclass(frozen=True, slots=True)
class Due:
    """The timers of one domain that have fallen due."""

    domain: str
    partition: int
    timers: tuple[Timer, ...]


class Timekeeper:
    """One entry for each domain with timers, of the partitions this worker owns."""

    def __init__(self) -> None:
        self._entries: dict[str, _Entry] = {}
        self._heap: list[tuple[Instant, str]] = []

    def __len__(self) -> int:
        return len(self._entries)

    def learn(self, partition: int, record: DomainRecord) -> None:
        """Take in what the table holds now: all timers of the record, and no others of its domain."""
        earliest = heapq.nsmallest(_HELD, record.timers.values(), key=lambda timer: (timer.due, timer.id))
        if not earliest:
            self._entries.pop(record.domain, None)
            return
        old = self._entries.get(record.domain)
        entry = _Entry(partition, tuple(earliest))
        if old is not None:
            held = {(timer.id, timer.due) for timer in earliest}
            entry.asked = {key: again for key, again in old.asked.items() if key in held}
        self._put(record.domain, entry)

    def forget(self, partition: int) -> None:
        """Drop the entries of a partition that is no longer ours."""
        self._entries = {
            domain: entry for domain, entry in self._entries.items() if entry.partition != partition
        }

    def due(self, now: Instant) -> Iterator[Due]:
        """Give what is due and not on the log yet (or for too long), domain by domain."""
        given: set[str] = set()  # a domain that was learnt twice with the same wake is in the heap twice
        while self._heap and self._heap[0][0] <= now:
            wake, domain = heapq.heappop(self._heap)
            entry = self._entries.get(domain)
            if entry is not None and entry.wake() == wake and domain not in given:
                given.add(domain)
                yield Due(domain, entry.partition, entry.due(now))

    def earliest(self) -> Iterator[Due]:
        """Give the timer that is to be woken first, due or not; none if there is none."""
        entries = ((entry.wake(), domain, entry) for domain, entry in self._entries.items())
        found = min(entries, key=lambda each: each[:2], default=None)
        if found is not None:
            wake, domain, entry = found
            yield Due(domain, entry.partition, entry.due(wake))

    def sent(self, due: Due, now: Instant) -> None:
        """Note that these are on the log: give them again if the table still holds them a few seconds from now, then ever more seldom.

        One that came too early by the clock as it is now set is given again at its due time.
        """
        entry = self._entries.get(due.domain)
        if entry is None:
            return
        for timer in due.timers:
            key = (timer.id, timer.due)
            entry.asked[key] = _Asked(timer.due) if now < timer.due else _again(entry.asked.get(key), now)
        self._put(due.domain, entry)

    def _put(self, domain: str, entry: _Entry) -> None:
        self._entries[domain] = entry
        heapq.heappush(self._heap, (entry.wake(), domain))
        if len(self._heap) > 1_000 + 4 * len(
            self._entries
        ):  # entries that were replaced leave the heap in bulk
            self._heap = [(entry.wake(), domain) for domain, entry in self._entries.items()]
            heapq.heapify(self._heap)


def _again(before: _Asked | None, now: Instant) -> _Asked:
    waited = min(2 * before.waited, _SELDOM) if before is not None else timedelta()
    waited = max(waited, AGAIN_AFTER)
    return _Asked(now + waited, waited)


async def fire_due(
    timekeeper: Timekeeper,
    clock: Clock,
    log: Log,
    libraries: Libraries,
    mode: Mode | None,
    encode: Callable[[SignalBatch], bytes],
) -> int:
    """Put every due timer on `signals`; give how many domains had one.

    A worker whose clock no broker has set yet may be hours slow, and hear of it from nobody. So it puts one timer on the
    log that is not due: that changes nothing, and its ack sets the clock.
    """
    due = list(timekeeper.due(clock.now()))
    if not due and not clock.is_set:
        due = list(timekeeper.earliest())
    if due:
        library = libraries.current().hash
        await log.append([_message(found, library, mode, encode) for found in due])
        for found in due:
            timekeeper.sent(found, clock.now())
    return len(due)


def _message(due: Due, library: str, mode: Mode | None, encode: Callable[[SignalBatch], bytes]) -> Outgoing:
    fired = [TimerFired(id=timer.id, due=timer.due, kind=timer.kind) for timer in due.timers]
    signals = [
        Signal(identity=timer_identity(timer), source=Source(topic=TIMERS), body=TimerSignal(timer=timer))
        for timer in fired
    ]
    batch = SignalBatch(domain=due.domain, library=library, mode=mode, signals=signals)
    return Outgoing(SIGNALS, due.domain.encode(), encode(batch), partition=due.partition)
