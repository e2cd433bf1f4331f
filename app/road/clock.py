"""The worker's estimate of broker time. It only wakes timers: what comes of them is decided by append times."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from app.model.base import Instant, to_instant


def _wall() -> datetime:
    return datetime.now(UTC)


class BrokerClock:
    """The machine's monotonic clock, set by what brokers say.

    Until a broker has said anything the machine's wall clock stands in, and `is_set` is false. An ack bears the append time of this very
    moment and sets the clock; a message that is read was appended some time ago and can only push it forward.
    """

    def __init__(
        self,
        monotonic: Callable[[], float] = time.monotonic,
        wall: Callable[[], datetime] = _wall,
        *,
        is_set: bool = False,
    ) -> None:
        self.is_set = is_set
        """Whether a broker has said what time it is; true from the start where brokers never do."""
        self._monotonic = monotonic
        self._zero = wall() - timedelta(seconds=monotonic())

    def now(self) -> Instant:
        """Give the best estimate of broker time."""
        return to_instant(self._zero + timedelta(seconds=self._monotonic()))

    def acked(self, at: Instant) -> None:
        """Take in the append time of a message that was acked just now."""
        self._zero = at - timedelta(seconds=self._monotonic())
        self.is_set = True

    def seen(self, at: Instant) -> None:
        """Take in the append time of a message that was read just now."""
        self._zero = max(self._zero, at - timedelta(seconds=self._monotonic()))
