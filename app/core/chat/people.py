"""People as they are named in chat, and what is said to those whom nobody knows."""

from __future__ import annotations

import re

from app.core.chat.commands import nearest
from app.core.people import person_of
from app.model.inputs import Actor
from app.model.library import Library

_MENTION = re.compile(r"<@([^<>|]*)(?:\|[^<>]*)?>|<at>([^<>]*)</at>")


def find_person(name: str, actor: Actor, library: Library) -> str:
    """Give the id of the person that is meant by `@alice`, `<@U024BE7LH|alice>`, a full name or `me`; empty where none is."""
    plain = _MENTION.sub(r"\1\2", name.strip()).removeprefix("@").strip()
    if plain.casefold() == "me":
        return person_of(actor, library)
    if plain in library.people:
        return plain
    mentioned = person_of(Actor(provider=actor.provider, id=plain), library)
    if mentioned:
        return mentioned
    wanted = plain.casefold()
    named = [
        each.id for each in library.people.values() if wanted in (each.id.casefold(), each.name.casefold())
    ]
    return named[0] if len(named) == 1 else ""


def nobody_called(name: str, library: Library) -> str:
    """Say that nobody is called so, and who may be meant."""
    hint = nearest(name.strip("<>@ "), sorted(library.people))
    return f"The catalog has nobody called `{name}`. {hint}".strip()


def is_stranger(actor: Actor, library: Library) -> bool:
    """Whether the catalog has people, and somebody is none of them."""
    return bool(library.people) and not person_of(actor, library)


def stranger(actor: Actor) -> str:
    """Say to somebody that the catalog does not know them, and how that is mended."""
    known = (
        f"{actor.provider}:{actor.id}"
        if actor.provider and actor.id
        else actor.id or "somebody without a name"
    )
    mend = (
        f"add `{known}` to the `identities` of a person in the library"
        if actor.id
        else "let the connector name the actor"
    )
    return f"I do not know {known}: to change that, {mend}."
