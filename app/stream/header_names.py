"""Names of headers that are no UTF-8. Kafka lets producers send any bytes; aiokafka fails on them, and would at the same message again
after every restart: nothing behind it would ever be read.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from itertools import islice
from typing import Any

from aiokafka.consumer import fetcher
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import MemoryRecords

_LENGTH = struct.Struct(">8xi")
"""Of a batch: the offset that it begins at, and its length from there on."""


class AnyNames:
    """The batches of a fetched partition, as aiokafka's `MemoryRecords`, whatever bytes the names of headers are."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = memoryview(data), 0
        self._records = MemoryRecords(data)

    def size_in_bytes(self) -> int:
        return int(self._records.size_in_bytes())

    def has_next(self) -> bool:
        return bool(self._records.has_next())

    def next_batch(self) -> Any:
        (length,) = _LENGTH.unpack_from(self._data, self._at)
        end = self._at + _LENGTH.size + length
        batch = _Batch(self._records.next_batch(), self._data[self._at : end])
        self._at = end
        return batch


class _Batch:
    """A batch that aiokafka reads as ever, up to the first name that it cannot; from there on it is read by its slower reader."""

    def __init__(self, batch: Any, data: memoryview) -> None:
        self._batch, self._data = batch, data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def __next__(self) -> Any:
        return next(self._batch)

    def __iter__(self) -> Iterator[Any]:
        given = 0
        try:
            for record in self._batch:
                given += 1
                yield record
        except UnicodeDecodeError:
            yield from islice(_slowly(self._data), given, None)


class _Bytes(bytearray):
    """Bytes whose parts are texts in any case: what is no UTF-8 is written as its escapes."""

    def __getitem__(self, part: Any) -> Any:
        found = super().__getitem__(part)
        return _Bytes(found) if isinstance(part, slice) else found

    def decode(self, encoding: str = "utf-8", errors: str = "backslashreplace") -> str:
        return super().decode(encoding, errors)


def _slowly(data: memoryview) -> Iterator[Any]:
    """Give the records of a batch; the names of headers are its only texts."""
    batch = _DefaultRecordBatchPy(data)
    iter(batch)  # it uncompresses
    batch._buffer = _Bytes(batch._buffer)  # noqa: SLF001 - nothing of it has been read yet
    return iter(batch)


def read_any_names() -> None:
    """Make every consumer of this process read messages whatever their headers are called."""
    fetcher.MemoryRecords = AnyNames
