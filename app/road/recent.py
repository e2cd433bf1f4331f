"""Records that were read or decided last, so that the next decision need not read them again."""

from __future__ import annotations

from collections import OrderedDict

from app.core import record as records
from app.model.incident import DomainRecord

MOST_BYTES = 8_000_000
"""What is kept at most, as bytes of JSON; read it takes some eight times as much."""


class Recent:
    """Knows records by their bytes, and so never gives one that is not what the store holds."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        """Begin with nothing; with 0 bytes every record is read from its bytes each time."""
        self._most, self._bytes = most_bytes, 0
        self._known: OrderedDict[str, tuple[bytes, DomainRecord]] = OrderedDict()

    def load(self, domain: str, data: bytes) -> DomainRecord:
        """Give the record that these bytes are.

        Raises:
            RecordError: they are none.

        """
        known = self._known.get(domain)
        if known is not None and known[0] == data:
            self._known.move_to_end(domain)
            return known[1]
        record = records.load(data)
        self.keep(domain, data, record)
        return record

    def keep(self, domain: str, data: bytes, record: DomainRecord) -> None:
        """Remember that these bytes are that record; of too much, what was not used for longest is forgotten."""
        before = self._known.pop(domain, None)
        self._known[domain] = data, record
        self._bytes += len(data) - (len(before[0]) if before else 0)
        while self._bytes > self._most:
            _, (forgotten, _record) = self._known.popitem(last=False)
            self._bytes -= len(forgotten)
