"""Which person an event of a calendar means: by who is invited, else by its title."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from app.library.calendars import Planned
from app.model.catalog import Person


class NobodyError(ValueError):
    """An event that means no person, or several; the message says why."""


def person_of(event: Planned, people: Mapping[str, Person]) -> str:
    """Give the id of the person.

    Who is invited is known by an identity with that address (`mail:alice@example.com`), by their name, or by their id before the @.
    Nobody known is invited: the title must hold the id or the name of one person.

    Raises:
        NobodyError: none is meant, or more than one.

    """
    invited = {each.id for each in people.values() for who in event.attendees if _is(each, *who)}
    found = invited or {each.id for each in people.values() if _is_in(each, event.title)}
    if len(found) == 1:
        return found.pop()
    if found:
        raise NobodyError(f"it means {_listed(found)}; an event means one person")
    addresses = ", ".join(address for address, _ in event.attendees)
    raise NobodyError(
        f"it means nobody: its title names no person{f', and nobody has the address {addresses}' * bool(addresses)}"
    )


def _is(person: Person, address: str, name: str) -> bool:
    addresses = {identity.partition(":")[2].casefold() for identity in person.identities}
    plain = address.casefold()
    return (
        plain in addresses
        or plain.partition("@")[0] == person.id.casefold()
        or bool(name and name.casefold() == person.name.casefold())
    )


def _is_in(person: Person, title: str) -> bool:
    return any(
        name and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", title, re.IGNORECASE)
        for name in (person.id, person.name)
    )


def _listed(names: Iterable[str]) -> str:
    return " and ".join(sorted(names))
