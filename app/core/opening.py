"""An incident opens: for an alert, for a person's report, or for a system event that calls for a person."""

from __future__ import annotations

from app.core.announce import (
    say_opened,
)
from app.core.bounds import TEXT_CHARS, TITLE_CHARS, cut, one_line
from app.core.choosing import act_on, choose
from app.core.correlation import Correlation
from app.core.domains import team_of
from app.core.draft import Draft
from app.core.membership import hold, urgency_of
from app.core.owners import reconsider
from app.core.paging import (
    page,
)
from app.model.incident import Affected, Incident
from app.model.inputs import AlertSignal, UserReport
from app.model.ladder import AwaitedEvent
from app.model.words import (
    Mode,
    Severity,
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
    facts = {**why.facts(signal.alert), "team": incident.team}
    draft.record(incident.id, "IncidentOpened", why.reason, _apart(title, why), data=facts)
    reconsider(draft, None, incident.id)
    selection = choose(draft, incident.id, signal)
    if not starts:
        draft.update(incident.id, automation_off=True)
    say_opened(draft, incident.id)
    act_on(draft, incident.id, signal, selection)
    return incident.id


def open_for_report(draft: Draft, report: UserReport, service: str, environment: str) -> str:
    """Open an incident for a person's report; no runbook is picked from words yet, so somebody is paged."""
    title = cut(report.text.strip().splitlines()[0] if report.text.strip() else "User report", 120)
    severity = report.severity if report.severity is not Severity.NONE else Severity.INFO
    incident = _new(draft, title, severity, service, environment)
    draft.update(
        incident.id,
        runbook_reason="no_runbook",
        reports=[words_of(report)],
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


def _apart(title: str, why: Correlation) -> str:
    """Say of an incident that was opened beside others why it is none of them."""
    if why.weighed is None:
        return title
    return f"{title}; not of {why.weighed.incident.title!r}: {why.words}"


def words_of(report: UserReport) -> str:
    """Give what a person reported, with who did, as an incident holds it."""
    return cut(f"{report.reporter or 'somebody'}: {report.text.strip()}", TEXT_CHARS)
