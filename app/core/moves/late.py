"""Ends of alerts that were decided without word of the domains that their service was in: they count for what those hand over late.

An incident that comes late says that its alerts fire, though their end came here before it, and comes only once.
"""

from __future__ import annotations

from app.core.bounds import WAITING, WAITING_BYTES, bounded_annotations
from app.core.draft import Draft
from app.core.quiet.sizes import alert_size
from app.core.unheard import count_anew
from app.model.inputs import AlertSignal
from app.model.moving import Waiting
from app.model.words import AlertStatus


def note_end(draft: Draft, waiting: Waiting, service: str) -> None:
    """Keep an alert's end while a domain that its service was in is silent; of too many the oldest are forgotten."""
    asking, place, body = (
        draft.moving.asking.get(service),
        draft.moving.places.get(service),
        waiting.signal.body,
    )
    if asking is None or place is None or not place.is_settled or not isinstance(body, AlertSignal):
        return
    known = asking.ended.get(body.alert.fingerprint)
    if body.alert.status is not AlertStatus.RESOLVED or (known is not None and _is_older(body, known)):
        return
    kept = body.model_copy(update={"alert": bounded_annotations(body.alert)})
    signal = waiting.signal.model_copy(update={"body": kept})
    ended = {each: one for each, one in asking.ended.items() if each != body.alert.fingerprint}
    ended[body.alert.fingerprint] = waiting.model_copy(update={"signal": signal, "was_held": True})
    others = [
        _size(one)
        for each, known in draft.moving.asking.items()
        if each != service
        for one in known.ended.values()
    ]
    sizes = [*others, *(_size(one) for one in ended.values())]
    size, count = sum(sizes), len(sizes)
    while ended and (count > WAITING or size > WAITING_BYTES):
        size, count = size - _size(ended.pop(next(iter(ended)))), count - 1
    asking = asking.model_copy(update={"ended": ended})
    draft.update_moving(asking={**draft.moving.asking, service: asking})


def come_again(draft: Draft, service: str) -> None:
    """Decide all ends that are kept of a service once more, wherever it is by now."""
    asking = draft.moving.asking.get(service)
    if asking is not None:
        _take(draft, service, list(asking.ended))


def end_what_came(draft: Draft) -> None:
    """Decide the ends once more of alerts that, by what was handed over or told just now, fire here or elsewhere."""
    for service, asking in draft.moving.asking.items():
        _take(draft, service, [each for each in asking.ended if _fires(draft, each)])


def environment_of(waiting: Waiting) -> str:
    """Give the environment that an end is of."""
    body = waiting.signal.body
    return body.environment if isinstance(body, AlertSignal) else ""


def _take(draft: Draft, service: str, fingerprints: list[str]) -> None:
    if not fingerprints:
        return
    asking = draft.moving.asking[service]
    left = {each: one for each, one in asking.ended.items() if each not in fingerprints}
    draft.update_moving(asking={**draft.moving.asking, service: asking.model_copy(update={"ended": left})})
    for each in fingerprints:
        count_anew(draft, asking.ended[each].signal)
        draft.arrived.append(asking.ended[each])


def _fires(draft: Draft, fingerprint: str) -> bool:
    quiet = draft.quiet
    if fingerprint in quiet.held or fingerprint in quiet.inhibitors or fingerprint in quiet.flaps:
        return True
    members = (each.members.get(fingerprint) for each in draft.incidents.values())
    return any(member is not None and member.f for member in members) or any(
        fingerprint in each.alerts for each in draft.moving.away.values()
    )


def _is_older(end: AlertSignal, known: Waiting) -> bool:
    """Whether it is the end of an earlier firing than the one that is known to have ended."""
    body = known.signal.body
    starts_at = body.alert.starts_at if isinstance(body, AlertSignal) else None
    return starts_at is not None and end.alert.starts_at is not None and end.alert.starts_at < starts_at


def _size(waiting: Waiting) -> int:
    body = waiting.signal.body
    return 200 + (alert_size(body.alert) if isinstance(body, AlertSignal) else 0)
