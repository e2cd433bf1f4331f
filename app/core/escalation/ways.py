"""The ways to reach a person, in their order, and the timers that wait for a page's receipt and for the next way."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.core.draft import Draft
from app.model.catalog import Contact, Person
from app.model.durations import in_units
from app.model.escalation import Escalation, LaterContact
from app.model.timers import Timer
from app.model.words import Delivery, EscalationStatus, Mode, TimerKind, Urgency

PREFIX = "contact/"
"""The timers of pages; the incident's id, the page's id and what is waited for follow."""
NO_RECEIPT = "no_receipt"
NEXT_CONTACT = "next_contact"
_ANY = (Contact(),)
_NOW = timedelta()


def ways_of(person: Person | None, urgency: Urgency) -> list[Contact]:
    """Give the ways to reach a person at an urgency, in order; one at least, which may leave it to the pager.

    Where none is for this urgency it is all of them: a page is never withheld.
    """
    if person is None:
        return list(_ANY)
    known = person.contact or (Contact(ref=person.contact_ref),)
    meant = [each for each in known if each.urgency in (None, urgency)]
    return sorted(meant or known, key=lambda each: each.after)


def in_words(person: Person, urgency: Urgency) -> str:
    """Say in which ways a person is reached; empty: as the pager thinks best."""
    known = ways_of(person, urgency)
    told = [
        f"{each.channel} after {in_units(each.after - known[0].after)}"
        if each.after > known[0].after
        else each.channel
        for each in known
    ]
    return ", ".join(each for each in told if each)


def later_of(ways: list[Contact], at: datetime) -> list[LaterContact]:
    """Give the ways after the first, with when each one's turn comes."""
    return [
        LaterContact(
            channel=each.channel, contact_ref=each.ref, due=at + max(each.after - ways[0].after, _NOW)
        )
        for each in ways[1:]
    ]


def renewed(draft: Draft, incident_id: str, page: Escalation) -> list[LaterContact]:
    """Give the ways that are left of a page that rings anew: with those that are for the incident's urgency now and were not before."""
    incident, person = draft.incidents[incident_id], draft.library.people.get(page.person_id)
    if incident.mode is Mode.SHADOW:
        return []
    beside = [
        each
        for each in incident.escalations
        if each.status is EscalationStatus.NOTIFIED
        and (each.person_id, each.service) == (page.person_id, page.service)
    ]
    if person is None or beside[-1].id != page.id:
        return page.later
    known = {(each.channel, each.contact_ref) for each in beside}
    known |= {(way.channel, way.contact_ref) for each in beside for way in each.later}
    meant = ways_of(person, incident.urgency)
    fresh = [
        LaterContact(
            channel=way.channel, contact_ref=way.ref, due=draft.at + max(way.after - meant[0].after, _NOW)
        )
        for way in meant
        if (way.channel, way.ref) not in known
    ]
    return sorted([*page.later, *fresh], key=lambda each: each.due)


def expect(draft: Draft, incident_id: str, page: Escalation) -> None:
    """Hold the timers of a page that rings: for its receipt, and for the next way to the person."""
    by = receipt_by(draft, incident_id)
    if by is not None and page.delivery is Delivery.NONE:
        _set(draft, incident_id, page.id, NO_RECEIPT, by)
    if page.later:
        _set(draft, incident_id, page.id, NEXT_CONTACT, max(page.later[0].due, draft.at))


def receipt_by(draft: Draft, incident_id: str) -> datetime | None:
    """Give until when a page that is made now must be accepted; None: that is not asked."""
    within = draft.library.rules.receipt_within
    is_live = draft.incidents[incident_id].mode is not Mode.SHADOW
    return draft.at + within if within and is_live else None


def expect_no_receipt(draft: Draft, incident_id: str, page_id: str) -> None:
    """Wait for the page's receipt no more."""
    draft.timers.pop(timer_id(incident_id, page_id, NO_RECEIPT), None)


def expect_no_next(draft: Draft, incident_id: str, page_id: str) -> None:
    """Let the turn of the next way come no more by itself."""
    draft.timers.pop(timer_id(incident_id, page_id, NEXT_CONTACT), None)


def expect_nothing(draft: Draft, incident_id: str, page_id: str) -> None:
    """Wait for nothing of the page any more."""
    expect_no_receipt(draft, incident_id, page_id)
    expect_no_next(draft, incident_id, page_id)


def move(draft: Draft, source_id: str, target_id: str, page: Escalation) -> None:
    """Let the timers of a page that goes to another incident go with it."""
    for what in (NO_RECEIPT, NEXT_CONTACT):
        timer = draft.timers.pop(timer_id(source_id, page.id, what), None)
        if timer is not None:
            _set(draft, target_id, page.id, what, timer.due)


def page_of(draft: Draft, timer: Timer) -> tuple[Escalation | None, str]:
    """Give the page that a timer belongs to, if it still rings, and what was waited for."""
    page_id, _, what = timer.id.removeprefix(f"{PREFIX}{timer.incident_id}/").partition("/")
    return ringing(draft, timer.incident_id, page_id), what


def ringing(draft: Draft, incident_id: str, page_id: str) -> Escalation | None:
    """Give a page that rings."""
    pages = draft.incidents[incident_id].escalations
    return next(
        (each for each in pages if each.id == page_id and each.status is EscalationStatus.NOTIFIED), None
    )


def _set(draft: Draft, incident_id: str, page_id: str, what: str, due: datetime) -> None:
    id_ = timer_id(incident_id, page_id, what)
    draft.set_timer(Timer(id=id_, due=due, kind=TimerKind.PAGE_DUE, incident_id=incident_id))


def timer_id(incident_id: str, page_id: str, what: str) -> str:
    """Give the id of a page's timer."""
    return f"{PREFIX}{incident_id}/{page_id}/{what}"
