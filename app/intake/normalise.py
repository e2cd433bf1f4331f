"""One shape for what sources say in many ways."""

from __future__ import annotations

from app.core.identity import fingerprint
from app.intake.limits import DOMAIN, check_alert, check_text, check_values
from app.model.base import Instant
from app.model.inputs import Alert, Answer, SystemEvent, UserReport
from app.model.notices import Notice
from app.model.words import AlertStatus
from app.wire.errors import WireError

UNSET_YEAR = 1
"""Go's zero time, which Alertmanager sends for a moment that is not set."""


def normal_alert(alert: Alert, *, says_status: bool, read_at: Instant) -> Alert:
    """Give the alert with sorted labels, unset moments unset, its status and its fingerprint.

    An alert that says no status is resolved if its `endsAt` is past, as Prometheus means it.

    Raises:
        WireError: it has no labels, or is too large.

    """
    check_alert(alert)
    labels = {name: value.strip() for name, value in sorted(alert.labels.items()) if value.strip()}
    if not labels:
        raise WireError(
            "missing_field", "An alert is known by its labels; give at least one that is not empty.", "labels"
        )
    ends_at = _set(alert.ends_at)
    status = alert.status
    if not says_status and ends_at is not None and ends_at <= read_at:
        status = AlertStatus.RESOLVED
    return alert.model_copy(
        update={
            "labels": labels,
            "annotations": dict(sorted(alert.annotations.items())),
            "status": status,
            "starts_at": _set(alert.starts_at),
            "ends_at": ends_at if status is AlertStatus.RESOLVED else None,
            "fingerprint": alert.fingerprint.strip().lower() or fingerprint(labels),
        }
    )


def normal_event(event: SystemEvent) -> SystemEvent:
    """Give the event with its texts trimmed.

    Raises:
        WireError: it says no type, or is too large.

    """
    if not event.type.strip():
        raise WireError(
            "missing_field",
            "Say what kind of event it is: deploy, config, failover or your own word.",
            "type",
        )
    for name in ("id", "source", "type", "subject", "service", "environment", "summary"):
        check_text(name, getattr(event, name))
    check_values("data", event.data)
    trimmed = {
        name: getattr(event, name).strip()
        for name in ("id", "source", "type", "subject", "service", "environment")
    }
    return event.model_copy(update={**trimmed, "data": dict(sorted(event.data.items()))})


def normal_report(report: UserReport) -> UserReport:
    """Give the report with its texts trimmed.

    Raises:
        WireError: it says nothing, or is too large.

    """
    if not report.text.strip():
        raise WireError("missing_field", "A report says something; give its words.", "text")
    for name in ("id", "text", "reporter", "channel", "service", "environment"):
        check_text(name, getattr(report, name))
    trimmed = {
        name: getattr(report, name).strip() for name in ("id", "text", "reporter", "service", "environment")
    }
    return report.model_copy(update=trimmed)


def check_answer(answer: Answer) -> None:
    """Check a step result or response.

    Raises:
        WireError: it names no domain, or is too large.

    """
    if not answer.domain.strip():
        raise WireError("missing_field", "Give the domain of the command that is answered.", "domain")
    for name in (
        "id",
        "command_id",
        "object_id",
        "domain",
        "external_key",
        "external_url",
        "log_url",
        "reason",
    ):
        check_text(name, getattr(answer, name))
    check_text("domain", answer.domain, DOMAIN)
    check_values("output", answer.output)


def check_notice(notice: Notice) -> None:
    """Check what one domain tells another. We write notices ourselves, but whoever may write to the topic can.

    Raises:
        WireError: it names no domain or bears no id, or is too large.

    """
    for name in ("id", "domain"):
        if not getattr(notice, name).strip():
            raise WireError(
                "missing_field", "A notice bears an id and names the domain that it is for.", name
            )
    check_text("domain", notice.domain, DOMAIN)
    check_text("sender", notice.sender, DOMAIN)


def _set(moment: Instant | None) -> Instant | None:
    return None if moment is None or moment.year == UNSET_YEAR else moment
