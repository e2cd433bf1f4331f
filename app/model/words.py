"""The closed lists of words: severities, modes, states, phases, reasons."""

from __future__ import annotations

from enum import StrEnum


class Severity(StrEnum):
    """How bad an alert or incident is. `none` never opens an incident."""

    CRITICAL = "critical"
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    NONE = "none"

    @property
    def rank(self) -> int:
        """A number that is higher for worse severities."""
        return _SEVERITY_RANK[self]


_SEVERITY_RANK = {
    Severity.CRITICAL: 4,
    Severity.ERROR: 3,
    Severity.WARNING: 2,
    Severity.INFO: 1,
    Severity.NONE: 0,
}


class Urgency(StrEnum):
    """Whether somebody must act now (`high`) or in working hours (`low`)."""

    HIGH = "high"
    LOW = "low"


class AlertStatus(StrEnum):
    """The state of one alert, as its source says it."""

    FIRING = "firing"
    RESOLVED = "resolved"


class Mode(StrEnum):
    """How far automation may go; of several the strictest wins."""

    SHADOW = "shadow"
    SUGGEST = "suggest"
    APPROVE = "approve"
    AUTO = "auto"

    @property
    def rank(self) -> int:
        """A number that is higher the more the mode permits."""
        return list(Mode).index(self)


def strictest(*modes: Mode | None) -> Mode:
    """The strictest of the modes given; `None` has no say, and with no say at all the answer is shadow."""
    said = [mode for mode in modes if mode is not None]
    return min(said, key=lambda mode: mode.rank) if said else Mode.SHADOW


class Effect(StrEnum):
    """What carrying out an action does: nothing, something that may be repeated, or something that may not."""

    READ = "read"
    IDEMPOTENT = "idempotent"
    CHANGE = "change"


class Phase(StrEnum):
    """The phases of a runbook, in order; each is a barrier."""

    DIAGNOSIS = "diagnosis"
    MITIGATION = "mitigation"
    VERIFICATION = "verification"
    FOLLOW_UP = "follow_up"


class IncidentStatus(StrEnum):
    """The life of an incident."""

    TRIGGERED = "triggered"
    ACKNOWLEDGED = "acknowledged"
    MITIGATED = "mitigated"
    RESOLVED = "resolved"
    CLOSED = "closed"
    MERGED = "merged"
    SUPPRESSED = "suppressed"


class StepStatus(StrEnum):
    """The life of a step of an execution."""

    PENDING = "pending"
    WAITING_APPROVAL = "waiting_approval"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"
    ROLLED_BACK = "rolled_back"

    @property
    def is_final(self) -> bool:
        """Whether the step is over (a late result may still settle an `unknown` one)."""
        return self not in (StepStatus.PENDING, StepStatus.WAITING_APPROVAL, StepStatus.RUNNING)


class ExecutionStatus(StrEnum):
    """The life of an execution."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    CANCELLED = "cancelled"


class EscalationStatus(StrEnum):
    """The life of one page to one target."""

    SCHEDULED = "scheduled"
    NOTIFIED = "notified"
    ACKNOWLEDGED = "acknowledged"
    STOPPED = "stopped"


class LadderStatus(StrEnum):
    """Where an incident's way up an escalation policy stands."""

    CLIMBING = "climbing"
    STOPPED = "stopped"
    EXHAUSTED = "exhausted"


class AnswerStatus(StrEnum):
    """What a connector says of a command."""

    ACCEPTED = "accepted"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    REFUSED = "refused"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


class Delivery(StrEnum):
    """What is known of whether a page arrived."""

    NONE = ""
    """Nothing was heard yet."""
    ACCEPTED = "accepted"
    SENT = "sent"
    DELIVERED = "delivered"
    UNCONFIRMED = "unconfirmed"
    """Nothing was heard in time, or the connector cannot tell."""
    FAILED = "failed"


class ResponseKind(StrEnum):
    """What a person asks for."""

    ACKNOWLEDGE = "acknowledge"
    RESOLVE = "resolve"
    REOPEN = "reopen"
    SNOOZE = "snooze"
    ASSIGN = "assign"
    APPROVE = "approve"
    REJECT = "reject"
    MERGE = "merge"
    ANNOTATE = "annotate"
    FEEDBACK = "feedback"
    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    RETRY = "retry"
    SKIP = "skip"
    RUN = "run"
    TAKE_OVER = "take_over"
    REPORT = "report"
    SILENCE = "silence"
    UNSILENCE = "unsilence"
    SPLIT = "split"
    FINALIZE = "finalize"
    ESCALATE = "escalate"
    ADD_RESPONDER = "add_responder"
    SAY = "say"
    PAGE_TEST = "page_test"


class PageWhen(StrEnum):
    """When a runbook lets people be paged."""

    AT_ONCE = "at-once"
    AFTER = "after"
    ON_FAILURE = "on-failure"


class TimerKind(StrEnum):
    """What a timer is for. `step_timeout` also ends what a step waits for people for, and permits; `step_retry` also a quiet time.

    Timers that belong to no step (of noise, moves, heartbeats, permits) are known by how their ids begin; they bear a kind that every release
    knows, `step_retry` or `step_timeout`, which says nothing of them.
    """

    STEP_TIMEOUT = "step_timeout"
    STEP_RETRY = "step_retry"
    WAIT_HELD = "wait_held"
    WAIT_TIMEOUT = "wait_timeout"
    EXECUTION_BUDGET = "execution_budget"
    PAGE_DUE = "page_due"
    REOPEN_WINDOW = "reopen_window"


class Gate(StrEnum):
    """What a step that is not under way waits for."""

    NONE = ""
    QUIET = "quiet"
    APPROVAL = "approval"
    PERMIT = "permit"
    PERSON = "person"


class Otherwise(StrEnum):
    """What comes of an approval that nobody gives in time."""

    ESCALATE = "escalate"
    SKIP = "skip"
    FAIL = "fail"


class NoticeKind(StrEnum):
    """What one domain tells another."""

    PERMIT_ASKED = "permit_asked"
    PERMIT_RETURNED = "permit_returned"
    PERMIT_GRANTED = "permit_granted"
    PERMIT_DENIED = "permit_denied"
    APPROVAL_NEEDED = "approval_needed"
    RUN_ENDED = "run_ended"
    RUN_JUDGED = "run_judged"
    SILENCE_USED = "silence_used"
    SILENCES_ASKED = "silences_asked"
    SILENCES_TOLD = "silences_told"
    SILENCE_OVER = "silence_over"
    HEARTBEAT_EXPECTED = "heartbeat_expected"
    MOVE_ASKED = "move_asked"
    MOVE_ANSWERED = "move_answered"
    INCIDENTS_MOVED = "incidents_moved"
    SIGNAL_FORWARDED = "signal_forwarded"
    LIBRARY_IN_FORCE = "library_in_force"
