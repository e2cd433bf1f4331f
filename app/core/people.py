"""Who somebody is, and whether that can be believed."""

from __future__ import annotations

from collections.abc import Iterable

from app.model.inputs import Actor
from app.model.library import Library


def person_of(actor: Actor, library: Library) -> str:
    """Give the person behind an actor, by the identities of the catalog; empty where it knows none.

    Accounts of one person are one person, so that nobody is a second person to themselves.
    """
    known = f"{actor.provider}:{actor.id}"
    return next((person.id for person in library.people.values() if known in person.identities), "")


def name_of(actor: Actor, library: Library) -> str:
    """Give what an actor is called with incidents: the person's id, or the account where the catalog knows no person."""
    return person_of(actor, library) or actor.id


def named(actor: Actor, library: Library) -> str:
    """Give what an actor is called in words for people: as `name_of`, or "somebody" where they bear no name."""
    return name_of(actor, library) or "somebody"


def is_vouched_for(actor: Actor, library: Library) -> bool:
    """Whether something that operators trust says that the actor is who it seems."""
    return bool(actor.verified_by) and actor.verified_by in library.rules.trusted


def members_of(sources: Iterable[str], library: Library) -> set[str]:
    """Give the people that teams (by id) and `user:ID` name."""
    people: set[str] = set()
    for source in sources:
        kind, _, name = source.partition(":")
        if name:
            people |= {name} if kind == "user" and name in library.people else set()
        elif (team := library.teams.get(source)) is not None:
            people.update(team.members)
    return people
