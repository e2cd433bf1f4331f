"""A case: what is given, what executors answer, what happens then, and what is expected. Times count from the alert."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any

from app.model.base import Values
from app.model.words import AnswerStatus, Mode, ResponseKind

ANSWER_DELAY = timedelta(seconds=1)
"""How long an executor takes where a case does not say it."""


class Standing(StrEnum):
    """How automation stands when the case begins, where it is not simply free."""

    PAUSED = "paused"
    BREAKER_OPEN = "breaker-open"
    NOT_EARNED = "not-earned"
    FROZEN = "frozen"
    NOBODY_TRUSTED = "nobody-trusted"


@dataclass(frozen=True)
class PastChange:
    """A system event."""

    type: str
    service: str
    summary: str = ""
    ago: timedelta = timedelta(minutes=10)
    """How long before the alert, for one that is given."""


@dataclass(frozen=True)
class Given:
    """What holds when the case begins."""

    labels: Mapping[str, str] = field(default_factory=dict)
    """Of the alert that opens the incident; `alertname` and `severity` among them."""
    annotations: Mapping[str, str] = field(default_factory=dict)
    others: tuple[Mapping[str, str], ...] = ()
    """Labels of further alerts that fire with it, over those of the first."""
    changes: tuple[PastChange, ...] = ()
    mode: Mode | None = None
    """None: the page's own, else auto."""
    standing: frozenset[Standing] = frozenset()
    by: str = ""
    """The person who runs the page by hand; empty: the alert selects it."""
    inputs: Values = field(default_factory=dict)
    """What that person gives it."""


@dataclass(frozen=True)
class Answer:
    """What an executor answers to an attempt."""

    status: AnswerStatus | None = AnswerStatus.SUCCEEDED
    """None: it keeps silent."""
    output: Values = field(default_factory=dict)
    reason: str = ""
    after: timedelta = ANSWER_DELAY
    retryable: bool = False
    finds: Mapping[str, Any] = field(default_factory=dict)
    """Facts about the target: it refuses where a precondition says otherwise."""


@dataclass(frozen=True)
class Outcome:
    """A status, and the reason where it matters."""

    status: str
    reason: str = ""

    def __str__(self) -> str:
        """Give it as cases write it."""
        return f"{self.status} ({self.reason})" if self.reason else self.status


@dataclass(frozen=True)
class Sent:
    """A command that is expected."""

    name: str
    """The step; `cancel STEP`, `dry-run STEP`; `*` for any number of others."""
    params: Mapping[str, Any] = field(default_factory=dict)
    """Those parameters that matter."""


@dataclass(frozen=True)
class Expectation:
    """What must be so; what is None or empty does not matter."""

    line: int
    commands: tuple[Sent, ...] | None = None
    """All of them, in order."""
    steps: Mapping[str, Outcome] = field(default_factory=dict)
    outcome: Outcome | None = None
    """Of the page's execution."""
    incident: Outcome | None = None
    pages: tuple[str, ...] | None = None
    """Why people are called, each time, in order."""
    outputs: Values = field(default_factory=dict)
    within: timedelta | None = None
    lines: Mapping[str, int] = field(default_factory=dict)
    """Where in the file each of them is said."""


@dataclass(frozen=True)
class Wish:
    """A person does something."""

    who: str
    kind: ResponseKind
    step: str = ""
    failed: bool = False
    """For a report: that it went wrong."""
    output: Values = field(default_factory=dict)
    overall: bool = False
    """It concerns all automation."""
    in_vain: bool = False
    """It must be refused."""


@dataclass(frozen=True)
class AlertNews:
    """Alerts fire or are resolved: those that bear the labels."""

    fires: bool
    labels: Mapping[str, str] = field(default_factory=dict)


Event = Wish | AlertNews | PastChange | Expectation


@dataclass(frozen=True)
class Happening:
    """Something at a moment of the case."""

    at: timedelta
    line: int
    words: str
    event: Event


@dataclass(frozen=True)
class Case:
    """One case of a page."""

    name: str
    page: str
    """The runbook's id."""
    path: str
    line: int
    given: Given
    answers: Mapping[str, tuple[Answer, ...]]
    """Step to its answers, one an attempt; the last holds for all further attempts."""
    then: tuple[Happening, ...]
    expect: Expectation
