"""The end of an incident that nobody need end: all its alerts are over, and stayed so for the settling time."""

from __future__ import annotations

from app.core.correlation import OPEN
from app.core.draft import Draft
from app.core.executions import ACTING, At, running
from app.core.lifecycle import resolve
from app.core.steering import set_paused
from app.core.workflow import advance, applied_mitigations
from app.model.durations import in_units
from app.model.execution import Execution
from app.model.incident import Incident
from app.model.timers import Timer
from app.model.words import StepStatus, TimerKind


def settle(draft: Draft, incident_id: str) -> None:
    """Resolve an incident whose alerts have all been over for long enough, unless automation that acted is to verify that first."""
    incident = draft.incidents[incident_id]
    if incident.firing and incident.taken_up:
        incident = draft.update(incident_id, taken_up=False)
    if incident.status not in OPEN or not incident.alert_count or incident.firing or incident.taken_up:
        _settle_no_more(draft, incident)
        return
    if draft.library.rules.settle_after and incident.settles_at is None:
        incident = _begin_to_settle(draft, incident)
    if incident.settles_at is not None and draft.at < incident.settles_at:
        return
    runs = running(incident)
    if any(must_finish(run) for run in runs):
        return
    words = "all alerts were resolved before automation acted" if runs else "all alerts are resolved"
    resolve(draft, incident_id, "alerts_resolved", words)
    _settle_no_more(draft, draft.incidents[incident_id])


def must_finish(run: Execution) -> bool:
    """Whether automation has acted or is acting, so that its verification decides and not the alerts alone."""
    at_work = (StepStatus.RUNNING, StepStatus.UNKNOWN)
    acting = any(step.status in at_work and step.effect in ACTING for step in run.steps)
    return acting or bool(run.failing) or bool(applied_mitigations(run))


def _begin_to_settle(draft: Draft, incident: Incident) -> Incident:
    """Wait whether it stays so. Automation that has not acted stands still meanwhile: there may be nothing left to mend."""
    due = draft.at + draft.library.rules.settle_after
    runs = running(incident)
    held = [run.id for run in runs if not run.is_paused and not run.parent_id]
    held = [] if any(must_finish(run) for run in runs) else held
    for execution_id in held:
        set_paused(draft, At(incident.id, execution_id), paused=True)
    draft.update(incident.id, settles_at=due, settling_runs=held)
    # The kind is one whose timers only make an incident be looked at.
    timer = Timer(id=_timer_id(incident.id), due=due, kind=TimerKind.WAIT_HELD, incident_id=incident.id)
    draft.set_timer(timer)
    words = (
        f"all alerts are resolved; if it stays so it is over in {in_units(draft.library.rules.settle_after)}"
    )
    draft.record(incident.id, "SettlingStarted", "alerts_resolved", words)
    advance(draft, incident.id)  # which stops the clocks of what stands still
    return draft.incidents[incident.id]


def _settle_no_more(draft: Draft, incident: Incident) -> None:
    """Forget the settling time: an alert fires again, or the incident is over."""
    if incident.settles_at is None:
        return
    draft.timers.pop(_timer_id(incident.id), None)
    held = incident.settling_runs
    draft.update(incident.id, settles_at=None, settling_runs=[])
    if incident.status not in OPEN or not incident.firing:
        return
    draft.record(incident.id, "SettlingEnded", "fires_again", "an alert fires again")
    for run in running(draft.incidents[incident.id]):
        if run.id in held and run.is_paused:
            set_paused(draft, At(incident.id, run.id), paused=False)
    advance(draft, incident.id)


def _timer_id(incident_id: str) -> str:
    return f"settle/{incident_id}"
