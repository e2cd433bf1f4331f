"""The life of an incident: it opens, alerts join, it is resolved, comes back or closes."""

from __future__ import annotations

from app.core.announce import (
    say_acknowledged,
    say_closed,
    say_raised,
    say_reopened,
    say_resolved,
)
from app.core.bounds import REPORTS, RESOLVED, RESPONDERS, cut
from app.core.choosing import adopt_runbook
from app.core.correlation import Correlation
from app.core.draft import Draft
from app.core.ending import end_execution
from app.core.evidence import Weighed
from app.core.executions import At, running
from app.core.membership import hold
from app.core.opening import words_of
from app.core.owners import not_paged, page_second_owner, reconsider
from app.core.paging import (
    WHY,
    begin,
    end_snooze,
    follow_plan,
    is_being_paged,
    page,
    page_again,
    plan_page,
    stop_pages,
    take_back,
)
from app.core.people import name_of, named
from app.core.reviews.shelf import shelve
from app.core.reviews.writing import write_document
from app.core.sources import expect_anew
from app.core.suspects import concern, place_of
from app.core.tickets.incident_ticket import open_ticket
from app.model.evidence import Change
from app.model.incident import Incident
from app.model.inputs import Actor, AlertSignal, UserReport
from app.model.timers import Timer
from app.model.words import (
    ExecutionStatus,
    IncidentStatus,
    PageWhen,
    Severity,
    TimerKind,
)


def join(draft: Draft, signal: AlertSignal, why: Correlation) -> None:
    """Let an alert join an incident, or change its state there."""
    before = draft.incidents[why.incident_id]
    known = before.members.get(signal.alert.fingerprint)
    hold(draft, before.id, signal)
    kind = "AlertJoined" if known is None else f"Alert{signal.alert.status.value.capitalize()}"
    words = f"{signal.alert.name}: {why.words}" if why.words else signal.alert.name
    draft.record(before.id, kind, why.reason, words, data=why.facts(signal.alert))
    raise_severity(draft, before)
    page_second_owner(draft, before.id, signal)
    reconsider(draft, before, before.id)
    if not before.executions and not draft.incidents[before.id].runbook_id and known is None:
        adopt_runbook(draft, before.id, signal)


def reopen_for_alert(draft: Draft, signal: AlertSignal, why: Correlation) -> None:
    """Take a resolved incident up again for an alert that fires again there, or for one that it does not know and much speaks for."""
    if signal.alert.fingerprint in draft.incidents[why.incident_id].members:
        hold(draft, why.incident_id, signal)
        reopen(draft, why.incident_id, why.reason, words=why.words)
        page_second_owner(draft, why.incident_id, signal)
        return
    reopen(draft, why.incident_id, why.reason, words=why.words)
    join(draft, signal, why)


def join_report(draft: Draft, report: UserReport, why: Weighed) -> None:
    """Let a person's report join an open incident."""
    incident_id, reports = why.incident.id, why.incident.reports
    draft.update(incident_id, reports=[*reports, words_of(report)][:REPORTS])
    reason = why.strongest if why.evidence else "same_domain"
    draft.record(incident_id, "ReportJoined", reason, words_of(report))


def suspect(draft: Draft, incident_id: str, change: Change) -> None:
    """Show a system event with an open incident that it may have caused; one that lies elsewhere is none of its."""
    incident = draft.incidents[incident_id]
    if not concern([change], incident, draft.library):
        return
    place = place_of(change, incident, draft.library)
    words = f"{change.type} {change.service}: {change.summary or change.subject}"
    draft.record(incident_id, "ChangeSuspected", place.name, f"{words}; {place.words}")
    reconsider(draft, None, incident_id)


def acknowledge(draft: Draft, incident_id: str, actor: Actor, object_id: str = "") -> None:
    """Take note that somebody is on it; everybody rung for it is left in peace."""
    incident = draft.incidents[incident_id]
    who = named(actor, draft.library)
    add_responder(draft, incident_id, name_of(actor, draft.library))
    if incident.acknowledged_at is not None:
        draft.record(incident_id, "AcknowledgementNoted", "already_acknowledged", who, actor=actor)
        stop_pages(draft, incident_id, "acknowledged", acknowledged_by=actor, object_id=object_id)
        return
    first = incident.first_acknowledged_at or draft.at
    fields: dict[str, object] = {"acknowledged_at": draft.at, "first_acknowledged_at": first}
    if incident.status is IncidentStatus.TRIGGERED:
        fields |= {"status": IncidentStatus.ACKNOWLEDGED, "reason": "acknowledged"}
    draft.update(incident_id, **fields)
    draft.record(incident_id, "IncidentAcknowledged", "by_person", who, actor=actor)
    stop_pages(draft, incident_id, "acknowledged", acknowledged_by=actor, object_id=object_id)
    say_acknowledged(draft, incident_id, who, actor)


def add_responder(draft: Draft, incident_id: str, person: str) -> None:
    """Show a person, if it is one, with the incident."""
    name, people = cut(person, 200), draft.incidents[incident_id].responders
    if name and name not in people:
        draft.update(incident_id, responders=[*people, name][-RESPONDERS:])


def resolve(draft: Draft, incident_id: str, reason: str, words: str, actor: Actor | None = None) -> None:
    """Resolve an incident: automation and pages stop, everybody is told, and its reopen window begins."""
    for run in running(draft.incidents[incident_id]):
        if not run.parent_id:
            end_execution(draft, At(incident_id, run.id), ExecutionStatus.CANCELLED, reason)
    draft.update(incident_id, status=IncidentStatus.RESOLVED, reason=reason, resolved_at=draft.at)
    draft.record(incident_id, "IncidentResolved", reason, words, actor=actor)
    stop_pages(draft, incident_id, "resolved")
    say_resolved(draft, incident_id, words)
    due = draft.at + draft.library.rules.reopen_window
    draft.set_timer(
        Timer(id=f"{incident_id}/reopen", due=due, kind=TimerKind.REOPEN_WINDOW, incident_id=incident_id)
    )
    _close_oldest(draft)


def reopen(draft: Draft, incident_id: str, reason: str, actor: Actor | None = None, words: str = "") -> None:
    """Take a resolved incident up again. Automation that acted did not hold, so a person is paged."""
    draft.drop_timers(TimerKind.REOPEN_WINDOW, incident_id=incident_id)
    incident = draft.update(
        incident_id,
        status=IncidentStatus.TRIGGERED,
        reason=reason,
        resolved_at=None,
        acknowledged_at=None,
        taken_up=actor is not None,
        reopened=draft.incidents[incident_id].reopened + 1,
        affected=not_paged(draft.incidents[incident_id].affected),
    )
    times = "for the first time" if incident.reopened == 1 else f"{incident.reopened} times by now"
    words = f"{times}: {words}" if words else times
    draft.record(incident_id, "IncidentReopened", reason, words, actor=actor)
    expect_anew(draft, incident_id)
    say_reopened(draft, incident_id)
    page(draft, incident_id, "reopened")


def close(draft: Draft, incident_id: str, reason: str) -> None:
    """Close a resolved incident for good; for a while facts may still be added to its review."""
    draft.update(incident_id, status=IncidentStatus.CLOSED, reason=reason, closed_at=draft.at)
    draft.record(incident_id, "IncidentClosed", reason)
    say_closed(draft, incident_id)
    write_document(draft, incident_id)
    shelve(draft, draft.incidents[incident_id])
    leave(draft, incident_id)


def leave(draft: Draft, incident_id: str) -> None:
    """Let an incident leave the record, with those that were merged into it."""
    draft.close(incident_id)
    for merged in [each.id for each in draft.incidents.values() if each.merged_into == incident_id]:
        leave(draft, merged)


def raise_severity(draft: Draft, before: Incident) -> None:
    """Tell that an incident became worse than it was before, and page who is to be paged for that."""
    after = draft.incidents[before.id]
    if after.severity.rank <= before.severity.rank:
        return
    words = f"{before.severity} to {after.severity}"
    draft.record(before.id, "SeverityRaised", "worse_alert", words)
    say_raised(draft, before.id, words)
    open_ticket(draft, before.id)
    more_urgent = after.urgency is not before.urgency
    if after.snoozed_until is not None:
        end_snooze(draft, before.id)
        take_back(draft, before.id, "severity_raised")
        begin(draft, before.id, "severity_raised", f"{WHY['severity_raised']}: {words}")
        return
    if more_urgent and is_being_paged(after):
        page_again(draft, before.id, "severity_raised", words)
        return
    runbook = draft.library.runbooks.get(after.runbook_id)
    plan = plan_page(after.severity, runbook, after.runbook_reason, draft.library.rules)
    if after.severity is Severity.CRITICAL and plan.when is PageWhen.AT_ONCE:
        page(draft, before.id, "severity_raised", words)
    elif more_urgent and plan.reason == "error_after":
        follow_plan(draft, before.id, plan)


def _close_oldest(draft: Draft) -> None:
    resolved = [each for each in draft.incidents.values() if each.status is IncidentStatus.RESOLVED]
    resolved.sort(key=lambda each: (each.resolved_at or draft.at, each.id))
    for incident in resolved[:-RESOLVED]:
        close(draft, incident.id, "too_many_resolved")
