"""A run of a runbook, and its steps."""

from __future__ import annotations

from pydantic import Field

from app.model.base import Frozen, Instant, Value, Values
from app.model.evidence import AlertView
from app.model.words import ExecutionStatus, Gate, Mode, Phase, StepStatus


class StepRun(Frozen):
    """A step of an execution."""

    step: str
    """The step's id in the runbook; one of a `foreach` is `restart[0]`, a probe `undo.probe`, a compensation `undo.rollback`."""
    phase: Phase
    """Its phase."""
    status: StepStatus = StepStatus.PENDING
    """Where it stands."""
    reason: str = ""
    """Why it stands there, by name."""
    detail: str = ""
    """The same in words."""
    attempt: int = 0
    """The newest attempt; 0 before the first."""
    command_id: str = ""
    """The newest attempt's command."""
    object_id: str = ""
    """The step's object id, equal over its attempts."""
    effect: str = ""
    """The effect of what was done: that of its action (of a dry run: read), or of the runbook that it uses; empty for a wait."""
    output: Values = Field(default_factory=dict)
    """What came out of it."""
    started_at: Instant | None = None
    """When its first attempt was decided."""
    ended_at: Instant | None = None
    """When it was over."""
    holds_since: Instant | None = None
    """For a wait: since when its condition holds."""
    item: Value = None
    """For one of a `foreach`: its item."""
    outputs: Values = Field(default_factory=dict)
    """The values that the page names of its output."""
    gate: Gate = Gate.NONE
    """What it waits for before it goes on: quiet, approval, permit, person."""
    permit_id: str = ""
    """The permit of the newest attempt."""
    is_permitted: bool = False
    """Whether that permit was granted."""
    approval_id: str = ""
    """The object id of the approval that was asked for; bound to execution, step, attempt and parameters."""
    approval_due: Instant | None = None
    """Until when people may agree."""
    must_ask: bool = False
    """Whether people must agree although neither page nor mode says so."""
    approved_by: list[str] = Field(default_factory=list)
    """The people who agreed."""
    child_id: str = ""
    """The execution of the runbook that the step uses."""


class Execution(Frozen):
    """A run of a runbook, pinned to the page's content hash."""

    id: str
    """A UUIDv5."""
    runbook_id: str
    """The runbook."""
    runbook_hash: str
    """The content hash of its page."""
    library: str
    """The hash of the library that holds the page."""
    trigger: AlertView
    """The alert that selected the page."""
    mode: Mode
    """The mode it runs in, for its life."""
    status: ExecutionStatus = ExecutionStatus.RUNNING
    """Where it stands."""
    reason: str = ""
    """Why it ended so, by name."""
    phase: Phase = Phase.DIAGNOSIS
    """The phase it is in."""
    steps: list[StepRun] = Field(default_factory=list)
    """Its steps, in the page's order."""
    started_at: Instant
    """When it was started."""
    ended_at: Instant | None = None
    """When it was over."""
    requested_by: str = "engine"
    """Who asked for it: `engine`, a person of the catalog, or `provider:id` where nothing that is trusted says who it was."""
    inputs: Values = Field(default_factory=dict)
    """What it was given."""
    outputs: Values = Field(default_factory=dict)
    """What it gives to the page that uses it."""
    parent_id: str = ""
    """The execution whose step uses this one."""
    parent_step: str = ""
    """That step."""
    is_paused: bool = False
    """Whether a person paused it."""
    budget_left: float | None = None
    """Seconds of its time budget that are left, while it waits for people and the clock stands still."""
    failing: str = ""
    """Why it is about to end as failed, while compensations and the steps for that case are under way."""
    failed_step: str = ""
    """The step that failed it."""
