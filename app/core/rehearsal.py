"""The engine over several domains on virtual time, with nothing around it: notices are delivered at once, timers fire when due.

What `oncall runbook test`, dry runs and `oncall evaluate` stand on. It decides by `decide_batch` and by nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from app.core.decide import decide_batch
from app.core.identity import timer_identity
from app.core.notices import notice_signal
from app.core.record import empty, next_due
from app.model.base import to_instant
from app.model.incident import DomainRecord
from app.model.inputs import TimerFired, TimerSignal
from app.model.library import Library
from app.model.notices import Notice
from app.model.outputs import Output
from app.model.signals import Signal, SignalBatch
from app.model.timers import Timer
from app.model.words import Mode


def with_a_pager(library: Library) -> Library:
    """Give a library for rehearsals in which no pager takes part: every page counts as accepted."""
    return replace(library, rules=replace(library.rules, receipt_within=timedelta()))


@dataclass
class Rehearsal:
    """Domains and their time. Each thing that happens is one `signals` message."""

    library: Library
    now: datetime
    mode: Mode | None = None
    """The mode that a worker would be limited to."""
    libraries: dict[str, Library] = field(default_factory=dict)
    records: dict[str, DomainRecord] = field(default_factory=dict)
    log: list[tuple[SignalBatch, int, datetime]] = field(default_factory=list)
    """Every `signals` message, with its offset within its domain and its append time."""
    outputs: list[Output] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.publish(self.library)

    def publish(self, newer: Library) -> None:
        """Put a library in force."""
        self.library = newer
        self.libraries[newer.hash] = newer

    def record(self, domain: str) -> DomainRecord:
        """Give a domain's record."""
        return self.records.get(domain) or empty(domain)

    def apply(self, domain: str, *signals: Signal) -> list[Output]:
        """Decide signals of a domain, and all that domains then tell one another; give what came out."""
        given = self._decide(domain, *signals)
        for output in given:  # grows while it is gone through
            if isinstance(output, Notice):
                given += self._decide(output.domain, notice_signal(output))
        self.outputs += given
        return given

    def go_to(self, moment: datetime) -> None:
        """Let time pass; what falls due on the way happens when it is due."""
        target = to_instant(moment)
        while (found := self.next_timer()) is not None and found[1].due <= target:
            domain, timer = found
            self.now = max(self.now, timer.due)
            self.fire(domain, TimerFired(id=timer.id, due=timer.due, kind=timer.kind))
        self.now = max(self.now, target)

    def next_timer(self) -> tuple[str, Timer] | None:
        """Give the timer that is due first, with its domain."""
        due = [
            (domain, timer)
            for domain, record in self.records.items()
            if (timer := next_due(record)) is not None
        ]
        return min(due, key=lambda each: (each[1].due, each[0], each[1].id), default=None)

    def fire(self, domain: str, fired: TimerFired) -> list[Output]:
        """Let a timer come, due or not."""
        return self.apply(domain, Signal(identity=timer_identity(fired), body=TimerSignal(timer=fired)))

    def _decide(self, domain: str, *signals: Signal) -> list[Output]:
        record = self.record(domain)
        batch = SignalBatch(domain=domain, library=self.library.hash, mode=self.mode, signals=list(signals))
        offset = record.applied_offset + 1
        self.log.append((batch, offset, self.now))
        decision = decide_batch(record, batch, offset, self.now, self.libraries)
        self.records[domain] = decision.record
        return list(decision.outputs)
