"""A runbook: a page that a person reads and the engine runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from app.model.expressions import Expression, Param, Template
from app.model.matchers import Match
from app.model.words import Mode, Otherwise, PageWhen, Phase

DEFAULT_BUDGET = timedelta(minutes=10)
DEFAULT_STEP_TIMEOUT = timedelta(minutes=1)
DEFAULT_APPROVAL_TIMEOUT = timedelta(minutes=15)
DEFAULT_MANUAL_TIMEOUT = timedelta(hours=1)


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
class Approval:
    """Who must agree before a step acts."""

    sources: tuple[str, ...] = ()
    """Teams (by id) and people (`user:ID`) of whom anyone may agree; none: the page's owner, else the incident's team."""
    count: int = 1
    """How many different people must agree."""
    timeout: timedelta = DEFAULT_APPROVAL_TIMEOUT
    otherwise: Otherwise = Otherwise.ESCALATE


@dataclass(frozen=True)
class ForEach:
    """One attempt for each item of a list, so many at once."""

    items: Expression
    concurrency: int = 1


@dataclass(frozen=True)
class Probe:
    """How to find out what became of a change that did not answer."""

    step: Step
    """The look: `ID.probe`, a read."""
    done: Expression
    """Over `output`: whether the change was carried out."""


@dataclass(frozen=True)
class Step:
    """One step: an action, a wait, something a person does, or another runbook."""

    id: str
    phase: Phase
    line: int
    """The line of its fence in the page, from 1."""
    action: str = ""
    """The action of the catalogue; empty for the other kinds."""
    params: Mapping[str, Param] = field(default_factory=dict)
    """Parameters of the action, or inputs of the runbook that is used."""
    needs: tuple[str, ...] = ()
    condition: Expression | None = None
    """`if`: the step is skipped when it is false."""
    decides_on: frozenset[str] = frozenset()
    """Needs whose status the condition reads: when one was skipped, the condition decides and not the skipping."""
    timeout: timedelta = DEFAULT_STEP_TIMEOUT
    retry: Retry = Retry()
    wait: Wait | None = None
    manual: Template | None = None
    """What a person is to do."""
    uses: str = ""
    """Another runbook."""
    approval: Approval | None = None
    precondition: Mapping[str, Param] = field(default_factory=dict)
    """Facts about the target that the executor checks when it acts; it refuses where one is otherwise."""
    foreach: ForEach | None = None
    outputs: Mapping[str, Expression] = field(default_factory=dict)
    """Named values out of `output`, for later steps."""
    continue_on_error: bool = False
    """A failure is noted and the page goes on."""
    probe: Probe | None = None
    rollback: Step | None = None
    """`ID.rollback`: takes the step back when mitigation fails."""
    on_failure: bool = False
    """The step is only for when the execution fails."""
    dry_run: bool = False
    """The executor is to say what it would do."""
    secrets: tuple[str, ...] = ()


@dataclass(frozen=True)
class Input:
    """What a runbook is given."""

    name: str
    type: str = "string"
    """string | integer | number | boolean | list | map."""
    required: bool = True
    default: Param = None
    """A value or template, over `incident` and `trigger`; None: there is none."""
    description: str = ""


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
    inputs: Mapping[str, Input] = field(default_factory=dict)
    outputs: Mapping[str, Expression] = field(default_factory=dict)
    """What a page that uses this one gets, over the names of this one."""
    steps: tuple[Step, ...] = ()
    follow_ups: tuple[FollowUp, ...] = ()
    body: Template = Template("", ())
    """The Markdown below the front matter, with its expressions."""

    @property
    def is_checklist(self) -> bool:
        """Whether it has no step, so that only a person can follow it."""
        return not self.steps

    def step(self, step_id: str) -> Step:
        """Give a step by the id of its run: `undo`, `restart[2]` (one of a foreach), `undo.probe`, `undo.rollback`.

        Raises:
            KeyError: the page has no such step.

        """
        name, _, part = step_id.partition(".")
        base = name.partition("[")[0]
        for step in self.steps:
            if step.id == base:
                found = {
                    "": step,
                    "probe": step.probe.step if step.probe else None,
                    "rollback": step.rollback,
                }.get(part)
                if found is not None:
                    return found
        raise KeyError(step_id)
