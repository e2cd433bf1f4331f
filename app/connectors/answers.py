"""What the bridge says of a command on behalf of an endpoint, and where it says it."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from app.core.identity import output_id
from app.model.commands import AnyCommand, StepCommand
from app.model.inputs import Actor, Response, StepResult
from app.model.topics import RESPONSES, STEP_RESULTS
from app.model.words import AnswerStatus
from app.wire.decode import json_datum
from app.wire.errors import WireError

MAX_ANSWER_BYTES = 256 * 1024
"""A longer body is not read as an answer: its `output` alone may be 64 KB."""


class AnswerError(ValueError):
    """A body that wants to be an answer and is none; the message names the field."""


def topic_for(command: AnyCommand) -> str:
    """Give the topic (without prefix) that answers to the command go to."""
    return STEP_RESULTS if isinstance(command, StepCommand) else RESPONSES


def our_answer(command: AnyCommand, status: AnswerStatus, reason: str) -> StepResult | Response:
    """Give the answer that the bridge itself makes; the same answer always bears the same id."""
    return _build(
        command, {"status": status, "reason": reason, "actor": Actor(provider="bridge", id="bridge")}
    )


def answer_in(command: AnyCommand, body: bytes) -> StepResult | Response | None:
    """Read the endpoint's answer: a JSON object with `status`. None where the body is no answer.

    Raises AnswerError where it is one and a field of it cannot be read.
    """
    if not body or len(body) > MAX_ANSWER_BYTES:
        return None
    try:
        said = json_datum(body)
    except WireError:
        return None
    if not isinstance(said, dict) or "status" not in said:
        return None
    try:
        return _build(command, said)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise AnswerError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error


def _build(command: AnyCommand, said: dict[str, Any]) -> StepResult | Response:
    # Which command it is about, and where it belongs, is ours to say: an endpoint need not repeat it, and cannot get it wrong.
    known = {"command_id": command.id, "object_id": command.object_id, "domain": command.domain}
    id_ = said.get("id") or output_id(command.domain, f"bridge:{command.id}", f"answer/{said['status']}")
    fields = {**said, **known, "id": id_}
    if isinstance(command, StepCommand):
        return StepResult.model_validate(fields)
    return Response.model_validate({**fields, "incident_id": command.incident_id})
