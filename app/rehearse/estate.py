"""The library as a case has it: the page, with nothing in its way but what the case puts there."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from app.model.catalog import Freeze, Guards
from app.model.control import Control, PageRecord
from app.model.incident import DomainRecord
from app.model.library import Library
from app.model.matchers import Match
from app.model.notices import CONTROL
from app.model.words import Mode
from app.rehearse.cases import Given, Standing

PROVIDER = "rehearsal"
"""Who vouches for the people of a case, and where they have their names."""


def library_for(given: Given, library: Library, start: datetime) -> Library:
    """Give the library with the case's mode, standing and trust; run by hand, no page is selected by its match."""
    pages = dict(library.runbooks)
    if given.mode is not None:
        pages = {id_: replace(page, mode=None) for id_, page in pages.items()}
    if given.by:
        pages = {id_: replace(page, match=Match()) for id_, page in pages.items()}
    untrusting = replace(library, rules=replace(library.rules, trusted=()))
    known = untrusting if Standing.NOBODY_TRUSTED in given.standing else vouched(library)
    return replace(
        known,
        runbooks=pages,
        rules=replace(known.rules, mode=given.mode or Mode.AUTO),
        guards=_guards(given, library.guards, start),
        teams={id_: replace(team, mode=None) for id_, team in library.teams.items()},
    )


def vouched(library: Library) -> Library:
    """Give the library with all its people known and vouched for, whoever they are elsewhere."""
    return replace(
        library,
        rules=replace(library.rules, trusted=(*library.rules.trusted, PROVIDER)),
        people={
            id_: replace(person, identities=(*person.identities, f"{PROVIDER}:{id_}"))
            for id_, person in library.people.items()
        },
    )


def control_for(given: Given, page: str, library: Library, start: datetime) -> DomainRecord:
    """Give the record of the domain `control`: page and those it uses have earned what they need, or as the case says otherwise."""
    guards = library.guards
    opened = Standing.BREAKER_OPEN in given.standing
    earned = PageRecord(good=0 if Standing.NOT_EARNED in given.standing else guards.runs_to_auto)
    own = earned.model_copy(update={"failures": [start] * guards.breaker_failures if opened else []})
    pages = {**dict.fromkeys(library.runbooks, earned), page: own}
    return DomainRecord(domain=CONTROL, control=Control(pages=pages))


def _guards(given: Given, guards: Guards, start: datetime) -> Guards:
    day = timedelta(days=1)
    frozen = Standing.FROZEN in given.standing
    freezes = (Freeze(start - day, start + 30 * day, "the case is frozen"),) if frozen else ()
    if Standing.BREAKER_OPEN in given.standing:
        guards = replace(guards, breaker_failures=max(1, guards.breaker_failures), breaker_window=30 * day)
    if Standing.NOT_EARNED in given.standing:
        guards = replace(guards, runs_to_auto=max(1, guards.runs_to_auto))
    return replace(guards, freezes=freezes)
