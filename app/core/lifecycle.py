"""The life of an incident: it opens, alerts join, it is resolved, comes back or closes."""

from __future__ import annotations

from app.core.announce import (
    say_acknowledged,
    say_closed,
    say_opened,
    say_raised,
    say_reopened,
    say_resolved,
)
from app.core.bounds import REPORTS, RESOLVED, RESPONDERS, TEXT_CHARS, TITLE_CHARS, cut, one_line
from app.core.correlation import Correlation
from app.core.domains import team_of
from app.core.draft import Draft
from app.core.ending import end_execution
from app.core.evidence import Weighed
from app.core.executions import At, running
from app.core.membership import hold, urgency_of, view_of
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
from app.core.selection import Selection, select
from app.core.sources import expect_anew
from app.core.suspects import concern, place_of
from app.core.tickets.incident_ticket import open_ticket
from app.core.workflow import start_execution
from app.model.evidence import Change
from app.model.incident import Affected, Incident
from app.model.inputs import Actor, AlertSignal, UserReport
from app.model.ladder import AwaitedEvent
from app.model.timers import Timer
from app.model.words import (
    AlertStatus,
    ExecutionStatus,
    IncidentStatus,
    Mode,
    PageWhen,
    Severity,
    TimerKind,
    strictest,
)


def open_for_alert(draft: Draft, signal: AlertSignal, why: Correlation, *, starts: bool = True) -> str:
    """Open an incident for an alert, select its runbook, page and start as the page says; give its id.

    Unless it `starts` one, the page stays a checklist.
    """
    alert = signal.alert
    title = one_line(alert.annotations.get("summary", "")) or alert.name or "Alert without a name"
    incident = _new(draft, title, signal.severity, signal.service, signal.environment)
    hold(draft, incident.id, signal)
    facts = {**_facts(signal, why), "team": incident.team}
    draft.record(incident.id, "IncidentOpened", why.reason, _apart(title, why), data=facts)
    reconsider(draft, None, incident.id)
    selection = _choose(draft, incident.id, signal)
    if not starts:
        draft.update(incident.id, automation_off=True)
    say_opened(draft, incident.id)
    _act_on(draft, incident.id, signal, selection)
    return incident.id


def open_for_report(draft: Draft, report: UserReport, service: str, environment: str) -> str:
    """Open an incident for a person's report; no runbook is picked from words yet, so somebody is paged."""
    title = cut(report.text.strip().splitlines()[0] if report.text.strip() else "User report", 120)
    severity = report.severity if report.severity is not Severity.NONE else Severity.INFO
    incident = _new(draft, title, severity, service, environment)
    draft.update(
        incident.id,
        runbook_reason="no_runbook",
        reports=[_words(report)],
        affected={service: Affected(first=draft.at, last=draft.at, severity=severity)},
    )
    reconsider(draft, None, incident.id)
    facts = {"reporter": report.reporter, "team": draft.incidents[incident.id].team}
    draft.record(incident.id, "IncidentOpened", "user_report", title, data=facts)
    say_opened(draft, incident.id)
    page(draft, incident.id, "no_runbook", "a person reported it")
    return incident.id


def open_for_event(
    draft: Draft, event: AwaitedEvent, title: str, severity: Severity, service: str, environment: str
) -> str:
    """Open an incident for a system event that calls for a person though no alert fires; give its id. Whoever calls it pages."""
    incident = _new(draft, title, severity, service, environment)
    held = {service: Affected(first=draft.at, last=draft.at, severity=severity)}
    draft.update(incident.id, runbook_reason="no_runbook", opened_by=event, affected=held)
    reconsider(draft, None, incident.id)
    facts = {**event.attributes, "team": incident.team}
    draft.record(incident.id, "IncidentOpened", "system_event", title, data=facts)
    say_opened(draft, incident.id)
    return incident.id


def join(draft: Draft, signal: AlertSignal, why: Correlation) -> None:
    """Let an alert join an incident, or change its state there."""
    before = draft.incidents[why.incident_id]
    known = before.members.get(signal.alert.fingerprint)
    hold(draft, before.id, signal)
    kind = "AlertJoined" if known is None else f"Alert{signal.alert.status.value.capitalize()}"
    words = f"{signal.alert.name}: {why.words}" if why.words else signal.alert.name
    draft.record(before.id, kind, why.reason, words, data=_facts(signal, why))
    raise_severity(draft, before)
    page_second_owner(draft, before.id, signal)
    reconsider(draft, before, before.id)
    if not before.executions and not draft.incidents[before.id].runbook_id and known is None:
        _adopt_runbook(draft, before.id, signal)


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
    draft.update(incident_id, reports=[*reports, _words(report)][:REPORTS])
    reason = why.strongest if why.evidence else "same_domain"
    draft.record(incident_id, "ReportJoined", reason, _words(report))


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


def mode_for(draft: Draft, service: str) -> Mode:
    """Give the mode of an incident that is opened now for a service: the strictest of all that have a say."""
    team = draft.library.teams.get(team_of(service, draft.library))
    return strictest(draft.library.rules.mode, team.mode if team else None, draft.mode)


def _new(draft: Draft, title: str, severity: Severity, service: str, environment: str) -> Incident:
    incident = Incident(
        id=draft.new_incident_id(),
        domain=draft.domain,
        title=cut(one_line(title), TITLE_CHARS),
        severity=severity,
        urgency=urgency_of(severity),
        environment=environment,
        service=service,
        team=team_of(service, draft.library),
        mode=mode_for(draft, service),
        opened_at=draft.at,
        home=service,
        policy_library=draft.library.hash,
    )
    draft.incidents[incident.id] = incident
    return incident


def _choose(draft: Draft, incident_id: str, signal: AlertSignal) -> Selection:
    selection = select(view_of(signal), draft.library)
    runbook = selection.runbook
    reason = selection.reason
    draft.update(incident_id, runbook_id=runbook.id if runbook else "", runbook_reason=reason)
    if not draft.incidents[incident_id].team and runbook:
        draft.update(incident_id, team=runbook.owner)
    kind, words = (
        ("RunbookSelected", runbook.id)
        if runbook
        else ("RunbookNotSelected", ", ".join(selection.candidates))
    )
    facts = {"team": draft.incidents[incident_id].team}
    draft.record(incident_id, kind, reason, words, data=facts)
    return selection


def _act_on(draft: Draft, incident_id: str, signal: AlertSignal, selection: Selection) -> None:
    severity = draft.incidents[incident_id].severity
    follow_plan(
        draft, incident_id, plan_page(severity, selection.runbook, selection.reason, draft.library.rules)
    )
    runbook, off = selection.runbook, draft.incidents[incident_id].automation_off
    if runbook is not None and not runbook.is_checklist and not off:
        start_execution(draft, incident_id, runbook, view_of(signal))


def _adopt_runbook(draft: Draft, incident_id: str, signal: AlertSignal) -> None:
    """Give an incident that has no runbook the one of an alert that joined it, if that has one."""
    if (
        signal.alert.status is AlertStatus.FIRING
        and select(view_of(signal), draft.library).runbook is not None
    ):
        _act_on(draft, incident_id, signal, _choose(draft, incident_id, signal))


def _close_oldest(draft: Draft) -> None:
    resolved = [each for each in draft.incidents.values() if each.status is IncidentStatus.RESOLVED]
    resolved.sort(key=lambda each: (each.resolved_at or draft.at, each.id))
    for incident in resolved[:-RESOLVED]:
        close(draft, incident.id, "too_many_resolved")


def _facts(signal: AlertSignal, why: Correlation) -> dict[str, str]:
    """Give what an event says of an alert: what it is, and what speaks for its place."""
    facts = {"fingerprint": signal.alert.fingerprint, "alertname": signal.alert.name}
    if why.weighed is not None:
        facts |= {"score": str(why.weighed.total), "likeliest": why.weighed.incident.id}
        facts |= {each.name: str(each.weight) for each in why.weighed.evidence}
    return facts


def _apart(title: str, why: Correlation) -> str:
    """Say of an incident that was opened beside others why it is none of them."""
    if why.weighed is None:
        return title
    return f"{title}; not of {why.weighed.incident.title!r}: {why.words}"


def _words(report: UserReport) -> str:
    return cut(f"{report.reporter or 'somebody'}: {report.text.strip()}", TEXT_CHARS)
