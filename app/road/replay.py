"""Replay: what the engine decides upon a log of `signals`, from nothing, one message at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, field

from app.model.messages import Message, Outgoing
from app.road.apply import Wire, decide_all
from app.road.ports import Libraries


@dataclass
class Table:
    """A store in memory."""

    records: dict[str, bytes] = field(default_factory=dict)

    def get(self, domain: str) -> bytes | None:
        """Give the domain's record."""
        return self.records.get(domain)

    def put(self, records: dict[str, bytes]) -> None:
        """Write records."""
        self.records.update(records)

    def items(self) -> Iterator[tuple[bytes, bytes]]:
        """Give every record with its domain."""
        for domain, record in self.records.items():
            yield domain.encode(), record

    def wipe(self) -> None:
        """Begin anew, empty."""
        self.records.clear()


async def replay(
    messages: Iterable[Message], table: Table, libraries: Libraries, wire: Wire
) -> AsyncIterator[tuple[Message, list[Outgoing]]]:
    """Give each message with the outputs it leads to; the table holds what it came to so far."""
    for message in messages:
        work = await decide_all([message], table, libraries, wire)
        table.put(work.dumps)
        yield message, work.outputs
