"""A runbook: a page that a person reads and the engine runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from app.model.expressions import Expression, Param, Template
from app.model.matchers import Match
from app.model.words import Mode, PageWhen, Phase

DEFAULT_BUDGET = timedelta(minutes=10)
DEFAULT_STEP_TIMEOUT = timedelta(minutes=1)


@dataclass(frozen=True)
class Retry:
    """How often a step is tried, and how long to wait between: `initial`, doubled each time if exponential, at most `maximum`."""

    attempts: int = 1
    exponential: bool = True
    initial: timedelta = timedelta(seconds=2)
    maximum: timedelta = timedelta(minutes=1)


@dataclass(frozen=True)
class Wait:
    """Wait until a condition holds, without a break for `hold`; give up after `timeout`."""

    until: Expression
    hold: timedelta
    timeout: timedelta


@dataclass(frozen=True)
class Step:
    """One step: an action or a wait."""

    id: str
    phase: Phase
    line: int
    """The line of its fence in the page, from 1."""
    action: str = ""
    """The action of the catalogue; empty for a wait."""
    params: Mapping[str, Param] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    condition: Expression | None = None
    """`if`: the step is skipped when it is false."""
    timeout: timedelta = DEFAULT_STEP_TIMEOUT
    retry: Retry = Retry()
    wait: Wait | None = None
    needs_approval: bool = False
    """`approval:` is there: this release hands such a step to a person."""
    secrets: tuple[str, ...] = ()


@dataclass(frozen=True)
class FollowUp:
    """A task for after the incident."""

    text: str
    owner: str = ""
    due: timedelta | None = None


@dataclass(frozen=True)
class Page:
    """When people are paged."""

    when: PageWhen
    after: timedelta = timedelta()


@dataclass(frozen=True)
class Runbook:
    """A page, read."""

    id: str
    title: str
    path: str
    """Where it is in the library, such as `kubernetes/pod-crash-looping.md`."""
    hash: str
    """The SHA-256 of its text, hex."""
    owner: str = ""
    match: Match = Match()
    priority: int = 0
    escalation: str = ""
    """The escalation policy to fall back on; the owning team's wins."""
    page: Page | None = None
    """None: by severity."""
    mode: Mode | None = None
    budget: timedelta = DEFAULT_BUDGET
    steps: tuple[Step, ...] = ()
    follow_ups: tuple[FollowUp, ...] = ()
    body: Template = Template("", ())
    """The Markdown below the front matter, with its expressions."""

    @property
    def is_checklist(self) -> bool:
        """Whether it has no step, so that only a person can follow it."""
        return not self.steps
