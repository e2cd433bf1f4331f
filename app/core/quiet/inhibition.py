"""Inhibition, as Alertmanager documents it: while a source fires, targets with equal labels are muted.

Sources are noted before it is asked whether they are muted themselves: a muted alert keeps others quiet all the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta

from app.core.bounds import INHIBITOR_BYTES, INHIBITORS
from app.core.correlation import OPEN
from app.core.draft import Draft
from app.core.quiet.sizes import texts_size
from app.model.base import Instant
from app.model.inputs import Alert, AlertSignal
from app.model.noise import InhibitRule
from app.model.quiet import Inhibitor
from app.model.timers import Timer
from app.model.words import AlertStatus, TimerKind

TIMER = "quiet/inhibitors"
_ENTRY = 120
"""What an inhibitor takes besides its labels."""
FORGOTTEN = timedelta(days=1)
"""After so long an alert keeps others quiet no more that no open incident holds, should its end never have come."""


def inhibited(
    labels: Mapping[str, str], rules: Iterable[InhibitRule], inhibitors: Mapping[str, Inhibitor]
) -> tuple[InhibitRule, str] | None:
    """Give the first rule that mutes an alert, and the fingerprint of the first alert by which it does.

    An alert that matches both sides is not inhibited by one that does as well, so never by itself.
    """
    for rule in rules:
        if not rule.is_target(labels):
            continue
        is_source = rule.is_source(labels)
        for fingerprint, inhibitor in inhibitors.items():
            other = inhibitor.labels
            if any(other.get(name, "") != labels.get(name, "") for name in rule.equal):
                continue
            if rule.is_source(other) and not (is_source and rule.is_target(other)):
                return rule, fingerprint
    return None


def note_inhibitor(draft: Draft, signal: AlertSignal) -> None:
    """Remember an alert that may keep others quiet, while it fires."""
    alert = signal.alert
    known = draft.quiet.inhibitors.get(alert.fingerprint)
    if alert.status is AlertStatus.RESOLVED:
        if known is not None and ends(alert, known.starts_at):
            forget(draft, [alert.fingerprint])
        return
    if known is not None and is_older(alert, known.starts_at):
        return
    if not any(rule.is_source(alert.labels) for rule in draft.library.inhibit):
        return
    if known is None and not _has_room(draft.quiet.inhibitors.values(), alert.labels):
        return
    noted = Inhibitor(
        labels=alert.labels,
        starts_at=alert.starts_at,
        since=draft.at,
        service=signal.service,
        environment=signal.environment,
    )
    draft.update_quiet(inhibitors={**draft.quiet.inhibitors, alert.fingerprint: noted})
    if TIMER not in draft.timers:
        _look_again(draft)


def ends(alert: Alert, starts_at: Instant | None) -> bool:
    """Whether a resolved alert is the end of the firing that began then, and not of an earlier one."""
    if alert.starts_at is None or starts_at is None or alert.starts_at >= starts_at:
        return True
    return alert.ends_at is not None and alert.ends_at > starts_at


def is_older(alert: Alert, starts_at: Instant | None) -> bool:
    """Whether an alert began before the firing that is known: it comes late, and says nothing new."""
    return alert.starts_at is not None and starts_at is not None and alert.starts_at < starts_at


def forget(draft: Draft, fingerprints: Collection[str]) -> None:
    """Let alerts keep nothing quiet any more; what they kept quiet is judged anew."""
    known = draft.quiet.inhibitors
    gone = [each for each in fingerprints if each in known]
    if not gone:
        return
    left = {each: inhibitor for each, inhibitor in known.items() if each not in set(gone)}
    draft.update_quiet(inhibitors=left)
    draft.unmuting.update(gone)
    if not left:
        draft.timers.pop(TIMER, None)


def of_no_incident(draft: Draft) -> dict[str, Inhibitor]:
    """Give the alerts that no incident holds and that keep others quiet all the same, such as those of severity none."""
    known = draft.quiet.inhibitors
    held = {each for incident in draft.incidents.values() for each in known.keys() & incident.members.keys()}
    return {each: inhibitor for each, inhibitor in known.items() if inhibitor.service and each not in held}


def take_out(draft: Draft, fingerprints: Collection[str]) -> dict[str, Inhibitor]:
    """Let go of what is known of alerts that are another domain's now, and give it."""
    taken = {each: known for each, known in draft.quiet.inhibitors.items() if each in fingerprints}
    forget(draft, taken)
    return taken


def put_in(draft: Draft, inhibitors: Mapping[str, Inhibitor]) -> None:
    """Know what another domain knew of alerts that are here now; for too many there is no room, and they keep nothing quiet."""
    kept = dict(draft.quiet.inhibitors)
    for fingerprint, each in inhibitors.items():
        if fingerprint in kept or _has_room(kept.values(), each.labels):
            kept[fingerprint] = each
    draft.update_quiet(inhibitors=kept)
    if kept and TIMER not in draft.timers:
        _look_again(draft)


def on_timer(draft: Draft, _: Timer) -> None:
    """Forget what was not heard of for long and no open incident holds."""
    old = [
        each
        for each, inhibitor in draft.quiet.inhibitors.items()
        if draft.at - inhibitor.since >= FORGOTTEN and not _is_held(draft, each)
    ]
    forget(draft, old)
    if draft.quiet.inhibitors:
        _look_again(draft)


def _is_held(draft: Draft, fingerprint: str) -> bool:
    members = (each.members.get(fingerprint) for each in draft.incidents.values() if each.status in OPEN)
    return fingerprint in draft.quiet.held or any(member is not None and member.f for member in members)


def _has_room(held: Iterable[Inhibitor], labels: Mapping[str, str]) -> bool:
    sizes = [_ENTRY + texts_size(each.labels) for each in held]
    return len(sizes) < INHIBITORS and sum(sizes) + _ENTRY + texts_size(labels) <= INHIBITOR_BYTES


def _look_again(draft: Draft) -> None:
    draft.set_timer(Timer(id=TIMER, due=draft.at + FORGOTTEN, kind=TimerKind.STEP_RETRY, incident_id=""))
