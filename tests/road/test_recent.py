"""Records that need not be read again: always what the bytes say, and bounded."""

from __future__ import annotations

import pytest

from app.core.record import RecordError, dump
from app.model.incident import DomainRecord
from app.road.recent import Recent


def made(domain, offset):
    record = DomainRecord(domain=domain, applied_offset=offset)
    return dump(record), record


def test_what_was_kept_is_not_read_again():
    data, record = made("a", 3)
    recent = Recent()
    recent.keep("a", data, record)
    assert recent.load("a", bytes(bytearray(data))) is record


def test_other_bytes_are_read_whatever_was_kept():
    recent = Recent()
    recent.keep("a", *made("a", 3))
    assert recent.load("a", made("a", 2)[0]).applied_offset == 2
    assert recent.load("a", made("a", 2)[0]).applied_offset == 2


def test_of_too_much_what_was_used_least_lately_goes():
    data, record = made("a", 1)
    recent = Recent(most_bytes=2 * len(data))
    recent.keep("a", data, record)
    other = made("b", 1)
    recent.keep("b", *other)
    assert recent.load("a", data) is record
    recent.keep("c", *made("c", 1))
    assert recent.load("a", data) is record
    assert recent.load("b", other[0]) is not other[1]


def test_a_record_that_grows_counts_as_it_is_now():
    small, large = made("a", 1), made("a", 100000)
    recent = Recent(most_bytes=len(large[0]))
    for kept in (small, large, small, large):
        recent.keep("a", *kept)
    assert recent.load("a", large[0]) is large[1]


def test_with_no_room_every_record_is_read():
    data, record = made("a", 1)
    recent = Recent(0)
    recent.keep("a", data, record)
    assert recent.load("a", data) is not record
    assert recent.load("a", data) == record


def test_what_is_no_record_is_told():
    with pytest.raises(RecordError):
        Recent().load("a", b"[]")
