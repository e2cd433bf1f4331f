"""Timers that fired. One that comes early, twice, or after it was cancelled changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from app.core import approvals, control, digests, handover, heartbeats, unheard, waits
from app.core.announce import on_digest
from app.core.attempts import time_out
from app.core.correlation import OPEN
from app.core.draft import Draft
from app.core.escalation import delivery, events, firing, ladders, stale, ways, wishes
from app.core.executions import At
from app.core.gates import go_on
from app.core.lifecycle import close
from app.core.moves import places
from app.core.paging import SNOOZE, page
from app.core.quiet import flapping, holding, inhibition, silencing
from app.core.sources import NOT_REPEATED, SILENT
from app.core.tickets import follow_ups
from app.core.workflow import run_out_of_budget
from app.model.inputs import TimerFired
from app.model.timers import Timer
from app.model.words import Gate, TimerKind

BY_PREFIX: dict[str, Callable[[Draft, Timer], None]] = {
    events.TIMER: events.on_timer,
    flapping.TIMER: flapping.on_timer,
    holding.TIMER: holding.on_timer,
    inhibition.TIMER: inhibition.on_timer,
    silencing.TIMER: silencing.on_timer,
    control.TIMER: control.on_timer,
    heartbeats.TIMER: heartbeats.on_timer,
    places.TIMER: places.on_timer,
    NOT_REPEATED: unheard.on_timer,
    SILENT: unheard.on_timer,
    digests.TIMER: on_digest,
    follow_ups.TIMER: follow_ups.on_timer,
}
"""What acts on timers whose ids begin so; what acts on the others, their kinds tell."""
OF_PAGES: dict[str, Callable[[Draft, Timer], None]] = {
    ladders.PREFIX: firing.on_timer,
    SNOOZE: wishes.on_snooze_over,
    stale.PREFIX: stale.on_timer,
    ways.PREFIX: delivery.on_timer,
}
"""What acts on timers that page again or further, while their incident is open."""


def on_timer(draft: Draft, fired: TimerFired) -> None:
    """Act on a timer that the record still holds, once its time has come by broker time."""
    timer = draft.timers.get(fired.id)
    if timer is None or timer.due != fired.due or timer.due > draft.at:
        return
    del draft.timers[fired.id]
    act = next((each for prefix, each in BY_PREFIX.items() if timer.id.startswith(prefix)), _act)
    act(draft, timer)


def _act(draft: Draft, timer: Timer) -> None:
    match timer.kind:
        case TimerKind.EXECUTION_BUDGET:
            run_out_of_budget(draft, At(timer.incident_id, timer.execution_id))
        case TimerKind.PAGE_DUE:
            _page_if_open(draft, timer)
        case TimerKind.REOPEN_WINDOW:
            close(draft, timer.incident_id, "reopen_window_over")
        case _:
            _act_on_step(draft, timer)


def _act_on_step(draft: Draft, timer: Timer) -> None:
    at, step = At(timer.incident_id, timer.execution_id), timer.step
    match timer.kind:
        case TimerKind.STEP_TIMEOUT:
            _time_out(draft, at, timer)
        case TimerKind.STEP_RETRY:
            go_on(draft, at, step)
        case TimerKind.WAIT_HELD:
            draft.update(timer.incident_id)  # the wait is looked at when the execution goes on
        case _:
            waits.give_up(draft, at, step)


def _time_out(draft: Draft, at: At, timer: Timer) -> None:
    """End what the step waits for: an executor's answer, or people."""
    match at.step_run(draft, timer.step).gate:
        case Gate.APPROVAL:
            approvals.time_out(draft, at, timer.step, timer.attempt)
        case Gate.PERSON:
            handover.give_up(draft, at, timer.step)
        case _:
            time_out(draft, at, timer.step)


def _page_if_open(draft: Draft, timer: Timer) -> None:
    incident = draft.incidents[timer.incident_id]
    go_on = next((act for prefix, act in OF_PAGES.items() if timer.id.startswith(prefix)), None)
    if incident.settles_at is not None and incident.settles_at >= draft.at:
        due = incident.settles_at + timedelta(milliseconds=1)  # it need not be, if all stays quiet until then
        draft.set_timer(timer.model_copy(update={"due": due}))
    elif incident.status not in OPEN:
        return
    elif go_on is not None:
        go_on(draft, timer)
    elif incident.acknowledged_at is None:
        page(draft, incident.id, timer.id.rsplit("/", 1)[-1])
