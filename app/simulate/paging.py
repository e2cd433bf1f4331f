"""What must hold of pages after a simulation: none is lost, and none rings that nobody was told of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from app.core import record as records
from app.core.correlation import OPEN
from app.core.escalation import ways
from app.core.escalation.ladders import timer_id
from app.model.incident import DomainRecord, Incident
from app.model.words import EscalationStatus, LadderStatus
from app.road.replay import Table


def lost_pages(tables: Iterable[Table], newest: Mapping[str, str]) -> Iterator[str]:
    """Say where a page was lost or goes on unasked; `newest` is each page's newest command: object id to `notify` or `stop`.

    Whoever is still climbing a policy has the timer of what comes next, with its time; who is rung was told to be and not to stop;
    what is over climbs and rings no more; whoever is to be reached by another way has its timer.
    """
    for table in tables:
        for data in table.records.values():
            record = records.load(data)
            for incident in record.incidents.values():
                yield from _timers(record, incident)
                yield from _ringing(incident, newest)
                yield from _reaching(record, incident)


def _timers(record: DomainRecord, incident: Incident) -> Iterator[str]:
    for ladder in incident.ladders:
        timer = record.timers.get(timer_id(incident.id, ladder.service))
        where = f"{record.domain}: incident {incident.id} at level {ladder.level} of {ladder.policy}"
        if ladder.status is not LadderStatus.CLIMBING:
            if timer is not None:
                yield f"{where} has stopped, and a timer goes on"
        elif incident.status not in OPEN:
            yield f"{where} is over, and climbs on"
        elif timer is None:
            yield f"{where} climbs on, and has no timer"
    if incident.snoozed_until is not None and f"snooze/{incident.id}/snooze_over" not in record.timers:
        yield f"{record.domain}: incident {incident.id} is put off for ever"


def _ringing(incident: Incident, newest: Mapping[str, str]) -> Iterator[str]:
    for page in incident.escalations:
        told = newest.get(page.id, "")
        if page.status is EscalationStatus.NOTIFIED and told != "notify":
            yield f"page {page.id} to {page.target} is to ring, and was told {told or 'nothing'}"
        if page.status is EscalationStatus.ACKNOWLEDGED and told != "stop":
            yield f"page {page.id} to {page.target} was acknowledged, and was told {told or 'nothing'}"


def _reaching(record: DomainRecord, incident: Incident) -> Iterator[str]:
    for page in incident.escalations:
        waits = ways.timer_id(incident.id, page.id, ways.NEXT_CONTACT) in record.timers
        if waits != bool(page.later):
            yield f"page {page.id} to {page.target}: {len(page.later)} ways are left, and {'a' if waits else 'no'} timer waits"
        if page.status is not EscalationStatus.NOTIFIED and page.later:
            yield f"page {page.id} to {page.target} rings no more, and would ring in another way"
