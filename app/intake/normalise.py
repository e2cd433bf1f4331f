"""One shape for what sources say in many ways."""

from __future__ import annotations

from app.core.identity import known_fingerprint
from app.intake.limits import (
    ACTOR,
    DOMAIN,
    MATCHER,
    MATCHERS,
    NAME,
    SILENCE_ID,
    check_alert,
    check_text,
    check_values,
)
from app.model.base import Instant
from app.model.inputs import Alert, Answer, Response, SystemEvent, UserReport
from app.model.matchers import Matcher, MatcherError, parse_matcher
from app.model.notices import CONTROL, Notice
from app.model.words import AlertStatus, ResponseKind
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
            "fingerprint": known_fingerprint(alert.fingerprint, labels),
        }
    )


def normal_event(event: SystemEvent) -> SystemEvent:
    """Give the event with its texts trimmed, and a moment that is not set unset.

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
    return event.model_copy(
        update={**trimmed, "time": _set(event.time), "data": dict(sorted(event.data.items()))}
    )


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
    _check_domain("domain", answer.domain)
    for name in ("provider", "id", "verified_by"):
        check_text(f"actor.{name}", getattr(answer.actor, name), ACTOR)
    check_values("output", answer.output)


def check_names(response: Response) -> None:
    """Check what a response names, for a record holds some of it.

    Raises:
        WireError: it is too large.

    """
    for name in (
        "incident_id",
        "target",
        "execution_id",
        "step",
        "runbook_id",
        "into_id",
        "conversation",
        "state",
    ):
        check_text(name, getattr(response, name), NAME)


def check_silence(response: Response) -> None:
    """Check what a person asks of a silence, whose id or matchers it must name.

    Raises:
        WireError: a field is missing, a matcher cannot be read, or it is too large.

    """
    wish = response.silence
    if response.response not in (ResponseKind.SILENCE, ResponseKind.UNSILENCE):
        return
    if response.domain != CONTROL:
        raise WireError("invalid_field", "Silences are kept by the domain `control`.", "domain")
    if wish is None or not (wish.id.strip() or wish.matchers):
        raise WireError(
            "missing_field", "Give the matchers of a new silence, or the id of one that there is.", "silence"
        )
    check_text("silence.id", wish.id, SILENCE_ID)
    if len(wish.matchers) > MATCHERS:
        raise WireError("too_large", f"At most {MATCHERS} matchers are taken.", "silence.matchers")
    matchers = [_matcher(text, place) for place, text in enumerate(wish.matchers)]
    if matchers and all(matcher.matches({}) for matcher in matchers):
        words = "They match an alert without any label; at least one must want a label that is not empty."
        raise WireError("invalid_field", words, "silence.matchers")


def _matcher(text: str, place: int) -> Matcher:
    check_text(f"silence.matchers[{place}]", text, MATCHER)
    try:
        return parse_matcher(text)
    except MatcherError as error:
        raise WireError("invalid_field", f"{error}.", f"silence.matchers[{place}]") from error


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
    _check_domain("domain", notice.domain)
    _check_domain("sender", notice.sender)


def _check_domain(name: str, domain: str) -> None:
    """Check a domain that is named: what the store keeps for itself beside the records is no domain."""
    check_text(name, domain, DOMAIN)
    if "/" not in domain and not domain.isprintable():
        raise WireError(
            "invalid_field", "There is no such domain; give that of the command as it stands there.", name
        )


def _set(moment: Instant | None) -> Instant | None:
    return None if moment is None or moment.year == UNSET_YEAR else moment
