"""What would become of alerts that come one after another, each when it began: which join, which open an incident, and what spoke for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from pydantic import Field

from app.core.decide import decide_batch
from app.core.domains import place_alert
from app.core.identity import alert_identity, fingerprint
from app.core.merging import goes_on
from app.core.record import empty
from app.model.base import Frozen, Instant, to_instant
from app.model.incident import DomainRecord
from app.model.inputs import Alert, AlertSignal
from app.model.library import Library
from app.model.outputs import IncidentEvent
from app.model.signals import Signal, SignalBatch
from app.model.words import AlertStatus, Mode

PLACES = ("IncidentOpened", "IncidentReopened", "AlertJoined", "AlertFiring", "AlertResolved")
"""Events that say where an alert went."""


OLDEST = timedelta(days=366)
"""An alert that says that it began longer ago is taken to arrive so long ago."""


class Tied(Frozen):
    """Two incidents that an alert made one."""

    incident_id: str
    incident: str
    """The name of the alert that opened the one that was merged."""
    into_id: str
    into: str
    """The name of the alert that opened the one that goes on."""
    reason: str
    words: str
    """Why, in words."""


class Together(Frozen):
    """What became of an alert beside those before it."""

    at: Instant
    """When it is taken to arrive: when it began (an end: when it ended), at the latest now."""
    incident_id: str
    """The incident that it opened or joined."""
    incident: str
    """The name of the alert that opened that incident, which stays, whereas a title follows the probable cause."""
    title: str
    """The incident's title after this alert; of one that was merged, that of the one that goes on."""
    event: str
    """What happened: `IncidentOpened`, `AlertJoined` …"""
    reason: str
    """Why, by name."""
    words: str
    """Why, in words."""
    merges: list[Tied] = Field(default_factory=list)
    """The incidents that were merged by it, in order."""


def together(
    alerts: Sequence[Alert], library: Library, at: datetime, mode: Mode | None = None
) -> list[Together | None]:
    """Say of each alert, in the order given, where it went with those that arrived before it; None where it changed nothing.

    Each arrives when it began, at the latest at `at`. No time passes in between: no timer fires.
    """
    records: dict[str, DomainRecord] = {}
    names: dict[str, str] = {}
    found: dict[int, Together | None] = {}
    arrivals = [_arrival(each, to_instant(at)) for each in alerts]
    for number in sorted(range(len(alerts)), key=lambda each: arrivals[each]):
        alert = alerts[number]
        known = alert.model_copy(update={"fingerprint": alert.fingerprint or fingerprint(alert.labels)})
        place = place_alert(known, library)
        signal = AlertSignal(
            alert=known, severity=place.severity, service=place.service, environment=place.environment
        )
        signals = [Signal(identity=alert_identity(known), body=signal)]
        batch = SignalBatch(domain=place.domain, library=library.hash, mode=mode, signals=signals)
        record = records.get(place.domain, empty(place.domain))
        offset = record.applied_offset + 1
        decision = decide_batch(record, batch, offset, arrivals[number], {library.hash: library})
        records[place.domain] = decision.record
        events = [each for each in decision.outputs if isinstance(each, IncidentEvent)]
        opened = {each.incident_id: known.name for each in events if each.type == "IncidentOpened"}
        names = {**names, **opened}
        found[number] = _place(events, decision.record, names, arrivals[number])
    return [found[number] for number in range(len(alerts))]


def _arrival(alert: Alert, at: datetime) -> datetime:
    ends = alert.ends_at if alert.status is AlertStatus.RESOLVED else None
    return max(min(ends or alert.starts_at or at, at), at - OLDEST)


def _place(
    events: Sequence[IncidentEvent], record: DomainRecord, names: Mapping[str, str], at: datetime
) -> Together | None:
    event = next((each for each in events if each.type in PLACES), None)
    if event is None:
        return None
    incident = goes_on(record.incidents, event.incident_id)
    return Together(
        at=at,
        incident_id=event.incident_id,
        incident=names.get(event.incident_id, ""),
        title=incident.title if incident is not None else "",
        event=event.type,
        reason=event.reason,
        words=event.text,
        merges=[_tied(each, names) for each in events if each.type == "IncidentMerged"],
    )


def _tied(event: IncidentEvent, names: Mapping[str, str]) -> Tied:
    into = event.data["into"]
    return Tied(
        incident_id=event.incident_id,
        incident=names.get(event.incident_id, ""),
        into_id=into,
        into=names.get(into, ""),
        reason=event.reason,
        words=event.text,
    )
