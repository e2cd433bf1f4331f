"""Whether a signal is this domain's to decide now: of a service that moved it may belong to another, or must wait for word of one.

of an alert that an incident here holds → here; of one that an incident elsewhere holds → there
of a service that is elsewhere → there
of a service that came here, before all that it was in have handed over what they held → it waits
an answer to what an incident sent that is elsewhere → there
"""

from __future__ import annotations

from app.core.domains import domain_of_service
from app.core.draft import Draft
from app.core.identity import output_id, short_hash, source_identity
from app.core.moves.late import note_end
from app.core.moves.parcels import send
from app.core.moves.places import ask, hold, learn_from_library, set_out
from app.model.inputs import (
    AlertSignal,
    ResponseSignal,
    StepResultSignal,
    SystemEventSignal,
    UserReportSignal,
)
from app.model.moving import Place, Waiting
from app.model.parcels import Letter
from app.model.signals import Signal
from app.model.words import AlertStatus, NoticeKind

HOPS = 4
"""How often a signal is forwarded at most because an incident elsewhere holds its alert."""


def anything_moved(draft: Draft) -> bool:
    """Whether any service is known to have moved, so that signals may belong elsewhere."""
    return draft.takes_part and bool(draft.library.moved or draft.moving.places or draft.moving.away)


def goes_elsewhere(draft: Draft, waiting: Waiting) -> bool:
    """Whether a signal is none of this domain's to decide now; it is forwarded then, or held."""
    body = waiting.signal.body
    match body:
        case AlertSignal():
            environment = body.environment or draft.library.rules.environment
            return _alert(draft, waiting, body) or _by_service(draft, waiting, body.service, environment)
        case SystemEventSignal(event=told) | UserReportSignal(report=told):
            return _by_service(
                draft, waiting, told.service, told.environment or draft.library.rules.environment
            )
        case StepResultSignal() | ResponseSignal():
            return _answer(draft, waiting, body)
        case _:
            return False


def arriving(signal: Signal) -> Waiting:
    """Give a signal that came here by itself."""
    return Waiting(signal=signal, carrier=f"{signal.identity}@{source_identity(signal.source)}")


def _alert(draft: Draft, waiting: Waiting, body: AlertSignal) -> bool:
    """Forward an alert that an incident elsewhere holds, unless it was there already."""
    fingerprint = body.alert.fingerprint
    if holds(draft, fingerprint) or _is_asked(draft, body.service):
        return False
    away = next((each for each in draft.moving.away.values() if fingerprint in each.alerts), None)
    if away is None:
        return False
    if away.to == waiting.sender or waiting.hops >= HOPS:
        set_out(draft, fingerprint)
        return False
    return _forward(draft, waiting, away.to)


def _by_service(draft: Draft, waiting: Waiting, service: str, environment: str) -> bool:
    """Forward what is of a service that is elsewhere; hold what is of one that came here and may not all be here."""
    if not service:
        return False
    learn_from_library(draft, service, environment)
    if draft.arrived:  # what waited for it came before
        draft.arrived.append(waiting)
        return True
    note_end(draft, waiting, service)
    body = waiting.signal.body
    is_held = isinstance(body, AlertSignal) and holds(draft, body.alert.fingerprint)
    if is_held and not _is_asked(draft, service):
        return _fired_before_its_end(draft, waiting)
    place, known = draft.moving.places.get(service), draft.library.services.get(service)
    if place is not None:
        home = place.domain
    else:
        home = domain_of_service(known, environment) if waiting.sender and known else draft.domain
    if home != draft.domain:
        return not is_held and _forward(draft, waiting, home, service, returned=bool(waiting.sender))
    return place is not None and _at_home(draft, waiting, service, place)


def _at_home(draft: Draft, waiting: Waiting, service: str, place: Place) -> bool:
    """Hold a signal until all that its service was in have answered; after that only an alert that is over already is none to decide."""
    body = waiting.signal.body
    if place.is_settled:
        return isinstance(body, AlertSignal) and _is_over(draft, waiting, body)
    if service not in draft.moving.asking:
        ask(draft, service, waiting.carrier)
    if _is_first(draft, waiting):
        hold(draft, service, waiting)
    return True


def _is_over(draft: Draft, waiting: Waiting, body: AlertSignal) -> bool:
    """Whether an alert that was forwarded is over already: its end came here by itself and was faster."""
    if holds(draft, body.alert.fingerprint):
        return False
    mark = _mark_of_end(body)
    if body.alert.status is AlertStatus.RESOLVED:
        draft.seen[mark] = None
        return False
    return bool(waiting.sender) and mark in draft.seen


def _fired_before_its_end(draft: Draft, waiting: Waiting) -> bool:
    """Whether an alert of an incident here took so long a way that it says to fire what ended since."""
    body = waiting.signal.body
    if not waiting.sender or not isinstance(body, AlertSignal) or body.alert.starts_at is None:
        return False
    return body.alert.status is AlertStatus.FIRING and _mark_of_end(body) in draft.seen


def _mark_of_end(body: AlertSignal) -> str:
    return short_hash(f"over:{body.alert.fingerprint}:{body.alert.starts_at}")


def _answer(draft: Draft, waiting: Waiting, body: StepResultSignal | ResponseSignal) -> bool:
    """Forward an answer to what an incident sent that is elsewhere; a repeat of one that was taken here is no answer any more."""
    if short_hash(waiting.signal.identity) in draft.seen:
        return False
    incident_id, named = _named(body)
    if incident_id in draft.incidents:
        return False
    ids = {short_hash(each) for each in named if each}
    away = draft.moving.away.get(incident_id) or next(
        (each for each in draft.moving.away.values() if ids.intersection(each.ids)), None
    )
    return away is not None and _forward(draft, waiting, away.to)


def _named(body: StepResultSignal | ResponseSignal) -> tuple[str, tuple[str, ...]]:
    """Give the incident that an answer names, and what else it names."""
    if isinstance(body, StepResultSignal):
        return "", (body.result.object_id, body.result.command_id)
    if body.notice is not None:
        return body.notice.incident_id, (body.notice.permit_id,)
    return body.response.incident_id, (body.response.object_id, body.response.command_id)


def holds(draft: Draft, fingerprint: str) -> bool:
    """Whether an incident here has the alert."""
    return any(fingerprint in each.members for each in draft.incidents.values())


def _is_asked(draft: Draft, service: str) -> bool:
    """Whether what comes for a service waits, in its order, for word of the domains that it was in."""
    place = draft.moving.places.get(service)
    return service in draft.moving.asking and place is not None and not place.is_settled


def _forward(draft: Draft, waiting: Waiting, to: str, service: str = "", *, returned: bool = False) -> bool:
    if _is_first(draft, waiting):
        letter = Letter(
            service=service,
            place=draft.moving.places.get(service),
            signal=waiting.signal,
            hops=waiting.hops + 1,
            returned=returned,
        )
        letter_id = output_id(draft.domain, waiting.carrier, f"forward/{to}")
        send(draft, NoticeKind.SIGNAL_FORWARDED, to, letter_id, letter)
    return True


def _is_first(draft: Draft, waiting: Waiting) -> bool:
    """Whether it was not forwarded or held before, as what intake repeats was; what was on its way is known by what brought it."""
    if waiting.sender or waiting.was_held:
        return True
    mark = short_hash(f"moved:{waiting.carrier}")
    is_first = mark not in draft.seen
    draft.seen[mark] = None
    return is_first
