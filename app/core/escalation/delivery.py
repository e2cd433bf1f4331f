"""Whether pages arrive: what the pager's connector says of each, what comes of silence, and the next way to a person."""

from __future__ import annotations

from app.core.announce import say_undelivered
from app.core.bounds import TEXT_CHARS, cut
from app.core.draft import Draft
from app.core.escalation import firing, pages, ways
from app.core.escalation.ladders import ladder_of
from app.model.durations import in_units
from app.model.escalation import Escalation
from app.model.inputs import Response
from app.model.timers import Timer
from app.model.words import AnswerStatus, Delivery, EscalationStatus

HEARD = {
    AnswerStatus.ACCEPTED: Delivery.ACCEPTED,
    AnswerStatus.RUNNING: Delivery.SENT,
    AnswerStatus.SUCCEEDED: Delivery.DELIVERED,
    AnswerStatus.FAILED: Delivery.FAILED,
    AnswerStatus.REFUSED: Delivery.FAILED,
    AnswerStatus.EXPIRED: Delivery.FAILED,
    AnswerStatus.UNKNOWN: Delivery.UNCONFIRMED,
}
"""What an answer says of a page."""
_RANK = (Delivery.NONE, Delivery.UNCONFIRMED, Delivery.ACCEPTED, Delivery.SENT, Delivery.DELIVERED)


_SO_FAR = {
    "not_acknowledged": "nobody acknowledged so far",
    "undelivered": "the way before did not reach them",
}
"""Why a person's next way is tried, in words."""


def take_receipt(draft: Draft, incident_id: str, response: Response) -> None:
    """Take note of what a connector says of a page that rings; anything but bad news is a receipt."""
    page = ways.ringing(draft, incident_id, response.object_id)
    if page is None or _is_of_another(page, response):
        return
    heard = HEARD[response.status]
    if heard in (Delivery.FAILED, Delivery.UNCONFIRMED):
        words = cut(response.reason, TEXT_CHARS) or response.status.value
        _not_reached(draft, incident_id, page, heard, "undelivered", words)
    elif _RANK.index(heard) > _RANK.index(page.delivery):
        pages.replace(draft, incident_id, page.model_copy(update={"delivery": heard}))
        ways.expect_no_receipt(draft, incident_id, page.id)


def on_timer(draft: Draft, timer: Timer) -> None:
    """Go on: no receipt came in time, or the turn of the next way has come."""
    page, what = ways.page_of(draft, timer)
    if page is None:
        return
    if what == ways.NEXT_CONTACT:
        _next_way(draft, timer.incident_id, page, "not_acknowledged")
    elif page.delivery is Delivery.NONE:
        words = f"its connector did not accept it within {in_units(draft.library.rules.receipt_within)}"
        _not_reached(draft, timer.incident_id, page, Delivery.UNCONFIRMED, "no_receipt", words)


def _not_reached(
    draft: Draft, incident_id: str, page: Escalation, heard: Delivery, reason: str, words: str
) -> None:
    """Say that a page is undelivered, and go on: by the person's next way, else at the next level.

    One that failed rings no more. One of which nobody knows is left as it is: should it arrive after all, it may be acknowledged, and is
    stopped like any other.
    """
    status = EscalationStatus.STOPPED if heard is Delivery.FAILED else page.status
    is_known = page.delivery is Delivery.UNCONFIRMED
    gone = {"status": status, "delivery": heard, "undelivered_at": page.undelivered_at or draft.at}
    silent = page.model_copy(update=gone)
    pages.replace(draft, incident_id, silent)
    ways.expect_no_receipt(draft, incident_id, page.id)
    if is_known:
        return
    told = f"the page to {_words(page)} was not delivered ({words})"
    draft.record(incident_id, "PageUndelivered", reason, told, data=_facts(page))
    say_undelivered(draft, incident_id, _words(page), words, page.later[0].channel if page.later else "")
    if page.later:
        _next_way(draft, incident_id, silent, "undelivered")
    else:
        firing.go_past(draft, incident_id, page)


def _is_of_another(page: Escalation, response: Response) -> bool:
    """Whether it is said of an earlier revision: it tells nothing of the one that rings."""
    return bool(page.command_id and response.command_id) and page.command_id != response.command_id


def _next_way(draft: Draft, incident_id: str, page: Escalation, reason: str) -> None:
    """Page the person by the next way as well; what rings already rings on."""
    if not page.later:
        return
    way, *rest = page.later
    pages.replace(draft, incident_id, page.model_copy(update={"later": []}))
    ways.expect_no_next(draft, incident_id, page.id)
    ladder = ladder_of(draft.incidents[incident_id], page.service)
    why = f"{_SO_FAR[reason]}; {ladder.why if ladder else page.reason}"
    further = pages.again_by(draft, incident_id, page, way, rest, why)
    draft.record(
        incident_id,
        "ContactTried",
        reason,
        f"paged {_words(further)} too: {_SO_FAR[reason]}",
        data=_facts(further),
    )


def _words(page: Escalation) -> str:
    is_named = not page.person_id or page.target == f"user:{page.person_id}"
    whom = page.target if is_named else f"{page.target} ({page.person_id})"
    return f"{whom} by {page.channel}" if page.channel else whom


def _facts(page: Escalation) -> dict[str, str]:
    facts = {
        "page": page.id,
        "policy": page.policy,
        "level": str(page.level),
        "target": page.target,
        "person": page.person_id,
        "channel": page.channel,
    }
    return {name: value for name, value in facts.items() if value}
