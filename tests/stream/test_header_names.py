"""Headers that are called anything: Kafka takes them, so they must neither stop a partition nor be lost."""

import pytest
from aiokafka.record.memory_records import MemoryRecords

from app.stream.header_names import AnyNames
from tests.stream.conftest import alert, values
from tests.support.clients import Bytes, batch_builder, producing, send_with_header
from tests.support.worker import ready_worker


def batch(*names):
    builder = batch_builder()
    for offset, name in enumerate(names):
        builder.append(offset, 1_000 + offset, b"k", b"v%d" % offset, [(Bytes(name), b"h"), ("second", None)])
    return bytes(builder.build())


def read(data):
    records, found = AnyNames(data), []
    while records.has_next():
        one = records.next_batch()
        assert one.validate_crc()
        found += [
            (record.offset, record.timestamp, record.key, record.value, list(record.headers))
            for record in one
        ]
    return found


def test_what_aiokafka_reads_is_read_alike():
    data = batch(b"a", "ü".encode()) + batch(b"b")
    assert [(each[3], each[4][0][0]) for each in read(data)] == [(b"v0", "a"), (b"v1", "ü"), (b"v0", "b")]
    assert AnyNames(data).size_in_bytes() == MemoryRecords(data).size_in_bytes()


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_name_that_is_no_utf8_is_read_as_its_escapes_and_nothing_else_changes(place):
    names = [b"a", b"b", b"c"]
    names[place] = b"\xff\xfe"
    found = read(batch(b"before") + batch(*names) + batch(b"after"))
    assert [each[4][0][0] for each in found] == [
        "before",
        *(r"\xff\xfe" if name == b"\xff\xfe" else name.decode() for name in names),
        "after",
    ]
    assert [each[:4] for each in found[1:4]] == [(n, 1_000 + n, b"k", b"v%d" % n) for n in range(3)]
    assert all(each[4][1] == ("second", None) for each in found)


@pytest.mark.slow
async def test_a_message_with_such_a_header_takes_effect_and_stops_nothing(service):
    async with producing(service.bootstrap_servers) as producer:
        with ready_worker(**service.settings()) as worker:
            await send_with_header(producer, service.topic("alerts"), 0, b"\xff\xfe", b"no alert")
            await service.send("alerts", alert("CrashLooping", pod="cart-1"), partition=0)
            [letter] = values(await service.read("dead-letters", lambda found: found))
            assert [header["name"] for header in letter["headers"]] == [r"\xff\xfe"]
            [step] = values(await service.read("step-commands", lambda found: found))
            assert step["params"] == {"pod": "cart-1"}
            assert worker.poll() is None
