"""The agents: they hand what Faust reads to the lanes, where the road's functions take it. Nothing is decided here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime

import faust
from faust.types import EventT, HeadersArg, StreamT

from app.model.topics import SIGNALS, TAKEN_IN
from app.road.ports import Message
from app.settings import Settings
from app.stream.crash import die
from app.stream.topics import full_name

Put = Callable[[Message], Awaitable[None]]


def add_agents(app: faust.App, settings: Settings, take_in: Put, apply: Put) -> None:
    """Add an agent for each topic that intake reads and one for `signals`.

    `acks=False`: Faust commits nothing for these topics. Intake commits its offsets itself, after its appends were
    acked; those of `signals` are part of the transactions.
    """
    for name in (*TAKEN_IN, SIGNALS):
        topic = app.topic(
            full_name(settings, name),
            key_serializer="raw",
            value_serializer="raw",
            acks=False,
            allow_empty=True,
        )
        app.agent(topic, name=f"oncall.{name}")(_agent(name, apply if name == SIGNALS else take_in))


def _agent(name: str, put: Put) -> Callable[[StreamT[bytes]], Awaitable[None]]:
    async def agent(stream: StreamT[bytes]) -> None:
        try:
            async for event in stream.events():
                await put(_message(name, event))
        except Exception as error:  # noqa: BLE001 - Faust would take the message for done and go on
            die(f"the agent of {name} failed", error)

    return agent


def _message(topic: str, event: EventT[bytes]) -> Message:
    read = event.message
    return Message(
        topic=topic,
        partition=read.partition,
        offset=read.offset,
        key=read.key,
        value=read.value,
        timestamp=_instant(read.timestamp),
        headers=_headers(read.headers),
    )


def _headers(headers: HeadersArg | None) -> tuple[tuple[str, bytes | None], ...]:
    return tuple(headers.items() if isinstance(headers, Mapping) else headers or ())


def _instant(seconds: float) -> datetime:
    """Give the moment; one that no calendar holds (a producer's clock in the wrong unit) becomes the epoch."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return datetime.fromtimestamp(0, UTC)
