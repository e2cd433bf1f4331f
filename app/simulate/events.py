"""What must hold of system events that page: each pages once, where its service is, unless another one may have said that it is over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.core import record as records
from app.core.domains import domain_of_service
from app.core.escalation.events import attributes_of
from app.model.inputs import SystemEventSignal
from app.model.library import Library
from app.model.signals import SignalBatch

OPENED = ("IncidentOpened", "system_event")
"""What an incident event says that was opened for one."""


@dataclass
class EventsThatPage:
    """What came, and what paged."""

    libraries: Mapping[str, Library]
    came: dict[str, Mapping[str, str]] = field(default_factory=dict)
    """Event id to attributes."""
    paged: dict[str, str] = field(default_factory=dict)
    """Event id to the domain in which it paged."""
    wrong: list[str] = field(default_factory=list)

    def take(self, batch: SignalBatch, told: Iterable[Mapping[str, Any]], after: bytes | None) -> None:
        """Take what a message brought, the incident events that came of it, and the record that was left."""
        for signal in batch.signals:
            if isinstance(signal.body, SystemEventSignal):
                given = attributes_of(signal.body.event)
                self.came.setdefault(given.get("id", ""), given)
        for event in told:
            if event["type"] == "EventJoined" or (event["type"], event["reason"]) == OPENED:
                self._pages(batch, event["data"], after)

    def breaches(self) -> Iterator[str]:
        """Say what does not hold."""
        yield from self.wrong
        rules = next(iter(self.libraries.values())).event_rules
        for event_id, given in self.came.items():
            rule = next((each for each in rules if each.concerns(given)), None)
            if rule is None or any(rule.is_recovery(other, given) for other in self.came.values()):
                continue
            if event_id not in self.paged:
                yield f"{event_id} of {given.get('service', '')} paged nobody, and nothing said that it is over"

    def _pages(self, batch: SignalBatch, data: Mapping[str, str], after: bytes | None) -> None:
        event_id, service = data["id"], data.get("service", "")
        if event_id in self.paged:
            self.wrong.append(f"{event_id} paged in {self.paged[event_id]} and in {batch.domain}")
        self.paged[event_id] = batch.domain
        library = self.libraries[batch.library]
        place = records.load(after).moving.places.get(service) if after is not None else None
        known = library.services.get(service)
        if place is not None:
            home = place.domain
        elif known is not None:
            home = domain_of_service(known, data.get("environment") or library.rules.environment)
        else:
            home = batch.domain
        if home != batch.domain:
            self.wrong.append(f"{event_id} paged in {batch.domain}, and {service} is in {home}")
