"""Muted alerts: held while it is quiet; they take effect, as if they came then, if they still fire when it no longer is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from app.core.bounds import HELD, HELD_BYTES, bounded_annotations
from app.core.correlation import OPEN
from app.core.draft import Draft
from app.core.quiet import asking, inhibition
from app.core.quiet.muting import Mute, muted_by
from app.core.quiet.sizes import alert_size
from app.model.incident import Incident
from app.model.inputs import Alert, AlertSignal
from app.model.quiet import Held, Quiet
from app.model.standings import MutedAlert, MutedAlerts, Standing
from app.model.timers import Timer
from app.model.words import AlertStatus, Severity, TimerKind

TIMER = "quiet/held"
SHOWN = 20
"""Muted alerts that the domain's standing shows."""


def holds(draft: Draft, signal: AlertSignal) -> bool:
    """Note what an alert means for the quiet; hold it, and say so, if it fires and is muted.

    An alert of an open incident is never held: its state counts there, and it opens nothing and tells nobody.
    """
    alert = signal.alert
    inhibition.note_inhibitor(draft, signal)
    held = draft.quiet.held.get(alert.fingerprint)
    if alert.status is AlertStatus.RESOLVED:
        if held is not None and inhibition.ends(alert, held.signal.alert.starts_at):
            _let_go(draft, [alert.fingerprint])
        return False
    if signal.severity is Severity.NONE or _is_in_open_incident(draft, alert.fingerprint):
        return False
    if held is not None and inhibition.is_older(alert, held.signal.alert.starts_at):
        return True
    mute = muted_by(draft, signal)
    if mute is None:
        _let_go(draft, [alert.fingerprint])
    else:
        _hold(draft, signal, mute, held)
    return mute is not None


def freed(draft: Draft, sources: Collection[str] | None = None) -> list[Held]:
    """Judge anew what is held, or only what alerts muted that are among `sources`; give the alerts that nothing mutes any more, and let go of them.

    First `control` is asked about silences, and until it has answered they stay.
    """
    left, over, to_ask = {}, [], []
    for fingerprint, held in draft.quiet.held.items():
        if sources is not None and held.source not in sources:
            left[fingerprint] = held
            continue
        mute = muted_by(draft, held.signal)
        if mute is None and held.is_told:
            over.append(held)
            continue
        if mute is None and not held.is_asked:
            to_ask.append(held)
        left[fingerprint] = _judged(held, mute)
    asking.ask(draft, to_ask)
    _set_held(draft, left)
    draft.update_quiet(library=draft.library.hash if left else "")
    return over


def back_in(draft: Draft, incident: Incident) -> list[Held]:
    """Give what is held of an incident that is open again, and let go of it: it counts there, muted or not."""
    back = [held for each, held in draft.quiet.held.items() if each in incident.members]
    _let_go(draft, [held.signal.alert.fingerprint for held in back])
    return back


def take_out(draft: Draft, service: str) -> dict[str, Held]:
    """Let go of a service's muted alerts, which another domain holds now, and give them."""
    taken = {each: held for each, held in draft.quiet.held.items() if held.signal.service == service}
    _let_go(draft, taken)
    return taken


def put_in(draft: Draft, held: Mapping[str, Held]) -> None:
    """Hold muted alerts that another domain held; of silences `control` is asked anew. For too many there is no room, and they count."""
    kept = dict(draft.quiet.held)
    for fingerprint, each in held.items():
        if fingerprint in kept or _has_room(kept.values(), each.signal.alert):
            kept[fingerprint] = each.model_copy(update={"is_asked": False, "is_told": False})
    if held:
        beyond = draft.quiet.beyond + len(held.keys() - kept.keys())
        _set_held(draft, kept)
        draft.update_quiet(beyond=beyond)


def tell_freed(draft: Draft, held: Held) -> None:
    """Say in the incident, if one came of it, that an alert was muted before."""
    alert = held.signal.alert
    found = [each for each in draft.incidents.values() if alert.fingerprint in each.members]
    if found:
        words = f"{alert.name} fires and is no longer muted; {held.by} muted it since {held.since:%Y-%m-%d %H:%M:%S} UTC"
        facts = {"fingerprint": alert.fingerprint, "by": held.by}
        draft.record(found[-1].id, "AlertUnmuted", "quiet_over", words, data=facts)


def on_timer(draft: Draft, _: Timer) -> None:
    """Look again at what is held: for some of it the quiet ends now."""
    draft.must_judge = True
    _set_timer(draft)


def standing_of(draft: Draft, before: Quiet) -> list[Standing]:
    """Give what is muted in the domain, if that changed."""
    now = draft.quiet
    if (now.held, now.beyond) == (before.held, before.beyond):
        return []
    now = draft.update_quiet(version=before.version + 1)
    return [
        Standing(
            id=f"muted:{draft.domain}",
            version=now.version,
            at=draft.at,
            reason="alerts_muted" if now.held else "nothing_muted",
            muted=MutedAlerts(
                domain=draft.domain,
                count=len(now.held),
                beyond=now.beyond,
                by=dict(sorted(Counter(each.by.partition(":")[0] for each in now.held.values()).items())),
                alerts=[_shown(each) for each in list(now.held.values())[:SHOWN]],
            ),
        )
    ]


def _hold(draft: Draft, signal: AlertSignal, mute: Mute, held: Held | None) -> None:
    others = {each: known for each, known in draft.quiet.held.items() if each != signal.alert.fingerprint}
    kept = signal.model_copy(update={"alert": bounded_annotations(signal.alert)})
    if held is None and not _has_room(others.values(), kept.alert):
        draft.update_quiet(beyond=draft.quiet.beyond + 1)
        return
    if held is not None and held.signal.alert.starts_at == signal.alert.starts_at:
        began = held.began
    else:
        draft.note_lag(signal)
        began = draft.onset(signal)
    new = Held(
        signal=kept,
        identity=draft.cause,
        by=mute.by,
        source=mute.source,
        since=held.since if held else draft.at,
        began=began,
        until=mute.until,
    )
    _set_held(draft, {**draft.quiet.held, signal.alert.fingerprint: new})


def _judged(held: Held, mute: Mute | None) -> Held:
    """Give what is held as it is muted now; while `control` is asked it shows what muted it last."""
    if mute is None:
        return held.model_copy(update={"is_asked": True, "until": None})
    now = {"by": mute.by, "source": mute.source, "until": mute.until, "is_asked": False, "is_told": False}
    return held.model_copy(update=now)


def _let_go(draft: Draft, fingerprints: Iterable[str]) -> None:
    gone = set(fingerprints) & set(draft.quiet.held)
    if gone:
        _set_held(draft, {each: held for each, held in draft.quiet.held.items() if each not in gone})


def _set_held(draft: Draft, held: dict[str, Held]) -> None:
    judged_by = (
        draft.quiet.library or draft.library.hash
    )  # what is held already may not have been judged by a newer one yet
    fields: dict[str, object] = {"held": held, "library": judged_by if held else ""}
    if not held:
        fields["beyond"] = 0
    asking.tell_used(draft, draft.quiet.held, held)
    draft.update_quiet(**fields)
    _set_timer(draft)


def _set_timer(draft: Draft) -> None:
    due = min((each.until for each in draft.quiet.held.values() if each.until is not None), default=None)
    if due is None:
        draft.timers.pop(TIMER, None)
    else:
        draft.set_timer(Timer(id=TIMER, due=due, kind=TimerKind.STEP_RETRY, incident_id=""))


def _is_in_open_incident(draft: Draft, fingerprint: str) -> bool:
    return any(fingerprint in each.members for each in draft.incidents.values() if each.status in OPEN)


def _has_room(held: Iterable[Held], alert: Alert) -> bool:
    sizes = [alert_size(each.signal.alert) for each in held]
    return len(sizes) < HELD and sum(sizes) + alert_size(alert) <= HELD_BYTES


def _shown(held: Held) -> MutedAlert:
    alert = held.signal.alert
    return MutedAlert(
        fingerprint=alert.fingerprint,
        name=alert.name,
        service=held.signal.service,
        severity=held.signal.severity,
        by=held.by,
        source=held.source,
        since=held.since,
        until=held.until,
    )
