"""HTTP intake: what arrives is put on an input topic, and answered only after the broker's ack.

body → checked (a 4xx names the field) → messages → `log.append` → 202, or 503 when Kafka does not ack
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from aiohttp import web
from aiokafka.errors import KafkaError, MessageSizeTooLargeError, RecordTooLargeError

from app.intake.alertmanager import WebhookError, read_webhook
from app.intake.normalise import check_answer, check_silence
from app.model.inputs import Alert, Answer, Response, StepResult
from app.model.notices import CONTROL
from app.model.topics import ALERTS, RESPONSES, STEP_RESULTS
from app.road.ports import Outgoing
from app.web.api import json_answer
from app.web.problems import BadRequest, TooLarge, Unavailable
from app.web.state import State
from app.wire.decode import WireError, json_datum, validate

log = logging.getLogger(__name__)

MAX_BODY = 1024 * 1024
"""The largest body taken, in bytes."""
MAX_MESSAGE = 512 * 1024
"""A list of alerts is split into messages of about this size, in bytes."""
ACK_WITHIN_S = 10.0
_ACCEPTED = 202

A = TypeVar("A", bound=Answer)


async def alertmanager(state: State, request: web.Request) -> web.Response:
    """`POST /intake/alertmanager`: Alertmanager's webhook, version 4."""
    body = await read_json(request)
    texts, refused = alerts_of(body)
    # One group, one partition: an alert that fires stays before the same alert resolved.
    key = str(body.get("groupKey", "")).encode() or None
    await append(state, [Outgoing(ALERTS, key, value) for value in lists_of(texts)])
    return _taken(len(texts) - len(refused), refused)


async def step_results(state: State, request: web.Request) -> web.Response:
    """`POST /intake/step-results`: one StepResult or a list of them."""
    results = _answers(StepResult, await read_json(request))
    await append(state, [keyed(STEP_RESULTS, result) for result in results])
    return _taken(len(results))


async def responses(state: State, request: web.Request) -> web.Response:
    """`POST /intake/responses`: one Response or a list of them."""
    given = _answers(Response, await read_json(request))
    await append(state, [keyed(RESPONSES, response) for response in given])
    return _taken(len(given))


def alerts_of(body: Any) -> tuple[list[bytes], list[dict[str, str]]]:
    """Give each alert of a webhook as JSON, and what is wrong with those that are bad.

    Alertmanager does not send a refused body again, so one bad alert must not take the others down: it goes on
    as it came, and intake puts it into the dead letters.

    Raises:
        BadRequest: the body as a whole, or every alert of it, cannot be taken; `field` names what is wrong.

    """
    try:
        return [_text(alert) for alert in read_webhook(body).alerts], []
    except WebhookError as error:
        if not error.field.startswith("alerts["):
            raise BadRequest(str(error), field=error.field) from error
    texts, refused = [], []
    for place, entry in enumerate(body["alerts"]):
        try:
            texts += [
                _text(alert)
                for alert in read_webhook({**body, "alerts": [entry], "truncatedAlerts": 0}).alerts
            ]
        except WebhookError as error:
            texts.append(json.dumps(entry).encode())
            field = error.field.replace("[0]", f"[{place}]", 1)
            refused.append({"field": field, "detail": str(error).replace(error.field, field, 1)})
    if len(refused) == len(texts):
        raise BadRequest(refused[0]["detail"], field=refused[0]["field"])
    texts += [_text(alert) for alert in read_webhook({**body, "alerts": []}).alerts]
    return texts, refused


def lists_of(texts: Sequence[bytes]) -> list[bytes]:
    """Give the entries as JSON lists, in order, each of about 512 KB at most."""
    lists: list[list[bytes]] = [[]]
    size = 0
    for text in texts:
        if lists[-1] and size + len(text) > MAX_MESSAGE:
            lists.append([])
            size = 0
        lists[-1].append(text)
        size += len(text) + 1
    return [b"[" + b",".join(each) + b"]" for each in lists if each]


def _text(alert: Alert) -> bytes:
    return alert.model_dump_json(exclude_none=True).encode()


async def read_json(request: web.Request) -> Any:
    """The body as JSON.

    Raises:
        TooLarge, BadRequest: it is over the limit, broken on its way, or no JSON.

    """
    try:
        body = await request.read()
    except web.HTTPRequestEntityTooLarge as error:
        raise TooLarge(f"The body is larger than {MAX_BODY} bytes.", limit=MAX_BODY) from error
    except web.RequestPayloadError as error:
        words = "The body cannot be unpacked: it is not what Content-Encoding or Transfer-Encoding says."
        raise BadRequest(words, field="") from error
    try:
        return json_datum(body)
    except WireError as error:
        raise BadRequest(f"The body is not JSON: {error.detail}", field="") from error


def _answers(model: type[A], body: Any) -> list[A]:
    entries = body if isinstance(body, list) else [body]
    return [
        _answer(model, entry, f"[{place}]." if isinstance(body, list) else "")
        for place, entry in enumerate(entries)
    ]


def _answer(model: type[A], entry: Any, at: str) -> A:
    try:
        answer = validate(entry, model)
        check_answer(answer)
        if isinstance(answer, Response):
            check_silence(answer)
    except WireError as error:
        field = at + error.field if error.field else at.rstrip(".")
        raise BadRequest(f"{field or 'The body'}: {error.detail.rstrip('.')}.", field=field) from error
    for field, mend in _missing(answer):
        raise BadRequest(f"{at}{field} is missing: give {mend}.", field=f"{at}{field}")
    return answer


def _missing(answer: Answer) -> Iterator[tuple[str, str]]:
    """What an answer cannot do without, though each field by itself may be empty."""
    if isinstance(answer, Response) and answer.response is not None:
        if answer.domain != CONTROL and not (answer.incident_id or answer.object_id):
            yield "incident_id", "the incident that the response is for"
    elif not (answer.command_id or answer.object_id):
        yield "command_id", "the id of the command you answer, or its object_id"


def keyed(topic: str, answer: Answer) -> Outgoing:
    """Give the message of an answer, with its domain as key."""
    return Outgoing(topic, answer.domain.encode(), answer.model_dump_json(exclude_none=True).encode())


async def append(state: State, messages: Sequence[Outgoing]) -> None:
    """Append and await the acks; what was appended but not acked in time is harmless when it is sent again.

    Raises:
        TooLarge, Unavailable: the broker will never take it, or did not ack it in time.

    """
    try:
        async with asyncio.timeout(ACK_WITHIN_S):
            await state.runtime.log.append(messages)
    except (MessageSizeTooLargeError, RecordTooLargeError) as error:
        raise TooLarge("One entry is larger than a Kafka message may be.") from error
    except RuntimeError as error:  # that is how the log says that it is not connected
        log.warning("nothing can be appended: %s", error)
        raise Unavailable("The worker is starting or stopping. Send it again.") from error
    except (KafkaError, TimeoutError) as error:
        raise Unavailable(
            "Kafka did not acknowledge in time. Send it again: repeats change nothing."
        ) from error


def _taken(count: int, refused: Sequence[dict[str, str]] = ()) -> web.Response:
    document: dict[str, Any] = {"accepted": count}
    if refused:
        document["refused"] = refused
    return json_answer(document, status=_ACCEPTED)
