"""`POST /intake/acknowledge`: one wish for all incidents that matchers match."""

from __future__ import annotations

from aiohttp import web
from pydantic import Field

from app.core.bulk import acknowledgements, unacknowledged
from app.core.correlation import OPEN
from app.model.base import Frozen
from app.model.inputs import Actor
from app.model.matchers import Matcher, MatcherError, parse_matcher
from app.model.topics import RESPONSES
from app.web.api import json_answer
from app.web.intake import append, keyed, read_json
from app.web.problems import BadRequest
from app.web.state import State
from app.wire.decode import WireError, validate

_ACCEPTED = 202


class Acknowledge(Frozen):
    """The body."""

    id: str = ""
    match: list[str] = Field(default_factory=list)
    text: str = ""
    actor: Actor = Field(default_factory=Actor)


async def acknowledge(state: State, request: web.Request) -> web.Response:
    """`POST /intake/acknowledge`: acknowledge every open incident that all matchers match."""
    asked = _asked(await read_json(request))
    matchers = [_matcher(line, place) for place, line in enumerate(asked.match)]
    state.require_read_model()
    whole = [state.incidents.get(each.id) for each in state.incidents.all() if each.status in OPEN]
    found = unacknowledged([each for each in whole if each is not None], matchers)
    responses = acknowledgements(found, asked.id, asked.actor, asked.text, state.now())
    await append(state, [keyed(RESPONSES, each) for each in responses])
    return json_answer(
        {"accepted": len(responses), "incidents": [each.id for each in found]}, status=_ACCEPTED
    )


def _asked(body: object) -> Acknowledge:
    try:
        asked = validate(body, Acknowledge)
    except WireError as error:
        raise BadRequest(f"{error.field or 'The body'}: {error.detail}", field=error.field) from error
    if not asked.id:
        raise BadRequest(
            "id is missing: give one, so that it counts once however often you send it.", field="id"
        )
    if not asked.match:
        raise BadRequest("match is missing: give a list of matchers, all of which must hold.", field="match")
    return asked


def _matcher(line: str, place: int) -> Matcher:
    try:
        return parse_matcher(line)
    except MatcherError as error:
        raise BadRequest(f"match[{place}]: {error}.", field=f"match[{place}]") from error
