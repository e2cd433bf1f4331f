"""What would become of alerts that come together, one after another: which join, which open an incident, and what spoke for it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from app.core.decide import decide_batch
from app.core.domains import place_alert
from app.core.identity import alert_identity, fingerprint
from app.core.record import empty
from app.model.base import Frozen
from app.model.incident import DomainRecord
from app.model.inputs import Alert, AlertSignal
from app.model.library import Library
from app.model.outputs import IncidentEvent, Output
from app.model.signals import Signal, SignalBatch
from app.model.words import Mode

PLACES = ("IncidentOpened", "IncidentReopened", "AlertJoined", "AlertFiring", "AlertResolved")
"""Events that say where an alert went."""


class Together(Frozen):
    """What became of an alert beside those before it."""

    incident: str
    """The title of the incident that it opened or joined."""
    event: str
    """What happened: `IncidentOpened`, `AlertJoined` …"""
    reason: str
    """Why, by name."""
    words: str
    """Why, in words."""


def together(
    alerts: Iterable[Alert], library: Library, at: datetime, mode: Mode | None = None
) -> list[Together | None]:
    """Say of each alert where it went, with those before it; None where it changed nothing."""
    records: dict[str, DomainRecord] = {}
    found: list[Together | None] = []
    for alert in alerts:
        known = alert.model_copy(update={"fingerprint": alert.fingerprint or fingerprint(alert.labels)})
        place = place_alert(known, library)
        signal = AlertSignal(
            alert=known, severity=place.severity, service=place.service, environment=place.environment
        )
        signals = [Signal(identity=alert_identity(known), body=signal)]
        batch = SignalBatch(domain=place.domain, library=library.hash, mode=mode, signals=signals)
        record = records.get(place.domain, empty(place.domain))
        offset = record.applied_offset + 1
        decision = decide_batch(record, batch, offset, at, {library.hash: library})
        records[place.domain] = decision.record
        found.append(_place(decision.outputs, decision.record))
    return found


def _place(outputs: Iterable[Output], record: DomainRecord) -> Together | None:
    for each in outputs:
        if isinstance(each, IncidentEvent) and each.type in PLACES:
            title = record.incidents[each.incident_id].title if each.incident_id in record.incidents else ""
            return Together(incident=title, event=each.type, reason=each.reason, words=each.text)
    return None
