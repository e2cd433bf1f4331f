"""Alerts that must keep coming. Each has a domain of its own, where its presence opens nothing and its absence does.

What opens an incident is an alert that is made up here, and what ends it is the end of that alert: so it goes the way of every other.
"""

from __future__ import annotations

from app.core.draft import Draft
from app.core.identity import fingerprint
from app.core.sources import CATCH_UP
from app.core.unheard import came_late
from app.model.base import Instant
from app.model.durations import in_units
from app.model.incident import Beat
from app.model.inputs import Alert, AlertSignal
from app.model.presence import DOMAIN, Heartbeat
from app.model.timers import Timer
from app.model.words import AlertStatus, TimerKind

TIMER = "heartbeat"
"""The one timer of a heartbeat's domain that belongs to no incident."""
ABSENT = "HeartbeatAbsent"
"""The name of the alert that is made up."""


def name_of(domain: str) -> str:
    """Give the heartbeat whose domain it is; empty where it is none's."""
    return domain.removeprefix(DOMAIN) if domain.startswith(DOMAIN) and "/" not in domain else ""


def take(draft: Draft, signal: AlertSignal) -> bool:
    """Take an alert as a heartbeat, if this is its domain. That it fires is presence; that it ends is none, and no absence yet."""
    name = name_of(draft.domain)
    if not name:
        return False
    heartbeat = draft.library.heartbeats.get(name)
    if heartbeat is not None and signal.alert.status is AlertStatus.FIRING:
        before = draft.heartbeat or Beat(since=draft.at)
        _come_back(draft, before)
        draft.heartbeat = before.model_copy(update={"heard_at": draft.at, "absence": None})
        _look_at(draft, draft.at + heartbeat.every + heartbeat.grace)
    return True


def expect(draft: Draft) -> None:
    """Expect the heartbeat from now on, as a library does that came into force; one that is expected is looked at by its new words."""
    heartbeat = draft.library.heartbeats.get(name_of(draft.domain))
    if heartbeat is None:
        return
    beat = draft.heartbeat or Beat(since=draft.at)
    draft.heartbeat = beat
    if beat.absence is None:
        due = (beat.heard_at or beat.since) + heartbeat.every + heartbeat.grace
        _look_at(draft, max(due, draft.at + heartbeat.grace))


def on_timer(draft: Draft, timer: Timer) -> None:
    """Look whether it stays away; while it does, look whether anybody still wants it."""
    heartbeat, beat = draft.library.heartbeats.get(name_of(draft.domain)), draft.heartbeat
    if beat is None:
        return
    if heartbeat is None:
        _come_back(draft, beat)
        draft.heartbeat = None
    elif beat.absence is not None:
        _look_at(draft, draft.at + heartbeat.every)
    elif came_late(draft, timer):
        _look_at(draft, draft.at + CATCH_UP)
    else:
        absence = _absence(draft, heartbeat, beat)
        draft.heartbeat = beat.model_copy(update={"absence": absence})
        draft.made.append(absence)
        _look_at(draft, draft.at + heartbeat.every)


def _come_back(draft: Draft, beat: Beat) -> None:
    if beat.absence is None:
        return
    ended = {"status": AlertStatus.RESOLVED, "ends_at": draft.at}
    alert = beat.absence.alert.model_copy(update=ended)
    draft.made.append(beat.absence.model_copy(update={"alert": alert}))


def _absence(draft: Draft, heartbeat: Heartbeat, beat: Beat) -> AlertSignal:
    labels = {
        "alertname": ABSENT,
        "heartbeat": heartbeat.name,
        "severity": heartbeat.severity.value,
        **({"service": heartbeat.service} if heartbeat.service else {}),
    }
    labels = dict(sorted(labels.items()))
    last = f"it came last at {_shown(beat.heard_at)}" if beat.heard_at else "it never came"
    alert = Alert(
        labels=labels,
        annotations={
            "summary": heartbeat.title or f"The heartbeat {heartbeat.name} stays away",
            "description": f"It should come every {in_units(heartbeat.every)}; {last}. Whatever sends it, or the way from there to"
            " here, does not work, so that other alerts may be missing as well.",
        },
        starts_at=draft.at,
        fingerprint=fingerprint(labels),
    )
    environment = draft.library.rules.environment
    return AlertSignal(
        alert=alert, severity=heartbeat.severity, service=heartbeat.service, environment=environment
    )


def _shown(moment: Instant) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def _look_at(draft: Draft, due: Instant) -> None:
    draft.set_timer(Timer(id=TIMER, due=due, kind=TimerKind.STEP_TIMEOUT, incident_id=""))
