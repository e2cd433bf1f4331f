"""What the faces of a worker may use of the stream: settings, the log, the libraries, and whether it is ready."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from app.library.topic import Shelf
from app.road.clock import BrokerClock
from app.road.failpoints import Hit
from app.road.liveness import Liveness, Place
from app.road.timekeeper import Timekeeper
from app.settings import Settings
from app.stream.library import LibraryTopic
from app.stream.log import KafkaLog
from app.stream.markers import Markers
from app.stream.places import Places
from app.stream.progress import GroupProgress
from app.stream.silences import Silences


@dataclass
class Counters:
    """What the worker has done since it started."""

    messages_in: int = 0
    """Input messages taken in."""
    signals_applied: int = 0
    """Messages of `signals` applied."""
    outputs: int = 0
    """Outputs committed."""
    timers_fired: int = 0
    """Timers put on `signals`."""


@dataclass
class Runtime:
    """One worker."""

    settings: Settings
    log: KafkaLog
    libraries: LibraryTopic
    silences: Silences
    timekeeper: Timekeeper
    clock: BrokerClock
    places: Places
    hit: Hit
    web_port: int
    """The port the web listens on, also where the settings left it open."""
    liveness: Liveness
    progress: GroupProgress
    markers: Markers
    counters: Counters = field(default_factory=Counters)
    probe: Callable[[], tuple[bool, str]] = lambda: (False, "the worker is starting")
    partitions: Callable[[], tuple[int, ...]] = lambda: ()
    """Gives the owned partitions of `signals`."""

    @property
    def stuck(self) -> tuple[str, ...]:
        """The partitions that do not get on, in words."""
        return self.liveness.stuck

    @property
    def unanswered(self) -> str:
        """That the brokers have not answered for long, in words; empty where they have."""
        return self.liveness.unanswered(time.monotonic())

    @property
    def lags(self) -> Mapping[Place, int]:
        """How many offsets of each owned partition are still to be taken."""
        return self.liveness.lags

    @property
    def shelf(self) -> Shelf:
        """Every library that was ever in force."""
        return self.libraries.shelf

    def ready(self) -> tuple[bool, str]:
        """Say whether the worker works on its partitions, and if not, why."""
        return self.probe()
