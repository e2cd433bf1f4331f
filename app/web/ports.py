"""What the web needs of the worker it lives in; app.stream's runtime is one, tests bring their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from app.road.ports import Libraries, Log
from app.settings import Settings


class WorkerCounters(Protocol):
    """What the worker has done since it started."""

    messages_in: int
    signals_applied: int
    outputs: int
    timers_fired: int


class Runtime(Protocol):
    """The worker, as the web sees it."""

    @property
    def settings(self) -> Settings:
        """The worker's settings."""

    @property
    def log(self) -> Log:
        """Appends to input topics, awaiting the broker's ack."""

    @property
    def libraries(self) -> Libraries:
        """The libraries that are or were in force."""

    @property
    def counters(self) -> WorkerCounters:
        """What the worker has done since it started."""

    @property
    def unanswered(self) -> str:
        """That the brokers have not answered for long, in words; empty where they have."""

    @property
    def stuck(self) -> Sequence[str]:
        """The partitions that do not get on, in words."""

    @property
    def lags(self) -> Mapping[tuple[str, int], int]:
        """How many offsets of each owned partition (topic and number) are still to be taken."""

    def ready(self) -> tuple[bool, str]:
        """Say whether the tables are recovered, and if not, why."""
