"""A worker without a broker: what the web sees of a runtime, with everything set by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from app.model.library import Library
from app.road.ports import Outgoing
from app.settings import Settings


@dataclass
class FakeLog:
    """Keeps what is appended; `fault` is raised instead of an ack."""

    appended: list[Outgoing] = field(default_factory=list)
    fault: Exception | None = None

    async def append(self, messages: Sequence[Outgoing]) -> None:
        if self.fault is not None:
            raise self.fault
        self.appended.extend(messages)


@dataclass
class FakeLibraries:
    """Holds the libraries given; the first is in force."""

    known: list[Library] = field(default_factory=list)

    async def get(self, library_hash: str) -> Library:
        found = next((library for library in self.known if library.hash == library_hash), None)
        if found is None:
            raise TimeoutError
        return found

    def current(self) -> Library:
        if not self.known:
            raise RuntimeError("no library is in force yet")
        return self.known[0]


@dataclass
class FakeCounters:
    messages_in: int = 0
    signals_applied: int = 0
    outputs: int = 0
    timers_fired: int = 0


@dataclass
class FakeRuntime:
    settings: Settings = field(default_factory=Settings)
    log: FakeLog = field(default_factory=FakeLog)
    libraries: FakeLibraries = field(default_factory=FakeLibraries)
    counters: FakeCounters = field(default_factory=FakeCounters)
    state: tuple[bool, str] = (True, "")
    stuck: tuple[str, ...] = ()
    unanswered: str = ""
    lags: dict[tuple[str, int], int] = field(default_factory=dict)

    def ready(self) -> tuple[bool, str]:
        return self.state
