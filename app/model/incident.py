"""An incident: what everybody may see of it (the snapshot), and what the engine remembers besides."""

from __future__ import annotations

from pydantic import Field

from app.model.base import Frozen, Instant, Value, Values
from app.model.control import Control
from app.model.inputs import Actor, AlertSignal
from app.model.quiet import Quiet
from app.model.timers import Timer
from app.model.words import (
    AlertStatus,
    EscalationStatus,
    ExecutionStatus,
    Gate,
    IncidentStatus,
    Mode,
    Phase,
    Severity,
    StepStatus,
    Urgency,
)


class AlertView(Frozen):
    """An alert of an incident as people and expressions see it."""

    fingerprint: str
    """The hash of its label set."""
    name: str
    """Its `alertname`."""
    status: AlertStatus
    """Whether it fires."""
    severity: Severity
    """Its severity."""
    service: str = ""
    """Its service of the catalog."""
    labels: dict[str, str]
    """Its labels."""
    annotations: dict[str, str] = Field(default_factory=dict)
    """Its annotations."""
    starts_at: Instant | None = None
    """When it began, by its source."""
    ends_at: Instant | None = None
    """When it ended, by its source."""
    generator_url: str = ""
    """Where its source shows it."""


class Change(Frozen):
    """A system event that may have caused the incident."""

    id: str
    """The event's id."""
    type: str
    """The event's type."""
    service: str = ""
    """The service it concerns."""
    subject: str = ""
    """What it happened to."""
    summary: str = ""
    """One line for people."""
    at: Instant
    """When it reached us, by broker time."""
    happened_at: Instant | None = None
    """When it happened, by broker time: what its source says, set right by how late its news usually is."""


class Suspect(Frozen):
    """How likely a system event caused the incident, and why."""

    change_id: str
    """The event's id; the event itself is among `changes`."""
    score: float
    """From 0 to 1; of two the higher is likelier."""
    reasons: list[str] = Field(default_factory=list)
    """Why, in words: its place, its time, its type."""


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


class Escalation(Frozen):
    """One page to one target."""

    id: str
    """A UUIDv5; the `object_id` of its commands."""
    policy: str
    """The escalation policy."""
    level: int
    """The level, from 1."""
    target: str
    """Whom: `user:alice`, `schedule:platform`, `channel:#ops`."""
    person_id: str = ""
    """The person, where it is known."""
    contact_ref: str = ""
    """The reference to the person's address."""
    status: EscalationStatus = EscalationStatus.NOTIFIED
    """Where it stands."""
    reason: str
    """Why it was made, by name."""
    notified_at: Instant | None = None
    """When the page was decided."""
    ack_by: Instant | None = None
    """When an acknowledgement was due."""
    acknowledged_at: Instant | None = None
    """When somebody acknowledged."""
    acknowledged_by: Actor | None = None
    """Who acknowledged."""
    revision: int = 1
    """The newest command's revision."""
    service: str = ""
    """The second service whose owner it is for; empty: it is for the incident's own."""


class TimelineEntry(Frozen):
    """A line of the timeline; each is an incident event as well."""

    seq: int
    """The event's number in the incident."""
    at: Instant
    """When, by broker time."""
    type: str
    """What happened."""
    reason: str
    """Why, by name."""
    text: str = ""
    """The same for people."""
    actor: Actor | None = None
    """Who did it, where somebody did."""


class IncidentSnapshot(Frozen):
    """The newest state of an incident, for any read model."""

    schema_version: int = 1
    """The version of this schema."""
    id: str
    """A UUIDv5; the message's key."""
    version: int = 0
    """Rises with each snapshot; keep the highest."""
    domain: str
    """The correlation domain."""
    status: IncidentStatus = IncidentStatus.TRIGGERED
    """Where it stands."""
    reason: str = ""
    """Why it stands there, by name."""
    title: str
    """One line for people."""
    severity: Severity
    """The worst severity of its alerts so far."""
    urgency: Urgency
    """Whether somebody must act now."""
    environment: str = ""
    """The environment."""
    service: str = ""
    """The probable root, a service of the catalog; empty where it knows none. It moves when evidence turns."""
    team: str = ""
    """The team that owns it."""
    mode: Mode
    """The mode of its pages, tickets, chat and documents, for its life."""
    opened_at: Instant
    """When it was opened, by broker time."""
    acknowledged_at: Instant | None = None
    """When it was first acknowledged."""
    mitigated_at: Instant | None = None
    """When a mitigation was done."""
    resolved_at: Instant | None = None
    """When it was resolved; unset again if it is reopened."""
    settles_at: Instant | None = None
    """When it is resolved unless an alert fires again, while all its alerts are over."""
    closed_at: Instant | None = None
    """When its reopen window ended."""
    reopened: int = 0
    """How often it was reopened."""
    merged_into: str = ""
    """The incident that goes on in its place, where a person merged it."""
    labels: dict[str, str] = Field(default_factory=dict)
    """The labels common to all its alerts."""
    firing: int = 0
    """How many of its alerts fire now."""
    flapping: int = 0
    """How many of its alerts flap now; while they do they count as firing."""
    alert_count: int = 0
    """How many alerts it ever had."""
    approximate: bool = False
    """Whether the counts are approximate, because it has more alerts than are held exactly."""
    alerts: list[AlertView] = Field(default_factory=list)
    """Its alerts, or a sample of them: the first 50."""
    reports: list[str] = Field(default_factory=list)
    """What people reported, the first 20."""
    responders: list[str] = Field(default_factory=list)
    """People who are on it."""
    changes: list[Change] = Field(default_factory=list)
    """System events that may have caused it."""
    runbook_id: str = ""
    """The runbook that was selected; empty if none was."""
    runbook_reason: str = ""
    """Why that one, or why none, by name."""
    executions: list[Execution] = Field(default_factory=list)
    """The runs of runbooks."""
    escalations: list[Escalation] = Field(default_factory=list)
    """The pages."""
    refs: dict[str, str] = Field(default_factory=dict)
    """What outside systems call our objects: kind of command to external key."""
    document_path: str = ""
    """Where its document is."""
    timeline: list[TimelineEntry] = Field(default_factory=list)
    """The newest 200 lines of its timeline; all of them are on incident-events."""
    feedback: str = ""
    """Whether people said the runbook was right: `right`, `wrong`, or empty."""
    automation_off: bool = False
    """Whether a person took over: nothing is started any more, and the page is a checklist."""
    root_reasons: list[str] = Field(default_factory=list)
    """Why `service` is the probable root, in words."""
    suspects: list[Suspect] = Field(default_factory=list)
    """The changes that may have caused it, the likeliest first, at most 5."""


class Member(Frozen):
    """What the engine remembers of every alert of an incident, also of those beyond the sample."""

    f: bool
    """Whether it fires."""
    s: Instant | None = None
    """When it began, by its source."""
    e: int | None = None
    """When it counts as over unless it is repeated, in seconds after its incident was opened; unset: its source tells its end."""
    m: bool = False
    """Whether only a person ends it."""


class Affected(Frozen):
    """What the engine remembers of a service that an incident affects. Times are those of the source, within reason."""

    first: Instant
    """When the first of its alerts began."""
    last: Instant
    """When the newest of its alerts began."""
    count: int = 0
    """How often its alerts fired."""
    severity: Severity = Severity.NONE
    """The worst of them."""
    machine: str = ""
    """The machine that its alerts name; `several` if they name more than one."""
    paged: bool = False
    """Whether its owner was paged for it."""


class Incident(IncidentSnapshot):
    """An incident with what only the engine needs."""

    seq: int = 0
    """The newest event's number."""
    members: dict[str, Member] = Field(default_factory=dict)
    """Fingerprint to what is held of the alert; at most 4,096."""
    overflow_firing: int = 0
    """How many alerts beyond those held fire, approximately."""
    taken_up: bool = False
    """Whether a person took it up again and none of its alerts fired since: it is not over by itself."""
    heard_at: Instant | None = None
    """When any of its alerts was heard of last, where the rules want to know."""
    settling_runs: list[str] = Field(default_factory=list)
    """The executions that stand still until it has settled."""
    revisions: dict[str, int] = Field(default_factory=dict)
    """Object id to the newest command's revision."""
    ticket_id: str = ""
    """The ticket's object id; empty while there is none."""
    affected: dict[str, Affected] = Field(default_factory=dict)
    """The services that its alerts and reports concern, the first 64; of none: under an empty name."""
    entities: dict[str, Instant] = Field(default_factory=dict)
    """The things that its alerts name, with when they last fired; the 128 newest."""
    home: str = ""
    """The service that it was opened for: its conversation and its ticket stay there."""
    kept_apart: bool = False
    """Whether a person split it off, or something off it: it is not merged by itself."""
    root_moves: int = 0
    """How often its probable root moved."""


class Beat(Frozen):
    """What the domain of a heartbeat remembers of it."""

    since: Instant
    """Since when it is expected."""
    heard_at: Instant | None = None
    """When it came last."""
    absence: AlertSignal | None = None
    """The alert that was made up because it stays away; unset while it comes."""


class DomainRecord(Frozen):
    """All that the engine knows of one correlation domain: one value, one atomic write."""

    schema_version: int = 1
    """The version of this record's shape."""
    domain: str
    """The correlation domain."""
    applied_offset: int = -1
    """The offset of the newest `signals` message that was applied; -1 before the first."""
    now: Instant | None = None
    """The domain's time: the newest append time seen; it never runs backwards."""
    incidents: dict[str, Incident] = Field(default_factory=dict)
    """Incident id to incident, until its reopen window ends."""
    changes: list[Change] = Field(default_factory=list)
    """Recent system events, newest last, at most 100."""
    seen: list[str] = Field(default_factory=list)
    """Short hashes of the identities applied last, newest last, at most 4,096."""
    timers: dict[str, Timer] = Field(default_factory=dict)
    """Timer id to timer."""
    lags: list[int] = Field(default_factory=list)
    """How many seconds after their beginning the newest alerts came, at most 16."""
    change_lags: list[int] = Field(default_factory=list)
    """How many seconds after they happened the newest system events came, at most 16."""
    control: Control | None = None
    """Of the domain `control` alone."""
    quiet: Quiet = Field(default_factory=Quiet)
    """What is muted, and what keeps it quiet."""
    heartbeat: Beat | None = None
    """Of the domain of a heartbeat alone."""
