"""What must hold after a simulation, judged from the logs and disks that it left."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from pydantic_core import from_json

from app.core import heartbeats
from app.core import record as records
from app.core.escalation import events
from app.model.base import Instant
from app.model.library import Library
from app.model.messages import Message, Outgoing
from app.model.topics import (
    DEAD_LETTERS,
    ESCALATION_COMMANDS,
    INCIDENT_EVENTS,
    INCIDENTS,
    NOTICES,
    OUTPUTS,
    SIGNALS,
    TAKEN_IN,
    shadow,
)
from app.road.apply import MAX_VALUE, Wire
from app.road.intake import Understand
from app.road.ports import Libraries
from app.road.recent import Recent
from app.road.replay import Table, replay
from app.simulate.brokers import Brokers, FencedError
from app.simulate.crossing import disagreements
from app.simulate.events import EventsThatPage
from app.simulate.lives import illegal_lives
from app.simulate.paging import lost_pages
from app.simulate.ports import CHANGELOG, Disk

LATE_S = 30.0
"""How late a timer may still be when everything has settled."""
_DOMAINS_OWN = tuple(f"timer:{each}" for each in (events.TIMER, heartbeats.TIMER, "quiet/"))
"""How the causes begin that are timers of no incident."""


@dataclass(frozen=True)
class Breach:
    """A law that does not hold, and where."""

    law: str
    words: str

    def __str__(self) -> str:
        """Give it on one line."""
        return f"{self.law}: {self.words}"


@dataclass(frozen=True)
class Remains:
    """What a simulation leaves."""

    brokers: Brokers
    disks: Mapping[int, Disk]
    """By partition: the disk of the worker that owns it at the end."""
    libraries: Mapping[str, Library]
    wire: Wire
    understand: Understand
    ended: Instant
    last_words: tuple[str, ...] = ()
    """Of workers that ended by themselves."""


class _AllLibraries:
    def __init__(self, libraries: Mapping[str, Library]) -> None:
        self._libraries = libraries

    async def get(self, library_hash: str) -> Library:
        return self._libraries[library_hash]

    def current(self) -> Library:
        return next(iter(self._libraries.values()))


@dataclass
class _BeforeAndAfter(Table):
    """A table that still knows what its newest records replaced."""

    before: dict[str, bytes | None] = field(default_factory=dict)

    def put(self, records: dict[str, bytes]) -> None:
        self.before = {domain: self.records.get(domain) for domain in records}
        super().put(records)


async def breaches(remains: Remains) -> list[Breach]:
    """Give every law that does not hold."""
    libraries: Libraries = _AllLibraries(remains.libraries)
    from_bytes = replace(
        remains.wire, recent=Recent(0)
    )  # what the workers remembered is judged by what was written
    replayed: list[Outgoing] = []
    tables: dict[int, _BeforeAndAfter] = {}
    early: list[Breach] = []
    decided: dict[str, Message] = {}
    twice: list[Breach] = []
    events_that_page = EventsThatPage(remains.libraries)
    for number in range(remains.brokers.partitions):
        table = tables[number] = _BeforeAndAfter()
        messages = [stored.message for stored in remains.brokers.log((SIGNALS, number))]
        async for message, outputs in replay(messages, table, libraries, from_bytes):
            replayed += outputs
            early += _early(message, table, remains.wire)
            twice += _twice(message, outputs, decided)
            batch = remains.wire.decode_signals(message.value)
            told = [from_json(each.value or b"{}") for each in outputs if each.topic == INCIDENT_EVENTS]
            events_that_page.take(batch, told, table.records.get(batch.domain))
    return [
        *_inputs_are_in(remains),
        *_engine_never_fails(remains.brokers),
        *_workers_end_fenced(remains.last_words),
        *_outputs_equal(remains, replayed),
        *_repeats_equal(remains.brokers),
        *_tables_equal(remains, tables),
        *_timers_kept(remains, tables),
        *(Breach("domains disagree", words) for words in disagreements(tables.values())),
        *(Breach("a page was lost", words) for words in lost_pages(tables.values(), _told_pagers(remains))),
        *(Breach("an event paged wrongly", words) for words in events_that_page.breaches()),
        *early,
        *twice,
        *(
            Breach(law, words)
            for law, words in illegal_lives(
                committed(remains.brokers, INCIDENT_EVENTS), committed(remains.brokers, INCIDENTS)
            )
        ),
    ]


def committed(brokers: Brokers, topic: str) -> Iterator[Message]:
    """Give a topic's committed messages, partition by partition."""
    for number in range(brokers.partitions):
        yield from brokers.committed((topic, number), 0)[0]


def _inputs_are_in(remains: Remains) -> Iterator[Breach]:
    """Every input is on `signals`, by its identity, or in the dead letters, by its id."""
    known = {
        signal.identity
        for message in committed(remains.brokers, SIGNALS)
        for signal in remains.wire.decode_signals(message.value).signals
    }
    letters = {_read(message)["id"] for message in committed(remains.brokers, DEAD_LETTERS)}
    library = next(iter(remains.libraries.values()))
    for topic in TAKEN_IN:
        for message in committed(remains.brokers, topic):
            understood = remains.understand([message], library, None)
            for batch in understood.batches:
                for signal in batch.signals:
                    if signal.identity not in known:
                        yield Breach("an input was lost", f"{_place(message)}: {signal.identity}")
            for letter in understood.dead_letters:
                if letter.id not in letters:
                    yield Breach("an input was lost", f"{_place(message)}: no dead letter {letter.reason}")


def _engine_never_fails(brokers: Brokers) -> Iterator[Breach]:
    """No message of `signals` is dead-lettered: a replay fails on it alike, so that no other law would tell."""
    for message in committed(brokers, DEAD_LETTERS):
        letter = _read(message)
        if letter["topic"] == SIGNALS:
            yield Breach(
                "the engine failed", f"{SIGNALS}@{letter['offset']}: {letter['reason']}: {letter['detail']}"
            )


def _workers_end_fenced(last_words: Iterable[str]) -> Iterator[Breach]:
    """A worker that nobody kills ends for one reason only: another one has its partitions."""
    for words in last_words:
        if FencedError.__name__ not in words:
            yield Breach("a worker failed", words)


def _outputs_equal(remains: Remains, replayed: Iterable[Outgoing]) -> Iterator[Breach]:
    """What readers of committed messages see is what a replay of `signals` gives, in the same order for each stream."""
    wanted: dict[tuple[object, ...], list[bytes | None]] = defaultdict(list)
    for outgoing in replayed:
        wanted[_stream(outgoing)].append(outgoing.value)
    found: dict[tuple[object, ...], list[bytes | None]] = defaultdict(list)
    for topic in OUTPUTS:
        for message in committed(remains.brokers, topic):
            found[_stream(message)].append(message.value)
    for key in sorted({*wanted, *found}, key=str):
        if key[0] == DEAD_LETTERS:  # most of these are intake's, which repeats them after a crash
            lacking = set(wanted[key]) - set(found[key])
            if lacking:
                yield Breach("outputs differ from replay", f"{key}: {len(lacking)} dead letters are missing")
        elif wanted[key] != found[key]:
            yield Breach("outputs differ from replay", f"{key}: {_difference(wanted[key], found[key])}")


def _stream(message: Message | Outgoing) -> tuple[object, ...]:
    """Give what one domain alone writes, in its order: a topic's key, and the domain of what several write of: notices, snapshots."""
    writer = {NOTICES: "sender", INCIDENTS: "domain"}.get(message.topic)
    return message.topic, message.key, from_json(message.value or b"{}")[writer] if writer else ""


def _difference(wanted: list[bytes | None], found: list[bytes | None]) -> str:
    for place, (one, other) in enumerate(zip(wanted, found, strict=False)):
        if one != other:
            return f"message {place} is {_short(other)} and should be {_short(one)}"
    return f"{len(found)} messages where replay gives {len(wanted)}"


def _repeats_equal(brokers: Brokers) -> Iterator[Breach]:
    """An id is committed once, and every repeat of it that was ever sent has the same bytes."""
    for topic in OUTPUTS:
        sent: dict[Any, bytes | None] = {}
        count: Counter[Any] = Counter()
        for number in range(brokers.partitions):
            for stored in brokers.log((topic, number)):
                if stored.is_marker:
                    continue
                read = _read(stored.message)
                name = (read["id"], read.get("version"))
                count[name] += stored.is_committed
                if sent.setdefault(name, stored.message.value) != stored.message.value:
                    yield Breach("a repeat differs", f"{topic}: {name}")
        for name, times in count.items():
            if times > 1 and topic != DEAD_LETTERS:
                yield Breach("decided twice", f"{topic}: {name} is committed {times} times")


def _tables_equal(remains: Remains, tables: Mapping[int, Table]) -> Iterator[Breach]:
    """The table built anew from the changelog, and the owner's disk, are what replay gives."""
    for number, table in tables.items():
        rebuilt = {
            (message.key or b"").decode(): message.value
            for message in remains.brokers.committed((CHANGELOG, number), 0)[0]
        }
        for what, have in (("changelog", rebuilt), ("store", remains.disks[number].records.get(number, {}))):
            for domain in sorted({*have, *table.records}):
                if have.get(domain) != table.records.get(domain):
                    yield Breach(f"the {what} differs from replay", f"partition {number}, domain {domain}")
        for domain, data in table.records.items():
            if len(data) > MAX_VALUE:
                yield Breach("a record is too large", f"{domain}: {len(data)} bytes")


def _timers_kept(remains: Remains, tables: Mapping[int, Table]) -> Iterator[Breach]:
    """No timer is overdue at the end."""
    latest = remains.ended - timedelta(seconds=LATE_S)
    for table in tables.values():
        for data in table.records.values():
            due = records.next_due(records.load(data))
            if due is not None and due.due < latest:
                yield Breach("a timer was lost", f"{due.id} was due {remains.ended - due.due} before the end")


def _twice(message: Message, outputs: Iterable[Outgoing], decided: dict[str, Message]) -> Iterator[Breach]:
    """What was decided because of one input was decided at one message: its repeats change nothing.

    Of timers those that belong to no incident are each domain's own: two of one name may be due at once.
    """
    causes = [from_json(each.value or b"{}")["cause"] for each in outputs if each.topic == INCIDENT_EVENTS]
    for cause in dict.fromkeys(causes):
        whose = f"{message.key!r} " if cause.startswith(_DOMAINS_OWN) else ""
        first = decided.setdefault(whose + cause, message)
        if first is not message:
            yield Breach("an input took effect twice", f"{cause}: at {_place(first)} and {_place(message)}")


def _early(message: Message, table: _BeforeAndAfter, wire: Wire) -> Iterator[Breach]:
    """A timer that comes before it is due by broker time is still held afterwards."""
    batch = wire.decode_signals(message.value)
    early = [
        signal.body.timer
        for signal in batch.signals
        if signal.body.kind == "timer" and message.timestamp < signal.body.timer.due
    ]
    before, after = table.before.get(batch.domain), table.records.get(batch.domain)
    if len(early) != len(batch.signals) or before is None or after is None:
        return  # what else happened in it may have cancelled the timer
    then, now = records.load(before), records.load(after)
    for timer in early:
        held = then.timers.get(timer.id)
        was_to_come = (
            held is not None and held.due == timer.due and now.now is not None and now.now < timer.due
        )
        if was_to_come and timer.id not in now.timers:
            yield Breach("a timer came early", f"{_place(message)}: {timer.id}")


def _told_pagers(remains: Remains) -> dict[str, str]:
    """Give what pagers were told last of each page."""
    commands = [
        _read(message)
        for topic in (ESCALATION_COMMANDS, shadow(ESCALATION_COMMANDS))
        for message in committed(remains.brokers, topic)
    ]
    commands.sort(key=lambda each: int(each["revision"]))
    return {each["object_id"]: each["op"] for each in commands}


def _read(message: Message) -> dict[str, Any]:
    read: dict[str, Any] = from_json(message.value or b"{}")
    return read


def _place(message: Message) -> str:
    return f"{message.topic}/{message.partition}@{message.offset}"


def _short(value: bytes | None) -> str:
    return (value or b"")[:160].decode(errors="replace")
