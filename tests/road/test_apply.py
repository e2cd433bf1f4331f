"""The order of effects, and what a crash at each point leaves behind for the next owner."""

from dataclasses import replace

import pytest

from app.core import decide
from app.core import record as records
from app.core.identity import alert_identity, fingerprint
from app.model.inputs import Alert, AlertSignal
from app.model.library import Library
from app.model.outputs import DeadLetter
from app.model.signals import Signal, SignalBatch, Source
from app.model.topics import DEAD_LETTERS, INCIDENT_EVENTS, INCIDENTS, SIGNALS
from app.model.words import Mode, Severity
from app.road import apply
from app.road.apply import Partition, UnreadableError, Wire, apply_batch
from app.road.failpoints import FAILPOINTS
from app.road.ports import Message
from app.road.timekeeper import Timekeeper
from tests.support.ports import (
    EPOCH,
    Cluster,
    Crash,
    MemoryLibraries,
    MemoryStore,
    MemoryTransaction,
    crash_at,
)

LIBRARY = Library(hash="a" * 64)
POINTS = [point for point in FAILPOINTS if point != "after_append"]


def decode(value):
    if value is None or not value.startswith(b"{"):
        raise UnreadableError("unreadable", "", "It begins unlike JSON.")
    return SignalBatch.model_validate_json(value)


WIRE = Wire(lambda value: value.model_dump_json().encode(), decode)


def signals(offset, name, *, domain="production/shop", library=LIBRARY.hash):
    """A `signals` message that carries one firing alert."""
    labels = {"alertname": name, "severity": "critical"}
    alert = Alert(labels=labels, fingerprint=fingerprint(labels), startsAt=EPOCH)
    signal = Signal(
        identity=alert_identity(alert),
        source=Source(topic="alerts", partition=0, offset=offset),
        body=AlertSignal(alert=alert, severity=Severity.CRITICAL),
    )
    batch = SignalBatch(domain=domain, library=library, mode=Mode.AUTO, signals=[signal])
    return Message(SIGNALS, 2, offset, domain.encode(), WIRE.encode(batch), EPOCH)


class Worker:
    """An owner of partition 2: its store is its own, the cluster is not."""

    def __init__(self, cluster, store=None, hit=lambda _: None):
        self.transaction = MemoryTransaction(cluster)
        self.store = MemoryStore(store, self.transaction.effects)
        self.timekeeper = Timekeeper()
        self.libraries = MemoryLibraries(LIBRARY)
        self.partition = Partition(
            2, self.transaction, self.store, self.libraries, self.timekeeper, WIRE, self._hit
        )
        self._then = hit

    def _hit(self, point):
        self.transaction.effects.append(f"({point})")
        self._then(point)


async def test_effects_come_in_the_order_of_the_contract():
    worker = Worker(Cluster())
    assert await apply_batch([signals(0, "A"), signals(1, "B")], worker.partition) > 0
    assert [each for each in worker.transaction.effects if not each.startswith("(")] == [
        "begin",
        "outputs",
        "records",
        "offset",
        "commit",
        "store",
    ]
    assert [each for each in worker.transaction.effects if each.startswith("(")] == [
        f"({point})" for point in POINTS
    ]


async def test_a_batch_moves_offset_changelog_and_store_together():
    cluster = Cluster()
    worker = Worker(cluster)
    await apply_batch(
        [signals(0, "A"), signals(1, "B"), signals(2, "A", domain="production/bank")], worker.partition
    )
    assert cluster.offset == 3
    assert cluster.changelog == worker.store.records
    assert sorted(cluster.changelog) == ["production/bank", "production/shop"]
    assert records.load(cluster.changelog["production/shop"]).applied_offset == 1


async def test_what_was_applied_is_skipped_and_only_the_offset_moves():
    cluster = Cluster()
    worker = Worker(cluster)
    await apply_batch([signals(0, "A")], worker.partition)
    before = (list(cluster.committed), dict(cluster.changelog))
    assert await apply_batch([signals(0, "A")], worker.partition) == 0
    assert (cluster.committed, cluster.changelog) == before
    assert cluster.offset == 1


async def test_the_same_alert_at_a_later_offset_puts_nothing_more_out():
    cluster = Cluster()
    worker = Worker(cluster)
    await apply_batch([signals(0, "A")], worker.partition)
    assert await apply_batch([signals(1, "A")], worker.partition) == 0


async def test_no_messages_no_transaction():
    worker = Worker(Cluster())
    assert await apply_batch([], worker.partition) == 0
    assert worker.transaction.effects == []


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("disk_lost", [False, True])
async def test_a_crash_anywhere_leaves_all_or_nothing_and_the_next_owner_makes_it_whole(point, disk_lost):
    undisturbed = Cluster()
    messages = [signals(0, "A"), signals(1, "B")]
    await apply_batch(messages, Worker(undisturbed).partition)

    cluster = Cluster()
    first = Worker(cluster, hit=crash_at(point))
    with pytest.raises(Crash):
        await apply_batch(messages, first.partition)
    committed = point in {"after_commit", "after_store"}
    assert bool(cluster.committed) == bool(cluster.changelog) == bool(cluster.offset) == committed

    # Recovery: the store is what the changelog says, on an old disk as on an empty one.
    disk = {} if disk_lost else dict(first.store.records)
    second = Worker(cluster, disk | cluster.changelog)
    await apply_batch([each for each in messages if each.offset >= cluster.offset], second.partition)
    assert cluster.committed == undisturbed.committed
    assert cluster.changelog == undisturbed.changelog == second.store.records
    assert cluster.offset == 2


@pytest.mark.parametrize("point", ["after_outputs", "after_records", "after_offset"])
async def test_uncommitted_readers_see_repeats_with_equal_bytes(point):
    cluster = Cluster()
    with pytest.raises(Crash):
        await apply_batch([signals(0, "A")], Worker(cluster, hit=crash_at(point)).partition)
    first = list(cluster.sent)
    await apply_batch([signals(0, "A")], Worker(cluster).partition)
    assert first
    assert cluster.sent == [*first, *first]


@pytest.mark.parametrize("point", POINTS)
async def test_nothing_is_in_the_store_before_the_commit(point):
    worker = Worker(Cluster(), hit=crash_at(point))
    with pytest.raises(Crash):
        await apply_batch([signals(0, "A")], worker.partition)
    assert bool(worker.store.records) == (point == "after_store")
    assert len(worker.timekeeper) == 0


async def test_libraries_are_those_the_messages_name():
    worker = Worker(Cluster())
    old, new = Library(hash="1" * 64), Library(hash="2" * 64)
    worker.libraries.by_hash |= {old.hash: old, new.hash: new}
    await apply_batch(
        [signals(0, "A", library=old.hash), signals(1, "B", library=new.hash)], worker.partition
    )
    assert worker.libraries.asked == [old.hash, new.hash, old.hash], "the first incident keeps its policy"


@pytest.mark.parametrize("value", [None, b"", b"\xc3\x01broken", b"nonsense"])
async def test_what_cannot_be_read_is_a_dead_letter_and_the_rest_goes_on(value):
    cluster = Cluster()
    bad = Message(SIGNALS, 2, 0, b"k", value, EPOCH, (("h", b"1"), ("h", None)))
    await apply_batch([bad, signals(1, "A")], Worker(cluster).partition)
    [letter] = [
        DeadLetter.model_validate_json(each.value) for each in cluster.committed if each.topic == DEAD_LETTERS
    ]
    assert (letter.reason, letter.partition, letter.offset, letter.key) == ("unreadable", 2, 0, b"k")
    assert letter.value == value
    assert [(header.name, header.value) for header in letter.headers] == [("h", b"1"), ("h", None)]
    assert INCIDENT_EVENTS in {each.topic for each in cluster.committed}


async def test_what_leads_to_something_too_large_is_passed_over_with_a_letter(monkeypatch):
    cluster = Cluster()
    worker = Worker(cluster)
    monkeypatch.setattr(apply, "MAX_VALUE", 300)
    await apply_batch([signals(0, "A")], worker.partition)
    [letter] = [DeadLetter.model_validate_json(each.value) for each in cluster.committed]
    assert letter.reason == "too_large"
    assert records.load(worker.store.records["production/shop"]).applied_offset == 0


async def test_a_fault_of_the_engine_is_a_letter_and_never_stops_the_partition(caplog):
    cluster = Cluster()
    worker = Worker(cluster)
    worker.libraries.by_hash["b" * 64] = None  # what no library is: the engine cannot but fail
    await apply_batch([signals(0, "A", library="b" * 64), signals(1, "B")], worker.partition)
    [letter] = [
        DeadLetter.model_validate_json(each.value) for each in cluster.committed if each.topic == DEAD_LETTERS
    ]
    assert letter.reason == "undecidable"
    assert "report it" in letter.detail
    assert INCIDENTS in {each.topic for each in cluster.committed}
    assert "cannot be decided" in caplog.text


async def test_what_the_engine_fails_on_takes_nothing_else_of_its_message_down(monkeypatch):
    take = decide._on_alert

    def fail_on_b(draft, signal):
        if signal.alert.name == "B":
            draft.incidents.clear()  # nothing of what it had done half counts
            raise RuntimeError("planted")
        take(draft, signal)

    monkeypatch.setattr(decide, "_on_alert", fail_on_b)
    several = [decode(signals(0, name).value) for name in "ABC"]
    batch = several[0].model_copy(update={"signals": [each.signals[0] for each in several]})
    message = replace(signals(5, "A"), value=WIRE.encode(batch))
    cluster = Cluster()
    worker = Worker(cluster)
    await apply_batch([message, message], worker.partition)
    record = records.load(worker.store.records["production/shop"])
    names = {view.name for incident in record.incidents.values() for view in incident.alerts}
    assert (names, record.applied_offset) == ({"A", "C"}, 5)
    [letter] = [
        DeadLetter.model_validate_json(each.value) for each in cluster.committed if each.topic == DEAD_LETTERS
    ]
    assert (letter.reason, letter.index, letter.offset) == ("undecidable", 1, 5)
    assert decode(letter.value).signals == [batch.signals[1]]


async def test_timers_are_learnt_after_the_store():
    worker = Worker(Cluster())
    await apply_batch([signals(0, "A")], worker.partition)
    record = records.load(worker.store.records["production/shop"])
    assert len(worker.timekeeper) == (1 if record.timers else 0)
