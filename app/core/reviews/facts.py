"""What a review says of its parts, each from the facts that the incident holds; nothing is guessed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from app.core.bounds import one_line
from app.core.memory import affected_of
from app.core.suspects import ranked
from app.model.durations import span
from app.model.escalation import Escalation
from app.model.evidence import AlertView, Change, Suspect
from app.model.execution import Execution, StepRun
from app.model.incident import Incident
from app.model.runbook import FollowUp
from app.model.words import ExecutionStatus

NO_DEEDS = ("ReferenceReceived", "CommandFailed", "ResponseRefused", "FeedbackGiven", "PageAcknowledged")
"""Events that have an actor and are no deed of a person."""


def plain(text: str) -> str:
    """Give words of others on one line, so that they cannot break a list, a table or a page, nor fetch a picture from elsewhere."""
    plain_line = one_line(text).replace("\\", "\\\\")
    return plain_line.replace("<", "&lt;").replace("|", "\\|").replace("![", "!\\[")


def since(start: datetime, end: datetime | None) -> str:
    """Give how long it took."""
    return "did not happen" if end is None else span(end - start)


def summary(incident: Incident) -> str:
    """Give what the incident was, as a list."""
    facts = (
        ("Incident", incident.id),
        ("Status", f"{incident.status} ({incident.reason})"),
        ("Severity", incident.severity.value),
        ("Service", incident.service or "unknown"),
        ("Environment", incident.environment),
        ("Team", incident.team or "unknown"),
        ("Runbook", f"{incident.runbook_id or 'none'} ({incident.runbook_reason})"),
        ("Opened", f"{incident.opened_at:%Y-%m-%d %H:%M:%S} UTC"),
        ("Responders", ", ".join(incident.responders) or "none"),
    )
    return "\n".join(f"- **{name}**: {plain(value)}" for name, value in facts)


def impact(incident: Incident) -> str:
    """Give which services were affected, for how long, and what people said of it."""
    about = "about " if incident.approximate else ""
    lines = [
        f"- {about}{incident.alert_count} alerts; from opened to resolved: {since(incident.opened_at, incident.resolved_at)}"
    ]
    lines += [
        f"- {name or 'no service of the catalog'}: worst severity {held.severity}, first at {held.first:%H:%M:%S} UTC"
        for name, held in affected_of(incident).items()
    ]
    lines += [f"- reported by {plain(report)}" for report in incident.reports]
    return "\n".join(lines)


def detection(incident: Incident) -> str:
    """Give what noticed it first, and how long after its beginning."""
    if not incident.alerts:
        return f"A person reported it: {plain(incident.reports[0])}." if incident.reports else "Not known."
    first = incident.alerts[0]
    name = plain(first.name).replace("`", "'")
    words = f"The alert `{name}`{_of(first)}"
    if first.starts_at is not None and first.starts_at <= incident.opened_at:
        late = since(first.starts_at, incident.opened_at)
        words += f", which by its source began {late} before the incident was opened"
    people = f" {len(incident.reports)} reports came from people." if incident.reports else ""
    return f"{words}.{people}"


def _of(alert: AlertView) -> str:
    return f" of {plain(alert.service)}" if alert.service else ""


def figures(incident: Incident) -> str:
    """Give how long it took; that it was acknowledged first counts, whatever came after."""
    moments = (
        ("Time to acknowledge", incident.first_acknowledged_at or incident.acknowledged_at),
        ("Time to mitigate", incident.mitigated_at),
        ("Time to resolve", incident.resolved_at),
    )
    return "\n".join(f"- {name}: {since(incident.opened_at, moment)}" for name, moment in moments)


def tried(incident: Incident) -> str:
    """Give what runbooks and people did."""
    lines = [line for run in incident.executions for line in _execution(run)]
    if not lines:
        lines = [f"- No runbook ran ({incident.runbook_reason})."]
    for entry in incident.timeline:
        if entry.actor is not None and entry.actor.id and entry.type not in NO_DEEDS:
            lines.append(
                f"- {entry.at:%H:%M:%S} UTC, {plain(entry.actor.id)}: {entry.type} {plain(entry.text)}".rstrip()
            )
    return "\n".join(lines)


def _execution(run: Execution) -> list[str]:
    reason = f" ({run.reason})" if run.reason else ""
    head = f"- {run.runbook_id}, asked for by {plain(run.requested_by)}: {run.status}{reason}"
    return [head, *(_step(step) for step in run.steps)]


def _step(step: StepRun) -> str:
    notes = [
        *([step.reason] if step.reason else []),
        *([f"attempt {step.attempt}"] if step.attempt > 1 else []),
        *([f"approved by {', '.join(map(plain, step.approved_by))}"] if step.approved_by else []),
    ]
    words = f" ({'; '.join(notes)})" if notes else ""
    return f"  - {step.phase.value} `{step.step}`: {step.status}{words}"


def cause(incident: Incident) -> str:
    """Give why its service is thought to be the root, and the changes that may have caused it."""
    roots = [f"- {incident.service}: {plain(reason)}" for reason in incident.root_reasons]
    changes = [_change(change, suspect) for change, suspect in ranked(incident)]
    return "\n".join([*roots, *(changes or ["- No change is suspected."])])


def _change(change: Change, suspect: Suspect | None) -> str:
    moment = change.happened_at or change.at
    words = plain(change.summary or change.subject)
    line = f"- {moment:%H:%M:%S} UTC {plain(change.type)} {plain(change.service)}: {words}"
    return f"{line} ({suspect.score:.2f}: {plain('; '.join(suspect.reasons))})" if suspect else line


def went_well(incident: Incident) -> str:
    """Give what the facts say went well."""
    lines = [
        f"- {page.acknowledged_person} acknowledged {since(page.notified_at, page.acknowledged_at)} after the page"
        f" (level {page.level} of {page.policy})"
        for page in incident.escalations
        if page.notified_at is not None and _in_time(page) and page.acknowledged_person == page.person_id
    ]
    lines += [
        f"- the runbook {run.runbook_id} succeeded in {since(run.started_at, run.ended_at)}"
        for run in incident.executions
        if run.status is ExecutionStatus.SUCCEEDED and not run.parent_id
    ]
    if not incident.escalations and incident.resolved_at is not None:
        lines.append("- nobody had to be paged")
    if incident.feedback == "right":
        lines.append("- people said that the runbook was right")
    return "\n".join(lines) or "The facts say nothing of it."


def went_badly(incident: Incident) -> str:
    """Give what the facts say went badly."""
    lines = []
    for page in incident.escalations:
        if page.undelivered_at is not None:
            way = f" by {page.channel}" if page.channel else ""
            lines.append(
                f"- the page to {page.target}{way} (level {page.level} of {page.policy}) was not delivered"
            )
        elif _was_missed(page):
            lines.append(f"- {page.target} was paged (level {page.level}) and did not acknowledge in time")
    lines = _counted(lines)
    lines += [
        f"- the runbook {run.runbook_id} {run.status} ({run.reason})"
        for run in incident.executions
        if run.status in (ExecutionStatus.FAILED, ExecutionStatus.TIMED_OUT) and not run.parent_id
    ]
    if incident.reopened:
        times = "once" if incident.reopened == 1 else f"{incident.reopened} times"
        lines.append(f"- it came back {times} after it had been resolved")
    if incident.feedback == "wrong":
        lines.append("- people said that the runbook was wrong")
    return "\n".join(lines) or "The facts say nothing of it."


def _counted(lines: Sequence[str]) -> list[str]:
    """Give each line once, with how often it is there."""
    return [each if count == 1 else f"{each}, {count} times" for each, count in Counter(lines).items()]


def _in_time(page: Escalation) -> bool:
    moment, due = page.acknowledged_at, page.ack_by
    return moment is not None and bool(page.acknowledged_person) and (due is None or moment <= due)


def _was_missed(page: Escalation) -> bool:
    ended = page.acknowledged_at or page.stopped_at
    return page.ack_by is not None and ended is not None and ended > page.ack_by


def follow_up(task: FollowUp, incident: Incident) -> str:
    """Give a task with who is to do it and by when; `owner=service` is who owns the incident's service."""
    owner = (incident.team or incident.service) if task.owner == "service" else task.owner
    due = (incident.resolved_at or incident.opened_at) + task.due if task.due is not None else None
    facts = [*([owner] if owner else []), *([f"due {due:%Y-%m-%d}"] if due else [])]
    words = f" ({', '.join(facts)})" if facts else ""
    return f"- [ ] {task.text}{words}"
