"""What is not heard of any more: alerts that are not repeated, and incidents of which no alert is.

A timer that comes late says that this service was away and not the source: what was sent meanwhile is still on its way,
so it is looked at a while later.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta

from app.core.bounds import SEEN
from app.core.correlation import OPEN
from app.core.draft import Draft
from app.core.executions import running
from app.core.identity import firing_identity, short_hash, source_identity
from app.core.lifecycle import resolve
from app.core.paging import is_being_paged, page
from app.core.quiet import flapping, inhibition
from app.core.settling import must_finish
from app.core.sources import CATCH_UP, NOT_REPEATED, SILENT, arm, ends_at, expect_repeats, listens, source_of
from app.model.incident import Incident, Member
from app.model.inputs import AlertSignal, TimerSignal
from app.model.presence import Resolves
from app.model.signals import Signal
from app.model.timers import Timer
from app.model.words import AlertStatus, ExecutionStatus

_FORGETFUL = SEEN // 2
"""A domain that remembers fewer identities has never forgotten one to make room: of a full record's no more than a few are taken out at a time."""
LATE = timedelta(minutes=1)
"""How late a timer of this kind may be and still mean something."""


def came_late(draft: Draft, timer: Timer) -> bool:
    """Whether this service was away when the timer was due."""
    return draft.at - timer.due > LATE


def telling_of(draft: Draft, signal: Signal) -> str:
    """Give the mark of an alert at the place where it was read, which tells one that is sent once more from one that is read once more.

    Empty where that makes no difference.
    """
    body = signal.body
    if not isinstance(body, AlertSignal) or not listens(body.alert, draft.library):
        return ""
    return short_hash(_telling(signal))


def cause_of(signal: Signal, seen: Mapping[str, None]) -> str:
    """Give what outputs come of: the input's identity; for one that may count anew also where it was read, so that no id comes twice.

    That is one whose alert was taken for over, and any in a domain that has had so many that it may have forgotten it: whoever
    drops repeated ids must not drop the page of an alert that comes back after years.
    """
    may_come_again = len(seen) >= _FORGETFUL or _anew(signal.identity) in seen
    return (
        _telling(signal) if may_come_again and not isinstance(signal.body, TimerSignal) else signal.identity
    )


def forget(draft: Draft, seen: dict[str, None]) -> None:
    """Let the alerts that count as over count anew when they are sent once more."""
    for identity in draft.forgotten:
        _forget(identity, seen)
    draft.forgotten = []


def count_anew(draft: Draft, signal: Signal) -> None:
    """Let a signal that was decided count anew, should it be decided once more."""
    draft.seen.pop(telling_of(draft, signal), None)
    _forget(signal.identity, draft.seen)


def _forget(identity: str, seen: dict[str, None]) -> None:
    seen.pop(short_hash(identity), None)
    seen[_anew(identity)] = None


def hear(draft: Draft, signal: AlertSignal) -> None:
    """Note that an alert is repeated that open incidents know to fire."""
    if not listens(signal.alert, draft.library):
        return
    for incident in list(draft.incidents.values()):
        member = incident.members.get(signal.alert.fingerprint)
        if incident.status in OPEN and member is not None and member.f:
            expect_repeats(draft, incident.id, signal.alert)
            _page_if_left(draft, incident)


def only_a_person_ends(draft: Draft, signal: AlertSignal) -> bool:
    """Whether it is an end that does not count, because the alert's source says nothing of its end; the incident shows it."""
    if signal.alert.status is AlertStatus.FIRING:
        return False
    source = source_of(signal.alert, draft.library)
    if source is None or source.resolves is not Resolves.MANUAL:
        return False
    for incident in list(draft.incidents.values()):
        member = incident.members.get(signal.alert.fingerprint)
        if incident.status in OPEN and member is not None and member.f:
            words = f"{signal.alert.name}: sources.{source.name} says that only a person ends it"
            draft.record(incident.id, "AlertEndIgnored", "resolves_manual", words)
    return True


def on_timer(draft: Draft, timer: Timer) -> None:
    """Look whether something was heard of; what was not counts as over."""
    incident = draft.incidents.get(timer.incident_id)
    if incident is None or incident.status not in OPEN or draft.heartbeat is not None:
        return
    prefix = NOT_REPEATED if timer.id.startswith(NOT_REPEATED) else SILENT
    if came_late(draft, timer):
        arm(draft, prefix, incident, draft.at + CATCH_UP)
    elif prefix == NOT_REPEATED:
        _end_not_repeated(draft, incident)
    else:
        _end_silent(draft, incident)


def _end_not_repeated(draft: Draft, incident: Incident) -> None:
    expected = {
        fingerprint: member.e
        for fingerprint, member in incident.members.items()
        if member.f and member.e is not None
    }
    gone = [each for each, ends in expected.items() if ends_at(incident, ends) <= draft.at]
    left = [ends for each, ends in expected.items() if each not in set(gone)]
    if left:
        arm(draft, NOT_REPEATED, incident, ends_at(incident, min(left)))
    if gone:
        _end(draft, incident, gone, "alerts_not_repeated")


def _end_silent(draft: Draft, incident: Incident) -> None:
    after = draft.library.rules.silent_after
    if not after or incident.heard_at is None or any(each.f and each.m for each in incident.members.values()):
        return
    if incident.heard_at + after > draft.at:
        arm(draft, SILENT, incident, incident.heard_at + after)
        return
    gone = [fingerprint for fingerprint, member in incident.members.items() if member.f]
    draft.update(incident.id, overflow_firing=0, firing=incident.firing - incident.overflow_firing)
    _end(draft, draft.incidents[incident.id], gone, "silent_too_long")


def _end(draft: Draft, incident: Incident, gone: Collection[str], reason: str) -> None:
    """Let alerts count as over. Each is forgotten as it was known, so that it counts anew should it be heard of again."""
    flaps = flapping.forget(draft, incident.id, gone)
    for fingerprint in gone:
        flapped = flaps[fingerprint].starts_at if fingerprint in flaps else None
        starts = [each for each in (incident.members[fingerprint].s, flapped) if each is not None]
        draft.forgotten += [firing_identity(fingerprint, max(starts))] if starts else []
    inhibition.forget(draft, gone)
    ended = Member(f=False)
    alerts = [
        each.model_copy(update={"status": AlertStatus.RESOLVED}) if each.fingerprint in gone else each
        for each in incident.alerts
    ]
    members = {**incident.members, **dict.fromkeys(gone, ended)}
    draft.update(incident.id, members=members, alerts=alerts, firing=incident.firing - len(gone))
    words = _WORDS[reason]
    draft.record(incident.id, "AlertsEnded", reason, f"{len(gone)} of its alerts count as over: {words}")
    if not draft.incidents[incident.id].firing and not any(map(must_finish, running(incident))):
        resolve(draft, incident.id, reason, words)


_WORDS = {
    "alerts_not_repeated": "they were not repeated for as long as their sources say",
    "silent_too_long": "no alert of the incident was repeated for rules.silent_after",
}


def _page_if_left(draft: Draft, incident: Incident) -> None:
    """Page once an alert is repeated after its runbook ended well: when that ended, nobody could know that it still fires."""
    runs = [run for run in incident.executions if not run.parent_id]
    ended_well = bool(runs) and runs[-1].status is ExecutionStatus.SUCCEEDED
    is_cared_for = incident.acknowledged_at is not None or is_being_paged(incident)
    was_tried = any(each.type == "EscalationImpossible" for each in incident.timeline)
    if ended_well and not running(incident) and not is_cared_for and not was_tried:
        page(draft, incident.id, "still_firing", f"runbook {runs[-1].runbook_id}")


def _telling(signal: Signal) -> str:
    return f"{signal.identity}@{source_identity(signal.source)}"


def _anew(identity: str) -> str:
    return short_hash(f"anew:{identity}")
