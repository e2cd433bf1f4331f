"""What goes out: the five kinds of command, the events of an incident, its snapshots, and dead letters."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from app.model.base import Blob, Frozen, Instant, Values
from app.model.incident import IncidentSnapshot
from app.model.inputs import Actor
from app.model.notices import Notice
from app.model.silences import Silence
from app.model.words import Effect, Mode, ResponseKind, Severity, Urgency


class Link(Frozen):
    """A link for people."""

    title: str
    """What it leads to."""
    url: str
    """Where it leads."""


class Command(Frozen):
    """What every command bears. Drop repeated ids; past `not_after` do nothing and answer `expired`."""

    schema_version: int = 1
    """The version of this schema."""
    id: str
    """A UUIDv5, equal in every repeat and replay."""
    object_id: str
    """The thing the command is about (a step, a page, a ticket, a conversation, a document); put it into yours."""
    revision: int
    """Rises with each command for the object; apply only a higher one than you have seen."""
    domain: str
    """The correlation domain; the message's key, and what an answer must bear."""
    incident_id: str
    """The incident."""
    environment: str = ""
    """The environment of the incident."""
    service: str = ""
    """The service of the catalog; empty where it knows none."""
    team: str = ""
    """The team that owns the incident."""
    severity: Severity
    """The incident's severity when the command was decided."""
    urgency: Urgency
    """Whether somebody must act now."""
    title: str
    """One line for people."""
    text: str = ""
    """The words for people, in Markdown."""
    links: list[Link] = Field(default_factory=list)
    """Links for people."""
    mode: Mode
    """The mode it was decided in; in shadow it is on `<topic>.shadow`."""
    issued_at: Instant
    """When it was decided, by broker time."""
    not_after: Instant | None = None
    """After this, do nothing and answer `expired`; null means no limit."""
    refs: dict[str, str] = Field(default_factory=dict)
    """What outside systems call our objects: kind of command to external key."""


class StepCommand(Command):
    """Carry out (or cancel) one attempt of a step. Answer on step-results."""

    kind: Literal["step"] = "step"
    """The kind of command."""
    op: Literal["run", "cancel"]
    """Run the action, or stop it if it still runs."""
    execution_id: str
    """The execution of the runbook."""
    step: str
    """The step's id in the runbook."""
    attempt: int
    """The attempt, from 1."""
    idempotency_key: str
    """Equal over all attempts of the step: hand it to the target system where it takes one."""
    action: str
    """The action of the catalogue, such as `kubernetes.rollout_undo`."""
    params: Values = Field(default_factory=dict)
    """The action's parameters."""
    effect: Effect
    """What carrying it out does: read, idempotent or change."""
    dry_run: bool = False
    """Say what would be done, and do nothing."""
    result_by: Instant
    """When the engine gives the attempt up, by broker time."""
    runbook_id: str
    """The runbook."""
    runbook_hash: str
    """The content hash of the page that the execution is pinned to."""
    requested_by: str = "engine"
    """Who asked for it."""
    approved_by: list[str] = Field(default_factory=list)
    """Who approved it."""
    secret_names: list[str] = Field(default_factory=list)
    """Names of secrets that the executor resolves; values never pass through here."""
    precondition: Values = Field(default_factory=dict)
    """Facts about the target to check right before acting: where one is otherwise, do nothing and answer `refused`."""


class EscalationCommand(Command):
    """Page a target, or stop paging it."""

    kind: Literal["escalation"] = "escalation"
    """The kind of command."""
    op: Literal["notify", "stop"]
    """Start to page, or stop."""
    policy: str
    """The escalation policy."""
    level: int
    """The level of the policy, from 1."""
    target: str
    """Whom: `user:alice`, `schedule:platform`, `channel:#ops`."""
    person_id: str = ""
    """The person, where it is known."""
    contact_ref: str = ""
    """A reference to the person's address that the pager resolves; never the address itself."""
    reason: str
    """Why: a named reason, such as `no_runbook`."""
    ack_by: Instant | None = None
    """When an acknowledgement is due."""
    next: str = ""
    """Who comes next if nobody acknowledges, in words."""


class TicketCommand(Command):
    """Open a ticket, comment on it, or move it."""

    kind: Literal["ticket"] = "ticket"
    """The kind of command."""
    op: Literal["open", "comment", "transition"]
    """What to do."""
    project: str = ""
    """The project or queue, from the catalog."""
    fields: dict[str, str] = Field(default_factory=dict)
    """Further fields; on a transition `status` is the state to move to."""


class ChatBlock(Frozen):
    """A part of a chat message."""

    kind: Literal["header", "text", "facts"]
    """How to show it: `facts` holds lines of `name: value`."""
    text: str
    """The words, in Markdown."""


class ChatButton(Frozen):
    """A button under a chat message."""

    id: str
    """Unique in the message."""
    label: str
    """What stands on it."""
    response: ResponseKind
    """The response that pressing it sends to `responses`."""
    object_id: str = ""
    """The `object_id` that this response must bear; empty: the message's own."""
    execution_id: str = ""
    """The `execution_id` that it must bear."""
    step: str = ""
    """The `step` that it must bear."""


class ChatCommand(Command):
    """Post a message, update it, or reply in its thread."""

    kind: Literal["chat"] = "chat"
    """The kind of command."""
    op: Literal["post", "update", "reply"]
    """What to do; `object_id` is the thread."""
    conversation: str
    """The channel, from the catalog."""
    blocks: list[ChatBlock] = Field(default_factory=list)
    """The message, in parts."""
    buttons: list[ChatButton] = Field(default_factory=list)
    """Buttons under it."""


class DocumentCommand(Command):
    """Write a document."""

    kind: Literal["document"] = "document"
    """The kind of command."""
    op: Literal["draft", "final"]
    """A draft may be written again; a final one stays."""
    path: str
    """Where in the documents' tree, such as `incidents/2026/11/ab12cd34.md`."""
    body: str
    """The whole document, in Markdown."""
    base_revision: int = 0
    """The revision that this one replaces; 0 for the first."""


class IncidentEvent(Frozen):
    """One decision about an incident, with its cause and named reason."""

    schema_version: int = 1
    """The version of this schema."""
    id: str
    """A UUIDv5, equal in every repeat and replay."""
    seq: int
    """Gapless in the incident, from 1."""
    incident_id: str
    """The incident."""
    domain: str
    """The correlation domain."""
    type: str
    """What happened, in the past tense, such as `IncidentOpened`."""
    reason: str
    """Why, by name."""
    text: str = ""
    """What happened, for people."""
    at: Instant
    """When it was decided, by broker time."""
    cause: str
    """The identity of the signal that caused it."""
    actor: Actor | None = None
    """Who did it, where it was a person or a connector."""
    data: dict[str, str] = Field(default_factory=dict)
    """The facts of the decision."""
    mode: Mode
    """The incident's mode."""


class Header(Frozen):
    """A header of a Kafka message."""

    name: str
    """Its name; names may repeat."""
    value: Blob | None = None
    """Its value."""


class DeadLetter(Frozen):
    """Input that could not be understood or used, whole."""

    schema_version: int = 1
    """The version of this schema."""
    id: str
    """A UUIDv5 of where it was read and of the part, equal in every repeat."""
    topic: str
    """The topic it was read from, without the prefix."""
    partition: int
    """The partition."""
    offset: int
    """The offset."""
    index: int | None = None
    """The place in the message's list, where only one entry of it was bad."""
    reason: str
    """Why, by name, such as `not_avro` or `invalid_field`."""
    field: str = ""
    """The field that is wrong, as a path, where it is one."""
    detail: str
    """What is wrong and how to mend it."""
    key: Blob | None = None
    """The message's key."""
    value: Blob | None = None
    """The message's value, whole, or this part of it; for a bad entry of a list that entry as JSON."""
    value_size: int = 0
    """The size of the whole value in bytes."""
    headers: list[Header] = Field(default_factory=list)
    """The message's headers, in order; in the first part only."""
    timestamp: Instant | None = None
    """The message's timestamp."""
    part: int = 1
    """Which part of the value this is, from 1. All parts have the same topic, partition, offset and index."""
    parts: int = 1
    """In how many parts the value is."""
    put_back_at: Instant | None = None
    """When `oncall dead-letters retry` put it back; the letter is then written once more, with this set."""


class MutedAlert(Frozen):
    """An alert that fires and is muted."""

    fingerprint: str
    """The hash of its label set."""
    name: str = ""
    """Its `alertname`."""
    service: str = ""
    """Its service of the catalog."""
    severity: Severity = Severity.WARNING
    """Its severity."""
    by: str
    """What mutes it: `silence:ID`, `maintenance:NAME` or `inhibit:NAME`."""
    source: str = ""
    """For an inhibition: the fingerprint of the alert that keeps it quiet."""
    since: Instant
    """Since when it is muted, by broker time."""
    until: Instant | None = None
    """When the quiet ends by itself; unset where no moment is known."""


class MutedAlerts(Frozen):
    """What is muted in a correlation domain."""

    domain: str
    """The correlation domain."""
    count: int = 0
    """How many alerts are held; each takes effect if it still fires when its quiet ends."""
    beyond: int = 0
    """How many were muted besides and not held, for there were too many."""
    by: dict[str, int] = Field(default_factory=dict)
    """How many of those that are held each kind of quiet mutes: `silence`, `maintenance`, `inhibit`."""
    alerts: list[MutedAlert] = Field(default_factory=list)
    """Those that are held, the first 20."""


class Standing(Frozen):
    """How things stand that cross incidents: automation (`automation`), a page's record (`page:ID`), what is muted (`muted:DOMAIN`), `silences`."""

    schema_version: int = 1
    """The version of this schema."""
    id: str
    """`automation`, `page:` and the runbook's id, `muted:` and the domain, or `silences`; the message's key."""
    version: int
    """Rises with each change; keep the highest."""
    at: Instant
    """When it changed, by broker time."""
    reason: str = ""
    """Why it changed, by name."""
    is_paused: bool = False
    """Of `automation`: whether nothing is permitted."""
    paused_at: Instant | None = None
    """Since when it is paused."""
    by: str = ""
    """Who paused or resumed."""
    text: str = ""
    """That person's words."""
    runbook_id: str = ""
    """The page."""
    good_runs: int = 0
    """Runs in a row that people agreed to: approved ones that succeeded, and shadow ones judged right."""
    runs_needed: int = 0
    """How many it takes before the page may act alone; 0: none."""
    recent_failures: int = 0
    """Failed runs within the breaker's window."""
    breaker_open: bool = False
    """Whether so many runs failed that the page goes to people."""
    breaker_open_until: Instant | None = None
    """Until when, unless more runs fail: nothing is written when that time comes."""
    failed_verification_at: Instant | None = None
    """When a verification failed last."""
    muted: MutedAlerts | None = None
    """Of `muted:DOMAIN`: what is muted there."""
    silences: list[Silence] = Field(default_factory=list)
    """Of `silences`: all there are, until a day after their end."""


AnyCommand = StepCommand | EscalationCommand | TicketCommand | ChatCommand | DocumentCommand
Output = AnyCommand | IncidentEvent | IncidentSnapshot | DeadLetter | Notice | Standing
"""All that a decision may put out; each class has one topic (app.model.topics)."""
