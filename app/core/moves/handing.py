"""Handing over: what a domain holds of a service that moved leaves its record, and is there in the record of the other.

An incident goes where the service goes that it was opened for, with those that were merged into it. Alerts of other services that it
has are forwarded to it for as long as it has them.
"""

from __future__ import annotations

from app.core.bounds import CHANGES, SEEN
from app.core.clocks import newest_clocks
from app.core.correlation import OPEN
from app.core.draft import Draft
from app.core.escalation import events
from app.core.identity import output_id, short_hash
from app.core.membership import keep_within_bounds
from app.core.merging import Told, goes_on, unite
from app.core.moves.parcels import send
from app.core.moves.places import learn_away, learn_from_library, note_away
from app.core.quiet import flapping, holding, inhibition
from app.model.incident import Incident
from app.model.moving import Away, Place
from app.model.parcels import Letter, Memory, Parcel
from app.model.words import Mode, NoticeKind


def hand_over(draft: Draft) -> None:
    """Hand over all that belongs to services that are elsewhere."""
    if not draft.takes_part or not (draft.library.moved or draft.moving.places):
        return
    for incident in draft.incidents.values():
        learn_from_library(draft, incident.opened_for, incident.environment)
    for held in draft.quiet.held.values():
        learn_from_library(draft, held.signal.service, held.signal.environment)
    sources = inhibition.of_no_incident(draft)
    for source in sources.values():
        learn_from_library(draft, source.service, source.environment)
    for awaited in draft.awaited:
        learn_from_library(draft, *events.where_from(draft, awaited))
    services = [_root(draft, each).opened_for for each in draft.incidents.values()]
    services += [each.signal.service for each in draft.quiet.held.values()]
    services += [each.service for each in sources.values()]
    services += [events.where_from(draft, each)[0] for each in draft.awaited]
    for service in dict.fromkeys(services):
        place = draft.moving.places.get(service)
        if place is not None and place.domain != draft.domain:
            _hand_over(draft, service, place)


def answer(draft: Draft, service: str, place: Place, to: str) -> None:
    """Answer one that asks, once all that is held of the service was handed over: with what is remembered besides."""
    away = {
        incident.id: Away(to=draft.domain, alerts=_alerts_of(incident, service), since=draft.at)
        for incident in draft.incidents.values()
        if incident.opened_for != service
    }
    kept = {**draft.moving.away, **away}
    memory = Memory(
        seen=list(draft.seen),
        changes=[each for each in draft.changes if each.service == service],
        away={
            each: one.model_copy(update={"ids": []})
            for each, one in kept.items()
            if one.alerts and one.to != to
        },
        lags=draft.lags,
        clocks=draft.clocks,
    )
    letter = Letter(service=service, place=place, memory=memory)
    letter_id = output_id(draft.domain, draft.cause, f"answer/{service}")
    send(draft, NoticeKind.MOVE_ANSWERED, to, letter_id, letter)


def remember(draft: Draft, memory: Memory) -> None:
    """Remember what another domain did of a service: of the identities the newer half of each, where they are too many.

    How late alerts come counts only while nothing is known of that here: two that differ cannot be mixed.
    """
    theirs, ours = memory.seen, list(draft.seen)
    theirs = theirs[-max(SEEN // 2, SEEN - len(ours)) :]
    ours = ours[-max(SEEN // 2, SEEN - len(theirs)) :]
    draft.seen = dict.fromkeys([*theirs, *ours])
    changes = {each.id: each for each in (*memory.changes, *draft.changes)}
    draft.changes = sorted(changes.values(), key=lambda each: (each.at, each.id))[-CHANGES:]
    draft.lags = draft.lags or memory.lags
    draft.clocks = newest_clocks({**memory.clocks, **draft.clocks})
    for incident_id, away in memory.away.items():
        if incident_id not in draft.incidents:
            learn_away(draft, incident_id, away)


def install(draft: Draft, parcel: Parcel, sender: str) -> None:
    """Hold what another domain handed over, and go on with it."""
    for incident in parcel.incidents:
        _install(draft, incident, sender)
    for timer in parcel.timers:
        draft.set_timer(timer)
    inhibition.put_in(draft, parcel.inhibitors)
    flapping.put_in(draft, parcel.flaps)
    holding.put_in(draft, parcel.held)
    draft.must_judge = True
    for incident in parcel.incidents:
        _heal(draft, incident.id)
    events.put_in(draft, parcel.awaited)


def _install(draft: Draft, incident: Incident, sender: str) -> None:
    homes = {run.id: sender for run in incident.executions} | incident.run_homes
    draft.incidents[incident.id] = incident
    draft.update_moving(away={each: kept for each, kept in draft.moving.away.items() if each != incident.id})
    draft.update(
        incident.id,
        domain=draft.domain,
        home_domain=incident.home_domain or sender,
        run_homes=homes,
    )
    keep_within_bounds(draft, incident.id)
    words = f"{incident.opened_for or 'its service'} moved from {sender} to {draft.domain}"
    facts = {"from": sender, "to": draft.domain}
    draft.record(incident.id, "IncidentTakenOver", "service_moved", words, data=facts)


def _heal(draft: Draft, incident_id: str) -> None:
    """Let what was opened meanwhile for the same alerts go on in the incident that comes late."""
    moved = draft.incidents[incident_id]
    if moved.status not in OPEN:
        return
    firing = {each for each, member in moved.members.items() if member.f}
    for other in list(draft.incidents.values()):
        is_same_side = (other.mode is Mode.SHADOW) == (moved.mode is Mode.SHADOW)
        same = firing.intersection(each for each, member in other.members.items() if member.f)
        if other.id != incident_id and other.status in OPEN and is_same_side and same:
            told = Told("came_late", "the engine", ": it came late from another domain, with the same alerts")
            unite(draft, other, draft.incidents[incident_id], told)


def _hand_over(draft: Draft, service: str, place: Place) -> None:
    incidents = [each for each in draft.incidents.values() if _root(draft, each).opened_for == service]
    held = holding.take_out(draft, service)
    sources = [each for each, known in inhibition.of_no_incident(draft).items() if known.service == service]
    awaited = events.take_out(draft, service)
    if not (incidents or held or sources or awaited):
        return
    draft.cause = f"parcel:{draft.domain}/{draft.moving.letters}"
    draft.update_moving(letters=draft.moving.letters + 1)
    words = f"{service} moved from {draft.domain} to {place.domain}"
    for incident in incidents:
        facts = {"from": draft.domain, "to": place.domain}
        draft.record(incident.id, "IncidentHandedOver", "service_moved", words, data=facts)
    ids = {each.id for each in incidents}
    fingerprints = {each for incident in incidents for each in incident.members} | {*held, *sources}
    parcel = Parcel(
        incidents=[draft.incidents[each.id] for each in incidents],
        timers=[each for each in draft.timers.values() if each.incident_id in ids],
        held=held,
        flaps=flapping.take_out(draft, fingerprints, ids),
        inhibitors=inhibition.take_out(draft, fingerprints),
        awaited=awaited,
    )
    for incident in parcel.incidents:
        _let_go(draft, incident, service, place.domain)
    letter = Letter(
        service=service,
        place=place.model_copy(update={"is_settled": False}),
        parcel=parcel,
        memory=Memory(seen=list(draft.seen)),
    )
    send(draft, NoticeKind.INCIDENTS_MOVED, place.domain, draft.new_id("letter"), letter)


def _root(draft: Draft, incident: Incident) -> Incident:
    """Give the incident that it was merged into in the end, or itself."""
    return goes_on(draft.incidents, incident.id) or incident


def _let_go(draft: Draft, incident: Incident, service: str, to: str) -> None:
    draft.drop_timers(incident_id=incident.id)
    del draft.incidents[incident.id]
    draft.touched.pop(incident.id, None)
    draft.own.pop(incident.id, None)
    services = {view.fingerprint: view.service for view in incident.alerts}
    alerts = [each for each in incident.members if services.get(each) != service]
    note_away(draft, incident.id, Away(to=to, alerts=alerts, ids=_ids_of(incident), since=draft.at))


def _alerts_of(incident: Incident, service: str) -> list[str]:
    """Give the alerts that are of the service, or may be: of those that are not shown, nobody knows."""
    services = {view.fingerprint: view.service for view in incident.alerts}
    return [each for each in incident.members if services.get(each, service) == service]


def _ids_of(incident: Incident) -> list[str]:
    """Give what answers may name that belong to an incident."""
    steps = [step for run in incident.executions for step in run.steps]
    ids = [
        *incident.revisions,
        incident.ticket_id,
        *(each.id for each in incident.escalations),
        *(
            one
            for step in steps
            for one in (step.object_id, step.command_id, step.approval_id, step.permit_id)
        ),
    ]
    return list(dict.fromkeys(short_hash(each) for each in ids if each))
