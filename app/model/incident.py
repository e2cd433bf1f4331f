"""An incident: what everybody may see of it (the snapshot), and what the engine remembers besides."""

from __future__ import annotations

from pydantic import Field

from app.model.base import Frozen, Instant
from app.model.control import Control
from app.model.escalation import Escalation
from app.model.evidence import AlertView, Change, Suspect
from app.model.execution import Execution
from app.model.inputs import Actor, AlertSignal
from app.model.keeping import Digest, Task
from app.model.ladder import AwaitedEvent, Ladder
from app.model.moving import Moving
from app.model.pages import ShownPages
from app.model.quiet import Quiet
from app.model.timers import Timer
from app.model.words import IncidentStatus, Mode, Severity, Urgency


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
    """When it was acknowledged; unset again if it is reopened, or that counts no more (stale, snoozed, assigned to another)."""
    first_acknowledged_at: Instant | None = None
    """When it was acknowledged for the first time, whatever came after."""
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
    """The incident that goes on in its place, once it was merged: by a person, or by itself."""
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
    urls: dict[str, str] = Field(default_factory=dict)
    """Where people see them: kind of command to URL."""
    ticket_state: str = ""
    """The state of its ticket, as the ticketing system calls it."""
    document_path: str = ""
    """Where its document is."""
    document_status: str = ""
    """Whether its document is a `draft` or `final`; empty: there is none yet."""
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
    ladders: list[Ladder] = Field(default_factory=list)
    """How far it has come on escalation policies: its own, and those of owners of second services."""
    snoozed_until: Instant | None = None
    """Until when a person put its pages off."""


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
    document_mark: str = ""
    """The hash of what its document says: it is written again only if that changes."""
    home: str = ""
    """The service that it was opened for: its conversation and its ticket stay there."""
    merged_at: Instant | None = None
    """When it was merged into another; unset of one that a release before merged."""
    kept_apart: bool = False
    """Whether a person split it off, or something off it: it is not merged by itself."""
    apart_from: list[str] = Field(default_factory=list)
    """The incidents of which it was said that a rule kept it from being merged with them; at most 8."""
    policy_library: str = ""
    """The hash of the library in force when it opened: its policies are as they stood then. Empty: of an older release."""
    opened_by: AwaitedEvent | None = None
    """The system event that it was opened for, if it was; once that is over the next one that is not."""
    joined_by: list[AwaitedEvent] = Field(default_factory=list)
    """Further system events that it is there for, if it was opened for one, and that are not over."""
    stirred_at: Instant | None = None
    """When a person last did anything about it."""
    root_moves: int = 0
    """How often its probable root moved."""
    home_domain: str = ""
    """The domain that it was opened in, where it is in another now: the ids of its ticket, conversation and document are made of it."""
    run_homes: dict[str, str] = Field(default_factory=dict)
    """Execution id to the domain that it was started in, where that is another: its keys and questions are made of it."""
    digests: dict[str, Digest] = Field(default_factory=dict)
    """What was said of late, and what waits to be said together: of `chat` and of `ticket`."""

    @property
    def opened_for(self) -> str:
        """The service that it was opened for; 0.1.0 did not note it, and its incidents stayed of the one that they were opened for."""
        return self.home or self.service


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
    """Short hashes of the identities applied last, newest last, at most 2,048. An alert whose repeats matter takes two: one for itself,
    one for where it was read."""
    timers: dict[str, Timer] = Field(default_factory=dict)
    """Timer id to timer."""
    lags: list[int] = Field(default_factory=list)
    """How many seconds after their beginning the newest alerts came, at most 16."""
    change_lags: list[int] = Field(default_factory=list)
    """How many seconds after they happened the newest system events came, at most 16; the release before this one goes by it."""
    clocks: dict[str, list[int]] = Field(default_factory=dict)
    """The same for each clock that tells of alerts (`alerts …`) or system events (`changes …`), at most 16 each, of the 32 heard of last."""
    control: Control | None = None
    """Of the domain `control` alone."""
    quiet: Quiet = Field(default_factory=Quiet)
    """What is muted, and what keeps it quiet."""
    heartbeat: Beat | None = None
    """Of the domain of a heartbeat alone."""
    moving: Moving = Field(default_factory=Moving)
    """What is remembered of services that moved to another domain, or from one."""
    shelf: dict[str, Incident] = Field(default_factory=dict)
    """Closed incidents by id, without their alerts' members, to whose reviews facts may still be added; at most 8."""
    pages: ShownPages | None = None
    """Of the domain `library` alone: the pages that are shown as documents."""
    tasks: dict[str, Task] = Field(default_factory=dict)
    """Follow-ups of incidents that are over, until their tickets are closed: id to task, at most 50."""
    turns: dict[str, int] = Field(default_factory=dict)
    """Level of a policy that is in round robin (`policy/level`) to how often its turn came here."""
    awaited: list[AwaitedEvent] = Field(default_factory=list)
    """System events that page unless they are over in time, at most 50."""
