"""What the handlers share: the worker, the read model, the clock of the wall, and the counters of the web itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from app.core.served import Unserved, actions_of, unserved
from app.model.library import Library
from app.web.connectors import Connectors
from app.web.metrics import Counters
from app.web.ports import Runtime
from app.web.problems import Unavailable
from app.web.read_model import Incidents
from app.web.standings import Standings


def wall_clock() -> datetime:
    """The time now, in UTC: for ages and windows on the screen; nothing is decided by it."""
    return datetime.now(tz=UTC)


@dataclass(frozen=True)
class State:
    """The worker as the handlers see it."""

    runtime: Runtime
    incidents: Incidents
    standings: Standings = field(default_factory=Standings)
    connectors: Connectors = field(default_factory=Connectors)
    now: Callable[[], datetime] = wall_clock
    counters: Counters = field(default_factory=Counters)

    def ready(self) -> tuple[bool, str]:
        """Say whether tables are recovered, the brokers answer and the read models have caught up; in words what it does or why not."""
        recovered, words = self.runtime.ready()
        if not recovered:
            return False, words
        if self.runtime.unanswered:
            return False, self.runtime.unanswered
        behind = next((each.why_not for each in (self.incidents, self.standings) if not each.ready), None)
        return (True, words) if behind is None else (False, behind)

    def well(self) -> bool:
        """Say whether the worker gets on and is ready: what `/healthz` and `/readyz` tell."""
        return not self.runtime.stuck and self.ready()[0]

    def require_read_model(self) -> None:
        """Let a view through that shows incidents.

        Raises:
            Unavailable: not all of them are known yet, so that an answer would mislead.

        """
        if not self.incidents.ready:
            raise Unavailable(f"The incidents are being read: {self.incidents.why_not}.")

    def require_standings(self) -> None:
        """Let a view through that says how automation stands.

        Raises:
            Unavailable: it is not known yet.

        """
        if not self.standings.ready:
            raise Unavailable(f"How automation stands is being read: {self.standings.why_not}.")

    def unserved(self) -> Unserved | None:
        """Say which commands no connector carries out, as far as they announce themselves; None while it is not known."""
        library = self.library()
        if library is None or not self.connectors.ready:
            return None
        return unserved(self.connectors.all(), actions_of(library.runbooks.values()), self.now())

    def library(self) -> Library | None:
        """The library in force; None while none is known."""
        try:
            return self.runtime.libraries.current()
        except RuntimeError:  # that is how the worker says that it is starting
            return None
