"""The engine. `decide_batch(record, batch, …) -> (record, outputs)`: this page is the order of things.

a batch of signals
  → skip what was applied before (offset, identity)
  → each signal, in order: alert | system event | user report | step result | response (or a notice of another domain) | timer
  → each incident it touched: its executions go on, the incident settles, what is to be paged next has its timer
  → each alert that was muted, or flapped, and no longer does takes effect
  → the review of each incident that is over and of which facts were added is written again
  → a snapshot of each incident that changed
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from app.core import control, heartbeats, shown_pages
from app.core.answers import on_answer
from app.core.bounds import CHANGES, LINE_CHARS, cut
from app.core.bridging import bridge, bridge_by_cause
from app.core.clocks import clock_of_event, happened, note_clock, note_lag
from app.core.correlation import OPEN, correlate, find_open
from app.core.draft import Draft, snapshot
from app.core.drafting import drafted, recorded
from app.core.escalation import events, trial
from app.core.escalation.upkeep import keep_up
from app.core.evidence import related_to
from app.core.identity import short_hash
from app.core.lifecycle import join, join_report, reopen_for_alert, suspect
from app.core.membership import hold
from app.core.moves import told as moves_told
from app.core.moves.handing import hand_over
from app.core.moves.places import tell_unheard
from app.core.moves.routing import anything_moved, arriving, goes_elsewhere
from app.core.opening import mode_for, open_for_alert, open_for_report
from app.core.quiet import asking, silencing
from app.core.quiet.after import Again, take_effect_now
from app.core.quiet.flapping import note_flapping, swallows
from app.core.quiet.holding import holds, standing_of, tell_freed
from app.core.responses import on_response, on_step_result, refuse_in_control, refuse_in_library
from app.core.reviews.shelf import put_back, take_down
from app.core.reviews.writing import write_again
from app.core.settling import settle
from app.core.timers import on_timer
from app.core.unheard import cause_of, forget, hear, only_a_person_ends, telling_of
from app.core.workflow import advance
from app.model.base import to_instant
from app.model.evidence import Change
from app.model.incident import DomainRecord, Incident
from app.model.inputs import (
    AlertSignal,
    ResponseSignal,
    StepResultSignal,
    SystemEventSignal,
    TimerSignal,
    UserReportSignal,
)
from app.model.library import Library
from app.model.moving import Waiting
from app.model.notices import CONTROL, LIBRARY, Notice
from app.model.outputs import Output
from app.model.signals import Signal, SignalBatch
from app.model.words import AlertStatus, NoticeKind


@dataclass(frozen=True)
class Decision:
    """The record after a batch, and what goes out, in order."""

    record: DomainRecord
    outputs: tuple[Output, ...]


def decide_batch(
    record: DomainRecord, batch: SignalBatch, offset: int, at: datetime, libraries: Mapping[str, Library]
) -> Decision:
    """Decide all signals of a `signals` message.

    `offset` and `at` are the message's offset and append time; `libraries` holds all that
    `record.libraries_needed` names. A message that was applied already gives the same record and no outputs.

    Raises:
        KeyError: a library that is needed is not among `libraries`.

    """
    if offset <= record.applied_offset:
        return Decision(record, ())
    draft = drafted(record, batch, to_instant(at), libraries)
    hand_over(draft)
    if draft.must_judge or draft.unmuting:  # now: the next signals may all be another domain's, or repeats
        _let_take_effect(draft, dict(draft.incidents))
    for signal in batch.signals:
        _apply(draft, signal)
    outputs = (*draft.outputs, *standing_of(draft, record.quiet), *_snapshots(draft))
    return Decision(recorded(record, draft, offset), outputs)


def _apply(draft: Draft, signal: Signal) -> None:
    """Apply one signal, and those that it brought or that waited for it."""
    if not anything_moved(draft) or not goes_elsewhere(draft, arriving(signal)):
        _apply_here(draft, signal)
    waiting: list[Waiting] = []
    while waiting := [*draft.arrived, *waiting]:
        draft.arrived = []
        each = waiting.pop(0)
        if not goes_elsewhere(draft, each):
            _apply_here(draft, each.signal)
    tell_unheard(draft)


def _apply_here(draft: Draft, signal: Signal) -> None:
    """Apply a signal that is this domain's, unless it is a repeat; a timer is known by the record alone."""
    if not isinstance(signal.body, TimerSignal) and not _is_new(draft, signal, draft.seen):
        return
    draft.cause, draft.source = cause_of(signal, draft.seen), signal.source
    take_down(draft, signal)
    before = dict(draft.incidents)
    _dispatch(draft, signal)
    forget(draft, draft.seen)
    while draft.made:
        _correlate(draft, draft.made.pop(0))
    _go_on(draft, before)
    _let_take_effect(draft, before)
    write_again(draft, before)
    put_back(draft)


def _let_take_effect(draft: Draft, before: Mapping[str, Incident]) -> None:
    """Let take effect what nothing mutes any more, or what ceased to flap, since the incidents were as `before`."""
    waiting = take_effect_now(draft, before)
    while waiting:
        again = waiting.pop(0)
        before = dict(draft.incidents)
        _take_effect_late(draft, again)
        _go_on(draft, before)
        waiting += take_effect_now(draft, before)  # an incident may have come back by it, or ended


def _go_on(draft: Draft, before: Mapping[str, Incident]) -> None:
    for incident_id in [each for each in draft.incidents if draft.incidents[each] is not before.get(each)]:
        advance(draft, incident_id)
        settle(draft, incident_id)
        keep_up(draft, incident_id)


def _is_new(draft: Draft, signal: Signal, seen: dict[str, None]) -> bool:
    """Whether the input was not applied before; that it was sent once more may say that its alert still fires."""
    telling = telling_of(draft, signal)
    if telling and telling in seen:
        return False
    mark = short_hash(signal.identity)
    is_new = mark not in seen
    seen |= dict.fromkeys([each for each in (mark, telling) if each])
    if telling and not is_new and isinstance(signal.body, AlertSignal):
        hear(draft, signal.body)
    return is_new


def _dispatch(draft: Draft, signal: Signal) -> None:
    body = signal.body
    match body:
        case AlertSignal():
            _on_alert(draft, body)
        case SystemEventSignal():
            _on_event(draft, body, signal.identity)
        case UserReportSignal():
            _on_report(draft, body)
        case StepResultSignal():
            on_step_result(draft, body.result)
        case ResponseSignal():
            _on_response(draft, body)
        case TimerSignal():
            on_timer(draft, body.timer)
        case _:
            assert_never(body)


def _on_response(draft: Draft, signal: ResponseSignal) -> None:
    if signal.notice is not None:
        _on_notice(draft, signal.notice)
    elif draft.domain == LIBRARY:
        if not shown_pages.on_answer(draft, signal.response):
            refuse_in_library(draft, signal.response)
    elif draft.domain != CONTROL:
        on_response(draft, signal.response)
    elif signal.response.response in silencing.WISHES:
        if why_not := silencing.on_wish(draft, signal.response):
            refuse_in_control(draft, signal.response, "silence", why_not)
    elif trial.concerns(draft, signal.response):
        if why_not := trial.on_response(draft, signal.response):
            refuse_in_control(draft, signal.response, "target", why_not)
    elif not control.on_response(draft, signal.response):
        refuse_in_control(draft, signal.response)


def _on_notice(draft: Draft, notice: Notice) -> None:
    if draft.domain == CONTROL:
        control.on_notice(draft, notice)
    elif notice.kind is NoticeKind.LIBRARY_IN_FORCE:
        shown_pages.show(draft, notice)
    elif notice.kind is NoticeKind.HEARTBEAT_EXPECTED:
        heartbeats.expect(draft)
    elif notice.kind in asking.KINDS:
        asking.on_notice(draft, notice)
    elif notice.kind in moves_told.KINDS:
        moves_told.on_notice(draft, notice)
    else:
        on_answer(draft, notice)


def _on_alert(draft: Draft, signal: AlertSignal) -> None:
    if heartbeats.take(draft, signal) or only_a_person_ends(draft, signal):
        return
    hear(draft, signal)
    _correlate(draft, signal)


def _correlate(draft: Draft, signal: AlertSignal) -> None:
    if holds(draft, signal):
        return
    if not swallows(draft, signal):
        if signal.alert.status is AlertStatus.FIRING:
            draft.note_lag(signal)
        _take_effect(draft, signal)
    note_flapping(draft, signal)


def _take_effect_late(draft: Draft, again: Again) -> None:
    """Let an alert take effect that came before: how long ago says nothing of clocks, and it began as was known then."""
    draft.cause = again.cause
    draft.onsets = {again.signal.alert.fingerprint: again.began} if again.began else {}
    _take_effect(draft, again.signal)
    draft.onsets = {}
    if again.held is not None:
        tell_freed(draft, again.held)


def _take_effect(draft: Draft, signal: AlertSignal) -> None:
    mode = mode_for(draft, signal.service)
    began = draft.onset(signal)
    why = correlate(signal, mode, draft.incidents.values(), draft.library, began)
    match why.verdict:
        case "open":
            bridge_by_cause(draft, open_for_alert(draft, signal, why))
        case "join":
            join(draft, signal, why)
            bridge(draft, signal, why)
        case "reopen":
            reopen_for_alert(draft, signal, why)
        case "note":
            hold(draft, why.incident_id, signal)
        case "ignore":
            pass
        case _:
            assert_never(why.verdict)


def _on_event(draft: Draft, signal: SystemEventSignal, identity: str) -> None:
    event = signal.event
    clock = clock_of_event(event)
    draft.change_lags = note_lag(draft.change_lags, event.time, draft.at)
    draft.clocks = note_clock(draft.clocks, clock, event.time, draft.at)
    change = Change(
        id=event.id or identity,
        type=event.type,
        service=event.service,
        subject=cut(event.subject, LINE_CHARS),
        summary=cut(event.summary, LINE_CHARS),
        at=draft.at,
        happened_at=happened(event.time, draft.at, draft.clocks.get(clock, ())),
    )
    draft.changes = [*draft.changes, change][-CHANGES:]
    for incident in list(draft.incidents.values()):
        if incident.status in OPEN:
            suspect(draft, incident.id, change)
    for incident_id in list(draft.incidents):
        bridge_by_cause(draft, incident_id)
    events.on_event(draft, event, identity)


def _on_report(draft: Draft, signal: UserReportSignal) -> None:
    report = signal.report
    incidents = find_open(draft.incidents.values(), mode_for(draft, report.service))
    found = related_to(report.service, incidents, draft.library)
    if found is not None:
        join_report(draft, report, found)
        return
    open_for_report(draft, report, report.service, report.environment or draft.library.rules.environment)


def _snapshots(draft: Draft) -> list[Output]:
    given: list[Output] = []
    for incident_id in draft.touched:
        incident = draft.incidents[incident_id]
        draft.incidents[incident_id] = incident.model_copy(update={"version": incident.version + 1})
        given.append(snapshot(draft.incidents[incident_id]))
    for incident in draft.closed.values():
        version = incident.version + 1
        given.append(snapshot(incident.model_copy(update={"version": version})))
        if incident.id in draft.shelf:
            shelved = draft.shelf[incident.id]
            draft.shelf[incident.id] = shelved.model_copy(update={"version": version})
    return given
