"""Flapping, with hysteresis: an alert that changed often of late counts as firing until it was calm for a while.

So its incident neither is resolved nor comes back with each change. Only alerts of open incidents flap.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from app.core.bounds import FLAPPING, FLAPPING_BYTES, FLAPS, bounded_annotations
from app.core.correlation import OPEN
from app.core.draft import Draft
from app.core.membership import hold
from app.core.quiet.inhibition import ends, is_older
from app.core.quiet.sizes import alert_size
from app.model.base import Instant
from app.model.durations import in_units
from app.model.incident import Incident
from app.model.inputs import Alert, AlertSignal
from app.model.quiet import Flap
from app.model.timers import Timer
from app.model.words import AlertStatus, TimerKind

TIMER = "quiet/flaps"


def swallows(draft: Draft, signal: AlertSignal) -> bool:
    """Note an alert's change; True where it flaps already, or begins to with its end, so that nothing else comes of it."""
    flap = _known(draft, signal.alert)
    if flap is None or not draft.library.flapping.changes:
        return False
    is_change = _is_change(signal.alert, flap)
    if flap.incident_id:
        _keep(draft, signal, flap, is_change=is_change)
        return True
    if not is_change:
        return False
    changes = _counted(draft, flap)
    fires = signal.alert.status is AlertStatus.FIRING
    noted = Flap(fires=fires, starts_at=signal.alert.starts_at or flap.starts_at, changes=changes)
    _remember(draft, signal.alert.fingerprint, noted)
    return not fires and _begins(draft, signal)


def note_flapping(draft: Draft, signal: AlertSignal) -> None:
    """Let an alert flap that changed so often, and say so in its incident."""
    if not _begins(draft, signal):
        return
    fingerprint, incident = signal.alert.fingerprint, _holder(draft, signal.alert.fingerprint)
    if incident is None:
        return
    flap = draft.quiet.flaps[fingerprint].model_copy(update={"incident_id": incident.id})
    _keep(draft, signal, flap, is_change=False)
    rules = draft.library.flapping
    words = f"{signal.alert.name} changed {len(flap.changes)} times within {in_units(rules.within)}: it counts as firing until it is calm for {in_units(rules.calm)}"
    facts = {"fingerprint": fingerprint, "alertname": signal.alert.name}
    draft.update(incident.id, flapping=incident.flapping + 1)
    draft.record(incident.id, "FlappingStarted", "too_many_changes", words, data=facts)


def calmed(draft: Draft) -> list[AlertSignal]:
    """End the flapping of alerts that were calm for long enough, and give each as it came last: that is to take effect now."""
    given = []
    for fingerprint, flap in draft.quiet.flaps.items():
        if flap.incident_id and flap.signal and draft.at - flap.changes[-1] >= draft.library.flapping.calm:
            given.append(flap.signal)
            _end(draft, fingerprint, flap)
    if given:
        gone = {each.alert.fingerprint for each in given}
        _set(draft, {each: flap for each, flap in draft.quiet.flaps.items() if each not in gone})
    return given


def forget_with(draft: Draft, incident: Incident) -> None:
    """Let nothing of an incident that is over flap any more: it counts as it was last, and what it does next begins anew."""
    if not incident.flapping:
        return
    over = {each: flap for each, flap in draft.quiet.flaps.items() if flap.incident_id == incident.id}
    _set(draft, {each: flap for each, flap in draft.quiet.flaps.items() if each not in over})
    if incident.id in draft.incidents:
        for flap in over.values():
            if flap.signal is not None:
                hold(draft, incident.id, flap.signal)
        draft.update(incident.id, flapping=0)


def forget(draft: Draft, incident_id: str, fingerprints: Collection[str]) -> dict[str, Flap]:
    """Let alerts of an open incident that count as over flap no more, and give what was known of them."""
    known = take_out(draft, set(fingerprints), ())
    flapped = sum(flap.incident_id == incident_id for flap in known.values())
    if flapped:
        draft.update(incident_id, flapping=max(0, draft.incidents[incident_id].flapping - flapped))
    return known


def move(draft: Draft, fingerprints: Collection[str], from_id: str, to_id: str) -> None:
    """Let alerts of one incident that flap do so in another, which holds them now."""
    moved = {
        each: flap.model_copy(update={"incident_id": to_id})
        for each, flap in draft.quiet.flaps.items()
        if flap.incident_id == from_id and each in fingerprints
    }
    if moved:
        draft.update(from_id, flapping=draft.incidents[from_id].flapping - len(moved))
        draft.update(to_id, flapping=draft.incidents[to_id].flapping + len(moved))
        _set(draft, {**draft.quiet.flaps, **moved})


def take_out(draft: Draft, fingerprints: Collection[str], incidents: Collection[str]) -> dict[str, Flap]:
    """Let go of what is known of alerts that another domain holds now, and of those that flap in its incidents; give it."""
    taken = {
        each: flap
        for each, flap in draft.quiet.flaps.items()
        if each in fingerprints or flap.incident_id in incidents
    }
    if taken:
        _set(draft, {each: flap for each, flap in draft.quiet.flaps.items() if each not in taken})
    return taken


def put_in(draft: Draft, flaps: Mapping[str, Flap]) -> None:
    """Know what another domain knew of alerts that are held here now; what flaps comes first.

    For too many that flap there is no room: they count as they were last.
    """
    if not flaps:
        return
    both = dict(draft.quiet.flaps)
    for fingerprint, flap in flaps.items():
        others = {each: known for each, known in both.items() if each != fingerprint}
        if flap.signal is not None and not _has_room(others, flap.signal.alert):
            both[fingerprint] = _counts_as_it_was(draft, flap)
        else:
            both[fingerprint] = flap
    first = sorted(both, key=lambda each: not both[each].incident_id)
    _set(draft, {each: both[each] for each in first[:FLAPS]})


def on_timer(draft: Draft, _: Timer) -> None:
    """Look whether something is calm now."""
    draft.must_judge = True
    _set(draft, draft.quiet.flaps)


def _known(draft: Draft, alert: Alert) -> Flap | None:
    """Give what is known of the alert's state: as it changed, else as an incident holds it."""
    flap = draft.quiet.flaps.get(alert.fingerprint)
    if flap is not None:
        return flap
    incident = _holder(draft, alert.fingerprint)
    if incident is None:
        return None
    member = incident.members[alert.fingerprint]
    return Flap(fires=member.f, starts_at=member.s)


def _holder(draft: Draft, fingerprint: str) -> Incident | None:
    """Give the open incident that holds the alert, else the newest that does."""
    holding = [each for each in draft.incidents.values() if fingerprint in each.members]
    return max(holding, key=lambda each: (each.status in OPEN, each.opened_at, each.id), default=None)


def _is_change(alert: Alert, flap: Flap) -> bool:
    """Whether the alert is in another state than before; what comes late is no change."""
    if alert.status is AlertStatus.RESOLVED:
        return flap.fires and ends(alert, flap.starts_at)
    return not flap.fires and (
        alert.starts_at is None or flap.starts_at is None or alert.starts_at > flap.starts_at
    )


def _counted(draft: Draft, flap: Flap) -> list[Instant]:
    rules = draft.library.flapping
    recent = [each for each in flap.changes if draft.at - each < rules.within]
    return [*recent, draft.at][-rules.changes :]


def _begins(draft: Draft, signal: AlertSignal) -> bool:
    """Whether the alert changed so often, with this signal, that it flaps; and there is room to say so."""
    flap = draft.quiet.flaps.get(signal.alert.fingerprint)
    rules = draft.library.flapping
    if flap is None or flap.incident_id or not rules.changes or len(flap.changes) < rules.changes:
        return False
    if flap.changes[-1] != draft.at or not _has_room(draft.quiet.flaps, signal.alert):
        return False
    holder = _holder(draft, signal.alert.fingerprint)
    return holder is not None and holder.status in OPEN


def _keep(draft: Draft, signal: AlertSignal, flap: Flap, *, is_change: bool) -> None:
    """Keep what a flapping alert said last."""
    kept = signal.model_copy(update={"alert": bounded_annotations(signal.alert)})
    fields: dict[str, object] = {"signal": kept}
    if is_change:
        fields |= {
            "fires": signal.alert.status is AlertStatus.FIRING,
            "starts_at": signal.alert.starts_at or flap.starts_at,
            "changes": _counted(draft, flap),
            "count": flap.count + 1,
        }
    elif flap.signal is not None and _is_old(signal.alert, flap.signal.alert):
        return
    _remember(draft, signal.alert.fingerprint, flap.model_copy(update=fields))


def _is_old(alert: Alert, known: Alert) -> bool:
    """Whether an alert in the same or an earlier state says nothing new."""
    return is_older(alert, known.starts_at) or alert.status is not known.status


def _counts_as_it_was(draft: Draft, flap: Flap) -> Flap:
    """Let an alert flap no more: its incident holds it as it was last."""
    incident = draft.incidents.get(flap.incident_id)
    if incident is not None and flap.signal is not None:
        hold(draft, incident.id, flap.signal)
        draft.update(incident.id, flapping=max(0, incident.flapping - 1))
    return Flap(fires=flap.fires, starts_at=flap.starts_at, changes=flap.changes)


def _end(draft: Draft, fingerprint: str, flap: Flap) -> None:
    incident = draft.incidents.get(flap.incident_id)
    if incident is None:  # a record of before an alert went along with the incident that it flaps in
        return
    name = flap.signal.alert.name if flap.signal else fingerprint
    state = "fires" if flap.fires else "is resolved"
    words = f"{name} {state} and is calm again; it changed {flap.count} times meanwhile"
    facts = {"fingerprint": fingerprint, "alertname": name, "changes": str(flap.count)}
    draft.update(incident.id, flapping=max(0, incident.flapping - 1))
    draft.record(incident.id, "FlappingEnded", "calm", words, data=facts)


def _remember(draft: Draft, fingerprint: str, flap: Flap) -> None:
    flaps = {**draft.quiet.flaps, fingerprint: flap}
    if len(flaps) > FLAPS:
        calm = [each for each, known in flaps.items() if not known.incident_id and each != fingerprint]
        del flaps[min(calm, key=lambda each: (flaps[each].changes[-1], each))]
    _set(draft, flaps)


def _set(draft: Draft, flaps: dict[str, Flap]) -> None:
    """Set what changed; what is calm for so long that it counts no more is forgotten."""
    rules = draft.library.flapping
    kept = {
        each: flap
        for each, flap in flaps.items()
        if flap.incident_id or draft.at - flap.changes[-1] < rules.within
    }
    draft.update_quiet(flaps=kept)
    due = [flap.changes[-1] + rules.calm for flap in kept.values() if flap.incident_id]
    if due:
        draft.set_timer(Timer(id=TIMER, due=min(due), kind=TimerKind.STEP_RETRY, incident_id=""))
    else:
        draft.timers.pop(TIMER, None)


def _has_room(flaps: Mapping[str, Flap], alert: Alert) -> bool:
    sizes = [alert_size(each.signal.alert) for each in flaps.values() if each.signal is not None]
    return len(sizes) < FLAPPING and (not sizes or sum(sizes) + alert_size(alert) <= FLAPPING_BYTES)
