"""The runbook of an incident: chosen by an alert, its page due and its execution started as the runbook says."""

from __future__ import annotations

from app.core.draft import Draft
from app.core.membership import view_of
from app.core.paging import (
    follow_plan,
    plan_page,
)
from app.core.selection import Selection, select
from app.core.workflow import start_execution
from app.model.inputs import AlertSignal
from app.model.words import (
    AlertStatus,
)


def choose(draft: Draft, incident_id: str, signal: AlertSignal) -> Selection:
    """Choose the runbook of an incident by an alert, and tell which it is or why none."""
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


def act_on(draft: Draft, incident_id: str, signal: AlertSignal, selection: Selection) -> None:
    """Page and start as the runbook says that was chosen."""
    severity = draft.incidents[incident_id].severity
    follow_plan(
        draft, incident_id, plan_page(severity, selection.runbook, selection.reason, draft.library.rules)
    )
    runbook, off = selection.runbook, draft.incidents[incident_id].automation_off
    if runbook is not None and not runbook.is_checklist and not off:
        start_execution(draft, incident_id, runbook, view_of(signal))


def adopt_runbook(draft: Draft, incident_id: str, signal: AlertSignal) -> None:
    """Give an incident that has no runbook the one of an alert that joined it, if that has one."""
    if (
        signal.alert.status is AlertStatus.FIRING
        and select(view_of(signal), draft.library).runbook is not None
    ):
        act_on(draft, incident_id, signal, choose(draft, incident_id, signal))
