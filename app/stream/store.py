"""The store port over Faust's RocksDB store: one database a partition, raw bytes, written only after the commit."""

from __future__ import annotations

import gc
import shutil
from collections.abc import Iterator

from faust.stores.rocksdb import Store as RocksStore
from rocksdict import Rdict, WriteBatch

from app.stream.transaction import KafkaTransaction

_OFFSET = RocksStore.offset_key
"""Where Faust keeps how far a partition's changelog is in its database."""


class PartitionStore:
    """The records of one partition."""

    def __init__(
        self, rocks: RocksStore, partition: int, transaction: KafkaTransaction | None = None
    ) -> None:
        self._rocks, self._partition, self._transaction = rocks, partition, transaction

    def get(self, domain: str) -> bytes | None:
        """Give the domain's record; what Faust keeps of its own is none, whatever a domain is called."""
        if domain.encode() == _OFFSET:
            return None
        found: bytes | None = self._database.get(domain.encode())
        return found

    def put(self, records: dict[str, bytes]) -> None:
        """Write records that are committed, and how far the changelog thereby is."""
        offset = self._transaction.changelog_offset if self._transaction is not None else -1
        written: dict[bytes, bytes | None] = {domain.encode(): record for domain, record in records.items()}
        self.restore(written, offset)

    def restore(self, records: dict[bytes, bytes | None], offset: int) -> None:
        """Write raw records of the changelog (None deletes) and its newest offset (unless -1), atomically."""
        batch = WriteBatch(raw_mode=True)
        for key, value in records.items():
            if value is None:
                batch.delete(key)
            else:
                batch.put(key, value)
        if offset >= 0:
            batch.put(_OFFSET, str(offset).encode())
        if not batch.is_empty():
            self._database.write(batch)

    def wipe(self) -> None:
        """Delete the partition's database; it begins anew, empty, when it is next used."""
        self._rocks._dbs.pop(self._partition, None)  # noqa: SLF001 - as below
        gc.collect()  # what closes it, and frees its lock
        shutil.rmtree(self._rocks.partition_path(self._partition), ignore_errors=True)

    @property
    def changelog_offset(self) -> int:
        """The newest offset of the changelog that is in the database; -1 if none is."""
        found = self._database.get(_OFFSET)
        return int(found) if found is not None else -1

    def items(self) -> Iterator[tuple[bytes, bytes]]:
        """Give every record."""
        for key, value in self._database.items():
            if isinstance(key, bytes) and key != _OFFSET:  # always bytes: the database is opened raw
                yield key, value

    @property
    def _database(self) -> Rdict:
        database: Rdict = self._rocks._db_for_partition(self._partition)  # noqa: SLF001 - Faust has no public way to it
        return database
