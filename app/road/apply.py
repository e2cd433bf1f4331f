"""The incident agent's work, whole: decide a batch of one partition of `signals`, and make it so in one transaction.

Order of effects: begin → outputs → changelog records → offset → commit → local store → timekeeper.
A crash before the commit leaves nothing (the next owner decides the same again, with equal ids and bytes); a crash
after it leaves all (the next owner's store is rebuilt from the changelog).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from app.core import record as records
from app.core.decide import Decision, decide_batch
from app.core.letters import dead_letters
from app.model.incident import DomainRecord
from app.model.library import Library
from app.model.outputs import DeadLetter, Output
from app.model.signals import SignalBatch
from app.model.topics import key_of, topic_of
from app.road import failpoints
from app.road.ports import Libraries, Message, Outgoing, Store, Transaction
from app.road.recent import Recent
from app.road.timekeeper import Timekeeper

MAX_VALUE = 4_000_000
"""The most bytes an output or a record may have: under the limit of the topics, so that no broker ever refuses one."""

_log = logging.getLogger(__name__)


class UnreadableError(Exception):
    """A `signals` message that cannot be decoded; the message says why. `field` names the field, if it is one."""

    def __init__(self, reason: str, where: str, detail: str) -> None:
        super().__init__(detail)
        self.reason, self.field, self.detail = reason, where, detail


@dataclass(frozen=True, slots=True)
class Wire:
    """How values become bytes and back."""

    encode: Callable[[Output | SignalBatch], bytes]
    decode_signals: Callable[[bytes | None], SignalBatch]
    """Raises UnreadableError."""
    recent: Recent = field(default_factory=Recent)
    """Records that need not be read again."""


@dataclass(frozen=True, slots=True)
class Partition:
    """One owned partition of `signals`, and all that applying its messages needs."""

    number: int
    transaction: Transaction
    store: Store
    libraries: Libraries
    timekeeper: Timekeeper
    wire: Wire
    hit: failpoints.Hit = failpoints.never


@dataclass(slots=True)
class Work:
    """What messages came to: outputs in order, and the newest record of each domain, also as bytes."""

    outputs: list[Outgoing] = field(default_factory=list)
    records: dict[str, DomainRecord] = field(default_factory=dict)
    dumps: dict[str, bytes] = field(default_factory=dict)


async def apply_batch(messages: Sequence[Message], partition: Partition) -> int:
    """Apply messages of one partition of `signals`, in order; give how many outputs came of them.

    Raises whatever the transaction raises: the worker must then end, for what became of the transaction is unknown.
    """
    if not messages:
        return 0
    work = await decide_all(messages, partition.store, partition.libraries, partition.wire)
    await _commit(partition, work, messages[-1].offset + 1)
    partition.store.put(work.dumps)
    partition.hit(failpoints.AFTER_STORE)
    for record in work.records.values():
        partition.timekeeper.learn(partition.number, record)
    return len(work.outputs)


async def decide_all(messages: Sequence[Message], store: Store, libraries: Libraries, wire: Wire) -> Work:
    """Decide messages of one partition, in order, upon what the store holds; write nothing."""
    work = Work()
    for message in messages:
        await _decide(message, store, libraries, wire, work)
    return work


async def _commit(partition: Partition, work: Work, next_offset: int) -> None:
    transaction, hit = partition.transaction, partition.hit
    await transaction.begin()
    hit(failpoints.AFTER_BEGIN)
    await transaction.send(work.outputs)
    hit(failpoints.AFTER_OUTPUTS)
    await transaction.send_records(work.dumps)
    hit(failpoints.AFTER_RECORDS)
    await transaction.send_offset(next_offset)
    hit(failpoints.AFTER_OFFSET)
    await transaction.commit()
    hit(failpoints.AFTER_COMMIT)


async def _decide(message: Message, store: Store, libraries: Libraries, wire: Wire, work: Work) -> None:
    """Decide one message and add what comes of it to the work."""
    try:
        batch = wire.decode_signals(message.value)
    except UnreadableError as error:
        _add_letters(work, wire, dead_letters(message, error.reason, error.detail, field=error.field))
        return
    record = _load(batch.domain, store, wire, work)
    if message.offset <= record.applied_offset:
        return
    needed = records.libraries_needed(record, batch)
    known = {library_hash: await libraries.get(library_hash) for library_hash in needed}
    _add(message, record, _decide_or_give_up(message, record, batch, known), wire, work)


def _load(domain: str, store: Store, wire: Wire, work: Work) -> DomainRecord:
    if domain in work.records:
        return work.records[domain]
    data = store.get(domain)
    return wire.recent.load(domain, data) if data is not None else records.empty(domain)


def _decide_or_give_up(
    message: Message, record: DomainRecord, batch: SignalBatch, libraries: Mapping[str, Library]
) -> Decision:
    """Decide; where the engine fails on one of several signals, the others are decided all the same."""
    try:
        return decide_batch(record, batch, message.offset, message.timestamp, libraries)
    except Exception as error:  # noqa: BLE001 - whatever it is, it must not come again and again; it is logged and kept whole
        _log.exception("signals/%d@%d cannot be decided: report it", message.partition, message.offset)
        if len(batch.signals) == 1:
            return Decision(_passed_over(record, message), _undecidable(message, error))
    return _decide_one_by_one(message, record, batch, libraries)


def _decide_one_by_one(
    message: Message, record: DomainRecord, batch: SignalBatch, libraries: Mapping[str, Library]
) -> Decision:
    """Decide the signals of a message each by itself, with a letter for each that the engine fails on."""
    outputs: list[Output] = []
    before = record.applied_offset
    for index, signal in enumerate(batch.signals):
        one = batch.model_copy(update={"signals": [signal]})
        try:
            decision = decide_batch(record, one, message.offset, message.timestamp, libraries)
        except Exception as error:  # noqa: BLE001 - it is the fault that was logged for the whole message
            # JSON whatever the format is, so that a replay gives the same letter.
            as_json = one.model_dump_json(by_alias=True).encode()
            outputs += _undecidable(message, error, index, as_json)
        else:
            outputs += decision.outputs
            record = decision.record.model_copy(update={"applied_offset": before})
    return Decision(_passed_over(record, message), tuple(outputs))


def _undecidable(
    message: Message, error: Exception, index: int | None = None, entry: bytes | None = None
) -> tuple[Output, ...]:
    """Give the letters of a message, or of one of its signals, that the engine cannot take, so that it never stops its partition.

    That is a fault of ours, and as deterministic as any other decision: a replay gives the same letter.
    """
    words = (
        f"The engine failed on it ({type(error).__name__}: {error}), which is a fault of the service: report it with the"
        " trace that stands in the worker's log, and put the letter back when it is mended."
    )
    return tuple(dead_letters(message, "undecidable", words, index=index, entry=entry))


def _add(message: Message, record: DomainRecord, decision: Decision, wire: Wire, work: Work) -> None:
    """Encode what was decided. What the broker or the codec cannot take is a dead letter, finally, never a restart."""
    try:
        encoded = [(output, wire.encode(output)) for output in decision.outputs]
    except ValueError as error:
        _pass_over(message, record, "unwritable", f"What it leads to cannot be written: {error}", wire, work)
        return
    dumped = records.dump(decision.record)
    large = [type(output).__name__ for output, value in encoded if len(value) > MAX_VALUE]
    if large or len(dumped) > MAX_VALUE:
        what = ", ".join(large) or "the domain's record"
        detail = f"What it leads to ({what}) is larger than {MAX_VALUE} bytes, so it was not applied."
        _pass_over(message, record, "too_large", detail, wire, work)
        return
    work.records[record.domain], work.dumps[record.domain] = decision.record, dumped
    wire.recent.keep(record.domain, dumped, decision.record)
    work.outputs += [Outgoing(topic_of(output), key_of(output), value) for output, value in encoded]


def _pass_over(
    message: Message, record: DomainRecord, reason: str, detail: str, wire: Wire, work: Work
) -> None:
    _log.error("signals/%d@%d: %s", message.partition, message.offset, detail)
    passed = _passed_over(record, message)
    work.records[record.domain], work.dumps[record.domain] = passed, records.dump(passed)
    _add_letters(work, wire, dead_letters(message, reason, detail))


def _passed_over(record: DomainRecord, message: Message) -> DomainRecord:
    return record.model_copy(update={"applied_offset": message.offset})


def _add_letters(work: Work, wire: Wire, letters: Sequence[DeadLetter]) -> None:
    work.outputs += [Outgoing(topic_of(letter), key_of(letter), wire.encode(letter)) for letter in letters]
