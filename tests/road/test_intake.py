"""Intake: everything that came of a batch is on the log before it returns."""

from dataclasses import dataclass, field

import pytest

from app.model.library import Library
from app.model.outputs import DeadLetter
from app.model.signals import SignalBatch
from app.model.topics import ALERTS, DEAD_LETTERS, SIGNALS
from app.model.words import Mode
from app.road.apply import Wire
from app.road.intake import Intake, take_in
from app.road.ports import Message
from tests.support.ports import EPOCH, Crash, MemoryLibraries, MemoryLog, crash_at

LIBRARY = Library(hash="a" * 64)
WIRE = Wire(lambda value: value.model_dump_json().encode(), SignalBatch.model_validate_json)


@dataclass
class Understood:
    batches: list = field(default_factory=list)
    dead_letters: list = field(default_factory=list)


def understand(messages, library, mode):
    """Take a value for its domain, and no value for a bad message."""
    good = [each for each in messages if each.value]
    return Understood(
        [
            SignalBatch(domain=each.value.decode(), library=library.hash, mode=mode, signals=[])
            for each in good
        ],
        [
            DeadLetter(
                id="1",
                topic=each.topic,
                partition=0,
                offset=each.offset,
                reason="null_value",
                detail="-",
                key=each.key,
            )
            for each in messages
            if not each.value
        ],
    )


def message(offset, value):
    return Message(ALERTS, 0, offset, b"key", value, EPOCH)


async def test_signals_go_by_domain_and_letters_by_their_key():
    log = MemoryLog()
    intake = Intake(log, MemoryLibraries(LIBRARY), Mode.SHADOW, WIRE, understand)
    assert await take_in([message(0, b"a"), message(1, None), message(2, b"b")], intake) == 3
    assert [(each.topic, each.key) for each in log.cluster.appended] == [
        (DEAD_LETTERS, b"key"),
        (SIGNALS, b"a"),
        (SIGNALS, b"b"),
    ]
    batch = SignalBatch.model_validate_json(log.cluster.appended[1].value)
    assert (batch.library, batch.mode) == (LIBRARY.hash, Mode.SHADOW)


async def test_the_failpoint_lies_after_the_append():
    log = MemoryLog()
    intake = Intake(log, MemoryLibraries(LIBRARY), None, WIRE, understand, crash_at("after_append"))
    with pytest.raises(Crash):
        await take_in([message(0, b"a")], intake)
    assert len(log.cluster.appended) == 1
