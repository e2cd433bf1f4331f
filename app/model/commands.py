"""The five kinds of command: what connectors are asked to do."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from app.model.base import Frozen, Instant, Values
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
    """The incident; empty in commands about a page of the library."""
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
    """The level of the policy, from 1; 0: somebody was asked by name."""
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
    round: int = 1
    """How often the policy was gone through, with this time."""
    channel: str = ""
    """How to reach the person: push, sms, call, chat or mail; empty: as the pager thinks best."""
    bundle: str = ""
    """Equal where several incidents of one domain page a person at once: ring once for all of it, and show each."""
    also: list[str] = Field(default_factory=list)
    """The titles of the other incidents for which the person is being rung, at most 10."""
    is_test: bool = False
    """Whether it only tries out whether the person is reached: nothing is wrong."""
    receipt_by: Instant | None = None
    """Until when the engine waits for an answer before it tries the next way or level; null: it does not."""


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
    is_follow_up: bool = False
    """Whether it is the ticket of a follow-up task, and not the incident's own."""
    owner: str = ""
    """For a follow-up: the team or person who is to do it."""
    due: Instant | None = None
    """For a follow-up: until when."""


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
    text: str = ""
    """The `text` that it must bear."""


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
    own_channel: str = ""
    """The name of the incident's own channel, where it has one; empty: it is a thread of `conversation`."""
    pin: bool = False
    """Whether the message is to be pinned: it is the one that is kept up to date."""
    reply_to: str = ""
    """The `id` of the response that it answers, where somebody said something."""


class DocumentCommand(Command):
    """Write a document."""

    kind: Literal["document"] = "document"
    """The kind of command."""
    op: Literal["draft", "final", "publish", "remove"]
    """Of a review: a draft may be written again, a final one stays. Of a page of the library: show it, or take it away."""
    path: str
    """Where in the documents' tree, such as `incidents/2026/11/ab12cd34.md` or `runbooks/kubernetes/oom.md`."""
    body: str
    """The whole document, in Markdown; empty where it is to be taken away."""
    base_revision: int = 0
    """The revision that this one replaces; 0 for the first."""


AnyCommand = StepCommand | EscalationCommand | TicketCommand | ChatCommand | DocumentCommand
