"""The local store over RocksDB: what Faust keeps there of its own is never taken for a record."""

from __future__ import annotations

import faust
import pytest

from app.core import record as records
from app.stream.store import PartitionStore


class Committed:
    """A transaction that has just committed records, the last of them at this offset of the changelog."""

    changelog_offset = 7


@pytest.fixture
def store(tmp_path):
    app = faust.App("stores", datadir=tmp_path, store="rocksdb://")
    table = app.Table(
        "domains", partitions=1, key_type=bytes, value_type=bytes, options={"driver": "rocksdict"}
    )
    return PartitionStore(table.data, 0, Committed())


def test_a_record_is_kept_with_how_far_the_changelog_is(store):
    data = records.dump(records.empty("production/shop"))
    store.put({"production/shop": data})
    assert (store.get("production/shop"), store.changelog_offset) == (data, 7)
    assert list(store.items()) == [(b"production/shop", data)]


def test_a_domain_with_the_name_of_what_faust_keeps_has_no_record(store):
    """Else whoever may answer a command could end each owner of a partition, for ever: what is no record cannot be gone on from."""
    name = "__faust\0offset__"
    store.put({name: records.dump(records.empty(name))})
    assert (store.get(name), store.changelog_offset, list(store.items())) == (None, 7, [])
