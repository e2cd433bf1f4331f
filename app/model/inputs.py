"""What comes in: alerts, system events, user reports, step results, responses, and timers that fired."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from app.model.base import Frozen, Instant, Values
from app.model.notices import Notice
from app.model.silences import Silenced, SilenceWish
from app.model.words import AlertStatus, AnswerStatus, ResponseKind, Severity, TimerKind


class Alert(Frozen):
    """One alert in Alertmanager's shape. `severity` is worked out by intake from the labels and the catalog."""

    labels: dict[str, str]
    """The labels that identify the alert; at least one."""
    annotations: dict[str, str] = Field(default_factory=dict)
    """Further words about it: `summary`, `description`, `runbook_url`."""
    status: AlertStatus = AlertStatus.FIRING
    """Whether it fires or has been resolved."""
    starts_at: Instant | None = Field(default=None, alias="startsAt")
    """When it began, by its source."""
    ends_at: Instant | None = Field(default=None, alias="endsAt")
    """When it ended, by its source; unset while it fires."""
    generator_url: str = Field(default="", alias="generatorURL")
    """Where its source shows it."""
    fingerprint: str = ""
    """The hash of its label set, 16 hex digits; worked out by intake when empty."""

    @property
    def name(self) -> str:
        """The `alertname` label, or an empty string."""
        return self.labels.get("alertname", "")


class AlertList(Frozen):
    """Several alerts in one message."""

    alerts: list[Alert]
    """The alerts; one that is bad does not take the others down."""


class SystemEvent(Frozen):
    """Something that happened to the estate and is no fault by itself, with the attributes of CloudEvents 1.0."""

    id: str = ""
    """Unique within `source`; when empty the place where it was read stands in."""
    source: str = ""
    """Who says so: a URI reference."""
    type: str
    """What kind of event: deploy, config, feature_flag, scaling, node, failover, or a source's own word."""
    subject: str = ""
    """What it happened to, in the source's words."""
    time: Instant | None = None
    """When it happened, by the source."""
    service: str = ""
    """The service of the catalog that it concerns, if known."""
    environment: str = ""
    """The environment that it concerns; empty means the default one."""
    summary: str = ""
    """One line for people."""
    data: Values = Field(default_factory=dict)
    """What else the source says."""


class UserReport(Frozen):
    """A person's words about a symptom."""

    id: str = ""
    """Unique; when empty the place where it was read stands in."""
    text: str
    """What the person said."""
    reporter: str = ""
    """Who said it."""
    channel: str = ""
    """Where it was said."""
    service: str = ""
    """The service of the catalog that it concerns, if known."""
    environment: str = ""
    """The environment that it concerns; empty means the default one."""
    severity: Severity = Severity.WARNING
    """How bad the reporter thinks it is."""
    time: Instant | None = None
    """When it was said."""


class Actor(Frozen):
    """Who did it."""

    provider: str = ""
    """The system that knows the person or machine: slack, pagerduty, executor, web."""
    id: str = ""
    """The name there."""
    verified_by: str = ""
    """What vouches for the identity; empty means nothing does."""


class Answer(Frozen):
    """What every connector answers, whatever the command."""

    id: str = ""
    """Unique; when empty the place where it was read stands in."""
    command_id: str = ""
    """The command that is answered."""
    object_id: str = ""
    """The object of that command."""
    domain: str = ""
    """The domain of that command; it is the key of the topic as well."""
    status: AnswerStatus = AnswerStatus.SUCCEEDED
    """What became of it."""
    retryable: bool = False
    """Whether trying again may help, where the status is failed."""
    external_key: str = ""
    """The key of the object in the outside system, such as a ticket's."""
    external_url: str = ""
    """Where people see that object."""
    actor: Actor = Field(default_factory=Actor)
    """Who did it."""
    occurred_at: Instant | None = None
    """When it happened, by the connector."""
    output: Values = Field(default_factory=dict)
    """What came out, at most 64 KB as JSON."""
    log_url: str = ""
    """Where the whole log is."""
    reason: str = ""
    """Why it failed, was refused or expired, in words."""


class StepResult(Answer):
    """An executor's answer to a step command."""


class Response(Answer):
    """A person's wish, or the answer of a pager, ticket, chat or document connector."""

    response: ResponseKind | None = None
    """What the person asks for; null where a connector only answers a command."""
    incident_id: str = ""
    """The incident that it concerns."""
    text: str = ""
    """The person's words: a note, a reason."""
    target: str = ""
    """Whom, for assign and add_responder: a person's id, `user:ID`, `schedule:ID`, `team:ID`, `channel:NAME`, or the person's `provider:id`."""
    execution_id: str = ""
    """The execution that it concerns, for pause, resume, cancel, retry, skip and report; empty: the one under way."""
    step: str = ""
    """The step that it concerns, for retry, skip and report."""
    runbook_id: str = ""
    """The runbook to run (its inputs are `output`); for resume in the domain `control`: the page to trust again."""
    silence: SilenceWish | None = None
    """For silence and unsilence, in the domain `control`: which alerts, from when until when; `text` is the comment."""
    into_id: str = ""
    """The incident to merge into, for merge."""
    seconds: int = 0
    """For how long, for snooze."""
    conversation: str = ""
    """For say: the channel in which it was said, so that also what is said of no known incident gets an answer."""
    state: str = ""
    """Of a ticket: its state in the outside system, in that system's words, such as `In Progress` or `Done`."""


class TimerFired(Frozen):
    """A timer of a domain that fell due. It changes nothing unless the record still holds it and its time has come."""

    id: str
    """The timer's id in the record."""
    due: Instant
    """When it was due, by broker time."""
    kind: TimerKind
    """What it is for."""


class AlertSignal(Frozen):
    """An alert with what intake worked out for it."""

    kind: Literal["alert"] = "alert"
    """Says which kind of input this is."""
    alert: Alert
    """The alert."""
    severity: Severity
    """Its severity, mapped by the catalog."""
    service: str = ""
    """The service of the catalog that it concerns; empty where the catalog knows none."""
    environment: str = ""
    """The environment that it concerns."""
    silences: list[Silenced] = Field(default_factory=list)
    """The silences that match it, as intake knew them, those that end last first; at most 10."""


class SystemEventSignal(Frozen):
    """A system event."""

    kind: Literal["system_event"] = "system_event"
    """Says which kind of input this is."""
    event: SystemEvent
    """The event."""


class UserReportSignal(Frozen):
    """A user report."""

    kind: Literal["user_report"] = "user_report"
    """Says which kind of input this is."""
    report: UserReport
    """The report."""


class StepResultSignal(Frozen):
    """A step result."""

    kind: Literal["step_result"] = "step_result"
    """Says which kind of input this is."""
    result: StepResult
    """The result."""


class ResponseSignal(Frozen):
    """A response."""

    kind: Literal["response"] = "response"
    """Says which kind of input this is."""
    response: Response
    """The response."""
    notice: Notice | None = None
    """What another domain says; the response is then empty."""


class TimerSignal(Frozen):
    """A timer that fired."""

    kind: Literal["timer"] = "timer"
    """Says which kind of input this is."""
    timer: TimerFired
    """The timer."""


Body = AlertSignal | SystemEventSignal | UserReportSignal | StepResultSignal | ResponseSignal | TimerSignal
