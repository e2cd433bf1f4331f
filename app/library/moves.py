"""How services moved between correlation domains, from one published library to the next.

It is published with the files, in the manifest: a domain to which a service comes asks those that it was in for what they hold.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from app.core.domains import domain_of_service
from app.model.library import Library
from app.model.moving import Move

FORMERS = 8
"""How many of the domains that a service was in are kept, the newest."""


def moves_since(former: Library, newer: Library) -> dict[str, Move]:
    """Give every move of a service so far, with those from the library that was in force to the one that comes into force.

    A service that leaves the catalog keeps its moves, should it come back.
    """
    moves = dict(former.moved)
    for id_, service in newer.services.items():
        home, known = domain_of_service(service, "")[1:], former.moved.get(id_)
        before = former.services.get(id_)
        was = domain_of_service(before, "")[1:] if before is not None else known.home if known else home
        if was != home:
            formers = (*(known.formers if known else ()), was)[-FORMERS:]
            moves[id_] = Move(number=(known.number if known else 0) + 1, home=home, formers=formers)
    return moves


def with_moves(library: Library, moves: Mapping[str, Move], hash_: str) -> Library:
    """Give the library as it is published."""
    return replace(library, hash=hash_, moved=dict(moves))


def as_texts(moves: Mapping[str, Move]) -> dict[str, str]:
    """Give moves as the manifest holds them: service to the number, where it is and where it was, as JSON."""
    return {id_: json.dumps([move.number, move.home, *move.formers]) for id_, move in moves.items()}


def from_texts(texts: Mapping[str, str]) -> dict[str, Move]:
    """Read moves as the manifest holds them.

    Raises:
        ValueError: they are not so written.

    """
    moves = {}
    for id_, text in texts.items():
        number, home, *formers = json.loads(text)
        moves[id_] = Move(number=int(number), home=str(home), formers=tuple(map(str, formers)))
    return moves
