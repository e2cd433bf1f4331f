"""Where services are that moved, as far as a domain knows; and the asking of all that one was in, before anything is decided of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from app.core.bounds import AWAY, AWAY_BYTES, PLACES, WAITING, WAITING_BYTES
from app.core.correlation import OPEN
from app.core.domains import domain_in, domain_of_service
from app.core.draft import Draft
from app.core.identity import output_id
from app.core.moves import late
from app.core.moves.parcels import send
from app.model.moving import Asking, Away, Place, Waiting
from app.model.parcels import Letter
from app.model.timers import Timer
from app.model.words import NoticeKind, TimerKind

TIMER = "moves/"
"""How the ids of these timers begin."""
PATIENCE = timedelta(seconds=60)
"""How long what comes for a service waits for word of the domains that it was in."""
KEPT = timedelta(days=7)
"""How long it is remembered where an incident is, so that answers to what it sent from here still find it."""


def learn_from_library(draft: Draft, service: str, environment: str) -> None:
    """Learn where a service is, if the library in force knows better than the record."""
    move, known = draft.library.moved.get(service), draft.library.services.get(service)
    if move is None or known is None:
        return
    formers = [domain_in(environment, each) for each in move.formers]
    learn(
        draft,
        service,
        Place(number=move.number, domain=domain_of_service(known, environment), formers=formers),
    )


def learn(draft: Draft, service: str, place: Place) -> None:
    """Learn where a service is, if that is newer than what is known; what waited for it is looked at anew."""
    known = draft.moving.places.get(service)
    if known is not None and known.number >= place.number:
        return
    is_settled = place.domain != draft.domain or not _to_ask(draft, place)
    others = {each: kept for each, kept in draft.moving.places.items() if each != service}
    places = {**others, service: place.model_copy(update={"is_settled": is_settled})}
    draft.update_moving(places=dict(list(places.items())[-PLACES:]))
    late.come_again(draft, service)
    _stop_asking(draft, service)


def ask(draft: Draft, service: str, cause: str) -> None:
    """Ask the first of the domains that a service was in to hand over what it holds, because of what came for the service.

    One after the other, the oldest first: what one of them handed to another is there before that one is asked.
    """
    asking = Asking(left=_to_ask(draft, draft.moving.places[service]))
    draft.update_moving(asking={**draft.moving.asking, service: asking})
    due = draft.at + PATIENCE
    draft.set_timer(Timer(id=f"{TIMER}{service}", due=due, kind=TimerKind.STEP_RETRY, incident_id=""))
    _ask_next(draft, service, cause)


def on_answer(draft: Draft, service: str, place: Place, sender: str) -> None:
    """Go on after one of them has answered: ask the next, or let what waited be decided."""
    asking, known = draft.moving.asking.get(service), draft.moving.places.get(service)
    if asking is None or known is None or known.number != place.number or asking.left[:1] != [sender]:
        return
    if asking.left == [sender] and asking.ended and _moved_on(draft, service, asking):
        return
    asking = asking.model_copy(update={"left": asking.left[1:]})
    draft.update_moving(asking={**draft.moving.asking, service: asking})
    if asking.left:
        _ask_next(draft, service, draft.cause)
    else:
        _settle(draft, service)
        _stop_asking(draft, service)


def _moved_on(draft: Draft, service: str, asking: Asking) -> bool:
    """Whether the service is elsewhere by now, so that whom it was asked of may have handed over to there: what ended follows."""
    for environment in dict.fromkeys(late.environment_of(each) for each in asking.ended.values()):
        learn_from_library(draft, service, environment or draft.library.rules.environment)
    return service not in draft.moving.asking


def hold(draft: Draft, service: str, waiting: Waiting) -> None:
    """Hold a signal until all have answered; where there is no room, that of which the most waits waits no more."""
    asking = draft.moving.asking[service]
    held = [*asking.held, waiting.model_copy(update={"was_held": True})]
    size = asking.size + len(waiting.signal.model_dump_json())
    asking = asking.model_copy(update={"held": held, "size": size})
    draft.update_moving(asking={**draft.moving.asking, service: asking})
    while _is_too_much(waits := {each: one for each, one in draft.moving.asking.items() if one.held}):
        go_on_without(draft, max(waits, key=lambda each: (waits[each].size, each)), "too_much_waits")


def on_timer(draft: Draft, timer: Timer) -> None:
    """Wait no longer."""
    service = timer.id.removeprefix(TIMER)
    if service in draft.moving.asking:
        go_on_without(draft, service, "former_domain_silent")


def go_on_without(draft: Draft, service: str, reason: str) -> None:
    """Decide what waits although not all have answered. They are asked all the same, and what they hold comes later."""
    asking = draft.moving.asking[service]
    draft.arrived += asking.held
    draft.unheard_moves[service] = reason
    asking = asking.model_copy(update={"held": [], "size": 0})
    draft.update_moving(asking={**draft.moving.asking, service: asking})
    draft.timers.pop(f"{TIMER}{service}", None)
    _settle(draft, service)


def tell_unheard(draft: Draft) -> None:
    """Say in a service's incidents that they were decided without word of the domains that it was in."""
    for service, reason in draft.unheard_moves.items():
        left = ", ".join(draft.moving.asking[service].left) if service in draft.moving.asking else ""
        words = f"decided without word of {left}, where {service} was before"
        for incident in list(draft.incidents.values()):
            if incident.opened_for == service and incident.status in OPEN:
                draft.record(incident.id, "MoveUnanswered", reason, words, data={"service": service})
    draft.unheard_moves = {}


def note_away(draft: Draft, incident_id: str, away: Away) -> None:
    """Remember where an incident is; what is old is forgotten, and of too many the oldest."""
    others = {
        each: kept
        for each, kept in draft.moving.away.items()
        if each != incident_id and draft.at - kept.since < KEPT
    }
    others = dict(list(others.items())[-AWAY + 1 :])
    room = AWAY_BYTES - _size(away)
    for each, kept in reversed(list(others.items())):
        room -= _size(kept)
        if room < 0:
            del others[each]
    draft.update_moving(away={**others, incident_id: away})


def learn_away(draft: Draft, incident_id: str, away: Away) -> None:
    """Learn from another domain where an incident is; where that is known for longer, of further alerts that it has."""
    known = draft.moving.away.get(incident_id)
    if known is not None and (known.to == away.to or known.since < away.since):
        alerts = list(dict.fromkeys([*known.alerts, *away.alerts]))
        away = away.model_copy(update={"alerts": alerts, "ids": known.ids})
    elif known is not None:
        return
    note_away(draft, incident_id, away.model_copy(update={"since": draft.at}))


def set_out(draft: Draft, fingerprint: str) -> None:
    """Let an alert that no incident elsewhere holds any more be decided where its service is."""
    away = {
        incident_id: each.model_copy(update={"alerts": [one for one in each.alerts if one != fingerprint]})
        for incident_id, each in draft.moving.away.items()
    }
    draft.update_moving(away=away)


def _size(away: Away) -> int:
    return 200 + sum(len(each) + 3 for each in (*away.alerts, *away.ids))


def _is_too_much(waits: Mapping[str, Asking]) -> bool:
    count, size = sum(len(each.held) for each in waits.values()), sum(each.size for each in waits.values())
    return count > WAITING or size > WAITING_BYTES


def _to_ask(draft: Draft, place: Place) -> list[str]:
    return [each for each in place.formers if each != draft.domain]


def _ask_next(draft: Draft, service: str, cause: str) -> None:
    asking, place = draft.moving.asking[service], draft.moving.places[service]
    letter = Letter(service=service, place=place.model_copy(update={"is_settled": False}))
    asked = f"{service}/{place.number}/{len(asking.left)}"
    letter_id = output_id(draft.domain, cause, f"ask/{asked}")
    send(draft, NoticeKind.MOVE_ASKED, asking.left[0], letter_id, letter)


def _settle(draft: Draft, service: str) -> None:
    place = draft.moving.places.get(service)
    if place is not None:  # of very many services the first are forgotten
        settled = place.model_copy(update={"is_settled": True})
        draft.update_moving(places={**draft.moving.places, service: settled})


def _stop_asking(draft: Draft, service: str) -> None:
    """Ask no more; what waited is decided next, here or wherever the service is."""
    asking = draft.moving.asking.get(service)
    if asking is not None:
        draft.arrived += asking.held
        left = {each: kept for each, kept in draft.moving.asking.items() if each != service}
        draft.update_moving(asking=left)
        draft.timers.pop(f"{TIMER}{service}", None)
