"""A replay agrees with what a service left, and names whatever was changed behind its back."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from app.core import decide
from app.model.inputs import UserReport, UserReportSignal
from app.model.messages import Message
from app.model.signals import Signal
from app.model.topics import CHAT_COMMANDS, DEAD_LETTERS, INCIDENT_EVENTS, INCIDENTS, SIGNALS, STEP_COMMANDS
from app.road.apply import Partition, apply_batch
from app.road.replay import Table, replay
from app.road.timekeeper import Timekeeper
from app.road.verdict import MODELS, Comparison, Expected, fields_that_differ
from app.settings import OutputFormat, Settings
from app.stream.understanding import new_wire
from app.wire.codec import Codec
from app.wire.decode import decode
from tests.core.estate import library, look, page
from tests.core.story import DOMAIN, Story, alert_signal
from tests.support.ports import EPOCH, Cluster, MemoryLibraries, MemoryStore, MemoryTransaction

JSON = new_wire(Settings(output_format=OutputFormat.JSON))


def a_life():
    """The log of one domain: an alert, an answer, its end."""
    story = Story(library(page(look())))
    story.alert(severity="critical")
    story.at(3).answers(story.put_out(MODELS[STEP_COMMANDS])[0])
    story.at(9).resolves(severity="critical")
    signals = [
        Message(SIGNALS, 0, offset, DOMAIN.encode(), JSON.encode(batch), at)
        for offset, (batch, at) in enumerate(story.log)
    ]
    return signals, MemoryLibraries(story.library)


async def left_by_production(signals, libraries, fmt=OutputFormat.JSON):
    """What production leaves on the topics, in either format."""
    cluster = Cluster()
    wire = new_wire(Settings(output_format=fmt))
    partition = Partition(0, MemoryTransaction(cluster), MemoryStore(), libraries, Timekeeper(), wire)
    await apply_batch(signals, partition)
    return [
        Message(each.topic, 0, offset, each.key, each.value, EPOCH)
        for offset, each in enumerate(cluster.committed)
    ], cluster.changelog


async def compared(signals, libraries, found, changelog=(), pending=0):
    expected, table = Expected(), Table()
    async for message, outputs in replay(signals, table, libraries, JSON):
        expected.add(message, outputs, table, is_pending=message.offset >= len(signals) - pending)
    comparison = Comparison(expected)
    newest = {domain: (data, json.loads(data)["applied_offset"]) for domain, data in dict(changelog).items()}
    return [
        *comparison.outputs(found),
        *comparison.missing({each.topic for each in found} | {STEP_COMMANDS}),
        *comparison.records(newest),
    ]


@pytest.mark.parametrize("fmt", OutputFormat)
async def test_what_production_left_is_what_replay_gives(fmt):
    signals, libraries = a_life()
    found, changelog = await left_by_production(signals, libraries, fmt)
    assert len(found) > 10
    assert await compared(signals, libraries, found, changelog) == []


@pytest.mark.parametrize("fmt", OutputFormat)
async def test_a_changed_byte_is_named_with_its_place_and_cause(fmt):
    signals, libraries = a_life()
    found, _ = await left_by_production(signals, libraries, fmt)
    place = next(number for number, each in enumerate(found) if each.topic == STEP_COMMANDS)
    right = found[place].value
    found[place] = replace(found[place], value=right.replace(b"cart-1", b"cart-2", 1))
    [difference] = await compared(signals, libraries, found)
    assert (difference.what, difference.where, difference.cause) == (
        "a message differs",
        f"{STEP_COMMANDS}/0@{place}",
        f"{SIGNALS}/0@0",
    )
    assert "cart-2" in fields_that_differ(difference.found, right, STEP_COMMANDS)


@pytest.mark.parametrize("fmt", OutputFormat)
async def test_what_the_engine_fails_on_it_fails_on_again(fmt, monkeypatch):
    def fail(*_):
        raise RuntimeError("planted")

    monkeypatch.setattr(decide, "_on_report", fail)
    story = Story(library())
    story.apply(alert_signal())
    batch, at = story.log[-1]
    report = UserReportSignal(report=UserReport(text="it is slow"))
    both = [*batch.signals, Signal(identity="user_report:r", body=report)]
    value = new_wire(Settings(output_format=fmt)).encode(batch.model_copy(update={"signals": both}))
    log = [Message(SIGNALS, 0, 0, DOMAIN.encode(), value, at)]
    found, changelog = await left_by_production(log, MemoryLibraries(story.library), fmt)
    assert [each.topic for each in found].count(DEAD_LETTERS) == 1
    assert await compared(log, MemoryLibraries(story.library), found, changelog) == []


async def test_bytes_that_mean_the_same_differ_all_the_same():
    signals, libraries = a_life()
    found, _ = await left_by_production(signals, libraries)
    found[0] = replace(found[0], value=found[0].value + b" ")
    assert [each.what for each in await compared(signals, libraries, found)] == ["a message differs"]


async def test_what_is_missing_doubled_or_of_no_log():
    signals, libraries = a_life()
    found, _ = await left_by_production(signals, libraries)
    chat = next(each for each in found if each.topic == CHAT_COMMANDS)
    event = next(each for each in found if each.topic == INCIDENT_EVENTS)
    value = decode(event.value, MODELS[INCIDENT_EVENTS]).model_copy(update={"id": "another"})
    strange = replace(event, offset=99, value=Codec(OutputFormat.JSON).encode(value))
    changed = [*(each for each in found if each is not chat), replace(event, offset=77), strange]
    told = {each.what for each in await compared(signals, libraries, changed)}
    assert told == {"a message is missing", "a message is there twice", "a message is not of the log"}


async def test_what_the_service_was_at_meanwhile_may_be_missing():
    signals, libraries = a_life()
    found, _ = await left_by_production(signals[:-1], libraries)
    assert await compared(signals, libraries, found, pending=1) == []
    assert {each.what for each in await compared(signals, libraries, found)} == {"a message is missing"}


async def test_compacted_snapshots_may_be_missing_and_intakes_letters_are_not_judged():
    signals, libraries = a_life()
    found, _ = await left_by_production(signals, libraries)
    letter = '{"id":"x","topic":"alerts","partition":0,"offset":0,"reason":"r","detail":"","value_size":0,"timestamp":"2026-01-01T00:00:00Z"}'
    kept = [each for each in found if each.topic != INCIDENTS]
    kept += [Message(DEAD_LETTERS, 0, 0, None, letter.encode(), EPOCH)] * 2
    assert await compared(signals, libraries, kept) == []


async def test_a_record_of_another_state_is_named():
    signals, libraries = a_life()
    found, changelog = await left_by_production(signals, libraries)
    changed = {DOMAIN: changelog[DOMAIN].replace(b"cart-1", b"cart-2", 1)}
    [difference] = await compared(signals, libraries, found, changed)
    assert (difference.what, difference.where) == ("a record differs", f"changelog, domain {DOMAIN}")


async def test_a_letter_that_was_put_back_is_the_letter_that_it_was():
    broken = Message(SIGNALS, 0, 0, DOMAIN.encode(), b"no batch", EPOCH)
    _, libraries = a_life()
    [buried], _ = await left_by_production([broken], libraries)
    letter = decode(buried.value, MODELS[DEAD_LETTERS])
    changes = ({"put_back_at": EPOCH}, {"put_back_at": EPOCH, "detail": "another"})
    marked, changed = (
        replace(buried, offset=1, value=JSON.encode(letter.model_copy(update=each))) for each in changes
    )
    assert await compared([broken], libraries, [buried, marked]) == []
    assert [each.what for each in await compared([broken], libraries, [buried, changed])] == [
        "a message differs"
    ]
