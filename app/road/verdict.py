"""Whether the topics hold what a replay of `signals` gives: equal, or where they differ first."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.model.base import Frozen
from app.model.messages import Message, Outgoing
from app.model.outputs import DeadLetter
from app.model.topics import COMMANDS, COMPACTED, DEAD_LETTERS, TOPIC_OF, shadow
from app.road.replay import Table
from app.settings import OutputFormat
from app.wire.codec import Codec
from app.wire.decode import decode, is_avro
from app.wire.errors import WireError

MODELS = {topic: model for model, topic in TOPIC_OF.items()}
MODELS |= {shadow(topic): MODELS[topic] for topic in COMMANDS}
_JSON, _AVRO = Codec(OutputFormat.JSON), Codec(OutputFormat.AVRO)
Name = tuple[str, str, int]
"""Topic, id, and version (of snapshots and standings, else 0)."""


@dataclass(frozen=True)
class Difference:
    """Something that is otherwise than replay gives it."""

    what: str
    where: str
    """Topic, partition and offset; or the domain of a record."""
    detail: str
    cause: str = ""
    """The place on `signals` that replay decides it at."""
    name: Name | None = None
    """The output that is otherwise, where it is one, and its bytes as they were found."""
    found: bytes = b""


@dataclass
class Expected:
    """What a replay gives, by digest: outputs by their names, records by domain and the offset they had applied."""

    outputs: dict[Name, tuple[bytes, str]] = field(default_factory=dict)
    """Each with the place on `signals` that it comes from."""
    pending: set[Name] = field(default_factory=set)
    """Those that may not be on the topics yet: their signals were applied while the topics were measured."""
    records: dict[str, dict[int, bytes]] = field(default_factory=dict)
    wanted: dict[Name, bytes] = field(default_factory=dict)
    """Outputs that are to be kept whole, by their names."""

    def add(
        self, message: Message, outputs: Iterable[Outgoing], table: Table, *, is_pending: bool = False
    ) -> None:
        """Take in what one message of `signals` led to; values as JSON."""
        for outgoing in outputs:
            name = _name(outgoing.topic, json.loads(outgoing.value or b"{}"))
            self.outputs[name] = (_digest(outgoing.value or b""), place_of(message))
            if name in self.wanted:
                self.wanted[name] = outgoing.value or b""
            if is_pending:
                self.pending.add(name)
        domain = (message.key or b"").decode(errors="replace")
        self.records.setdefault(domain, {})[message.offset] = _digest(table.records.get(domain, b""))


@dataclass
class Comparison:
    """The outputs that were found, held against those expected."""

    expected: Expected
    began_late: bool = False
    """The replay began at a checkpoint: what was decided before it is not judged."""
    seen: dict[Name, str] = field(default_factory=dict)
    count: int = 0
    """How many messages and records were judged."""

    def outputs(self, messages: Iterable[Message]) -> Iterator[Difference]:
        """Hold committed messages of the output topics against the replay."""
        for message in messages:
            yield from self._output(message)

    def missing(self, topics: Iterable[str]) -> Iterator[Difference]:
        """Name what replay gives on these topics and nobody found there; compacted topics may lack anything."""
        wanted = set(topics).difference(COMPACTED)
        for name, (_, cause) in self.expected.outputs.items():
            if name[0] in wanted and name not in self.seen and name not in self.expected.pending:
                yield Difference("a message is missing", name[0], f"id {name[1]}", cause)

    def records(self, newest: Mapping[str, tuple[bytes, int]]) -> Iterator[Difference]:
        """Hold the changelog's newest record of each domain, with the offset it has applied, against the replay."""
        for domain, (data, applied) in sorted(newest.items()):
            wanted = self.expected.records.get(domain, {})
            if applied not in wanted and self.began_late:
                continue
            self.count += 1
            if applied not in wanted:
                detail = (
                    f"it has applied offset {applied} of `signals`, where replay finds nothing of this domain"
                )
                yield Difference("a record differs", f"changelog, domain {domain}", detail)
            elif wanted[applied] != _digest(data):
                detail = f"its state at offset {applied} is another than replay gives"
                yield Difference("a record differs", f"changelog, domain {domain}", detail)

    def _output(self, message: Message) -> Iterator[Difference]:
        where = place_of(message)
        try:
            value: Any = decode(message.value, MODELS[message.topic])
        except WireError as error:
            yield Difference("a message cannot be read", where, str(error))
            return
        name = _name(message.topic, {"id": value.id, "version": getattr(value, "version", 0)})
        known = self.expected.outputs.get(name)
        if known is None:
            # Intake's own dead letters are decided before `signals`.
            if message.topic != DEAD_LETTERS and not self.began_late:
                yield Difference(
                    "a message is not of the log", where, f"replay gives nothing with id {name[1]}"
                )
            return
        self.count += 1
        if name in self.seen and message.topic != DEAD_LETTERS:
            yield Difference("a message is there twice", where, f"also at {self.seen[name]}", known[1])
        self.seen[name] = where
        if known[0] != _as_decided(value) or _again(value, message.value or b"") != message.value:
            yield Difference(
                "a message differs", where, f"id {name[1]}", known[1], name, message.value or b""
            )


def fields_that_differ(found: bytes, wanted: bytes, topic: str) -> str:
    """Say where two values of a topic differ, field by field; the bytes alone where no field does."""
    have, want = (json.loads(_JSON.encode(decode(each, MODELS[topic]))) for each in (found, wanted))
    told = [f"{path} is {one!r} and should be {other!r}" for path, one, other in _walk("", have, want)]
    return "; ".join(told[:3]) or "the same fields, in other bytes"


def place_of(message: Message) -> str:
    """Give topic, partition and offset."""
    return f"{message.topic}/{message.partition}@{message.offset}"


def _walk(path: str, have: Any, want: Any) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(have, dict) and isinstance(want, dict):
        for key in sorted({*have, *want}):
            yield from _walk(f"{path}.{key}".lstrip("."), have.get(key), want.get(key))
    elif isinstance(have, list) and isinstance(want, list) and len(have) == len(want):
        for place, (one, other) in enumerate(zip(have, want, strict=True)):
            yield from _walk(f"{path}[{place}]", one, other)
    elif have != want:
        yield path, have, want


def _as_decided(value: Frozen) -> bytes:
    """Give the digest of a value as it was decided; that a letter was put back since is noted on it by people."""
    if isinstance(value, DeadLetter):
        value = value.model_copy(update={"put_back_at": None})
    return _digest(_JSON.encode(value))


def _again(value: Frozen, as_found: bytes) -> bytes:
    return (_AVRO if is_avro(as_found) else _JSON).encode(value)


def _name(topic: str, read: Mapping[str, Any]) -> Name:
    return (topic, str(read["id"]), int(read.get("version") or 0))


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=16).digest()
