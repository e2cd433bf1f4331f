"""What a person sees on stderr while the demo runs: a line for each thing that happens, and how things stand below."""

from __future__ import annotations

from collections.abc import Iterable
from time import monotonic
from typing import Self

from rich.console import Console
from rich.status import Status
from rich.text import Text

from app.demo.story import Scenario
from app.model.incident import IncidentSnapshot
from app.model.outputs import IncidentEvent
from app.model.words import IncidentStatus

TOLD = {
    "IncidentOpened": "bold red",
    "RunbookSelected": "cyan",
    "RunbookNotSelected": "yellow",
    "StepStarted": "cyan",
    "StepSucceeded": "green",
    "StepAttemptFailed": "yellow",
    "StepFailed": "red",
    "StepTimedOut": "red",
    "StepBecameUnknown": "red",
    "StepRolledBack": "yellow",
    "StepHandedOver": "bold yellow",
    "StepReported": "blue",
    "ApprovalNeeded": "yellow",
    "ApprovalAsked": "bold yellow",
    "ApprovalRefused": "yellow",
    "StepApproved": "blue",
    "ExecutionCancelled": "yellow",
    "Escalated": "bold yellow",
    "EscalatedFurther": "bold yellow",
    "EscalationExhausted": "bold red",
    "AcknowledgementStale": "bold red",
    "IncidentAcknowledged": "blue",
    "IncidentMitigated": "green",
    "MitigationTakenBack": "yellow",
    "IncidentResolved": "bold green",
    "IncidentReopened": "bold red",
    "SeverityRaised": "red",
    "ChangeSuspected": "yellow",
}
"""Kinds of incident events that are worth a line, and their style."""
ENDED = (IncidentStatus.RESOLVED, IncidentStatus.CLOSED)


class Progress:
    """Says what happens; on a terminal that can, the last line stands still and counts."""

    def __init__(self, scenario: Scenario, console: Console | None = None) -> None:
        self.console = console or Console(stderr=True, highlight=False, soft_wrap=True)
        self._names = {story.domain: story.id for story in scenario.stories}
        self._began = monotonic()
        self._status: Status | None = None

    def __enter__(self) -> Self:
        if self.console.is_terminal and not self.console.is_dumb_terminal:
            self._status = self.console.status("starting")
            self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._status is not None:
            self._status.stop()
            self._status = None

    def begin(self) -> None:
        """Count the seconds from now on."""
        self._began = monotonic()

    def say(self, words: str) -> None:
        """Say something of the demo itself."""
        self.console.print(Text(words, style="bold"))
        if self._status is not None:
            self._status.update(Text(words))

    def tell(self, who: str, domain: str, what: str) -> None:
        """Say what somebody in the simulated world did."""
        self._line(who, domain, what, "dim")

    def event(self, event: IncidentEvent) -> None:
        """Say what the service decided, if it is worth a line."""
        style = TOLD.get(event.type)
        if style is not None:
            self._line("oncall", event.domain, f"{event.type} ({event.reason}) {event.text}".rstrip(), style)

    def count(self, incidents: Iterable[IncidentSnapshot], dead_letters: int) -> None:
        """Bring the standing line up to date."""
        if self._status is None:
            return
        known = list(incidents)
        over = sum(incident.status in ENDED for incident in known)
        alerts = sum(incident.alert_count for incident in known)
        self._status.update(
            Text(
                f"{self._seconds():.0f} s: {alerts} alerts, {len(known)} incidents, {over} over, "
                f"{dead_letters} dead letters"
            )
        )

    def _line(self, who: str, domain: str, what: str, style: str) -> None:
        name = self._names.get(domain, domain)
        self.console.print(Text(f"{self._seconds():6.1f}s  {who:<11} {name:<21} {what}", style=style))

    def _seconds(self) -> float:
        return monotonic() - self._began
