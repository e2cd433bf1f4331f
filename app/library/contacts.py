"""`contact` of a person: the ways to reach them, by reference and never by address."""

from __future__ import annotations

import re

from app.library.fields import Fields
from app.library.problems import suggest
from app.model.catalog import CHANNELS, Contact
from app.model.words import Urgency

MOST = 10
_ADDRESS = re.compile(r"\+?[\d ()/.-]{7,}|(?:mailto:)?[^\s@/:]+@[^\s@/]+\.[^\s@/]+")
_REFERENCE = "write a name that your pager resolves, such as pager/alice: addresses stay there"


def read_contact(person: str, fields: Fields) -> tuple[Contact, ...]:
    """Read a person's ways; none where `contact` is missing."""
    findings = fields.findings
    own = fields.text("contact_ref")
    if _ADDRESS.fullmatch(own):
        findings.advise(fields.place_of("contact_ref"), "contact_ref: this looks like an address", _REFERENCE)
    found = [
        _contact(person, Fields(each, findings, f"a contact of {person}"), own)
        for each in fields.items("contact")
    ]
    if "contact" not in fields:
        return ()
    place = fields.place_of("contact")
    if not found:
        findings.error(place, f"contact: {person} has no way to be reached", "list one, or take contact: out")
    if len(found) > MOST:
        words = f"contact: {person} has {len(found)} ways; at most {MOST} may be"
        findings.error(place, words, "keep those that wake them")
    for urgency in Urgency if found else ():
        if not any(each.urgency in (None, urgency) for each in found):
            words = f"contact: nothing reaches {person} at {urgency} urgency, so all of it would be used"
            findings.error(place, words, f"give one the urgency: {urgency}, or none at all")
    return tuple(found)


def _contact(person: str, fields: Fields, own: str) -> Contact:
    findings, channel = fields.findings, fields.text("channel")
    if channel not in CHANNELS:
        words = (
            f"channel: {channel!r} is no way to reach {person}" if channel else "it does not say its channel"
        )
        findings.error(fields.place_of("channel"), words, suggest(channel, list(CHANNELS)))
    ref = fields.text("ref") or own
    if not ref:
        words = f"ref: nothing says where {person} is reached by {channel or 'it'}"
        findings.error(fields.place_of("ref"), words, "give it a ref:, or the person a contact_ref:")
    elif "ref" in fields and _ADDRESS.fullmatch(ref):
        findings.error(fields.place_of("ref"), "ref: this looks like an address", _REFERENCE)
    contact = Contact(
        channel, ref, fields.duration("after", Contact().after), fields.word("urgency", Urgency)
    )
    fields.finish()
    return contact
