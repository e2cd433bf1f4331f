"""What becomes of timers when partitions go while a batch is under way."""

import asyncio
import json
from dataclasses import replace

import pytest

from app.road.failpoints import never
from app.road.ownership import Ownership
from app.road.timekeeper import Timekeeper
from tests.road.test_apply import LIBRARY, WIRE, signals
from tests.support.ports import Cluster, MemoryLibraries, MemoryStore, MemoryTransaction

DOMAIN = "production/pay"
"""It is in partition 2 of 4."""


class SlowTransaction(MemoryTransaction):
    """Its commit and its end take until they are let through."""

    def __init__(self, cluster):
        super().__init__(cluster)
        self.is_committing, self.may_commit = asyncio.Event(), asyncio.Event()
        self.is_stopping, self.may_stop = asyncio.Event(), asyncio.Event()

    async def start(self): ...

    async def stop(self):
        self.is_stopping.set()
        await self.may_stop.wait()

    async def commit(self):
        self.is_committing.set()
        await self.may_commit.wait()
        await super().commit()


class Store(MemoryStore):
    def items(self):
        return iter([(domain.encode(), record) for domain, record in self.records.items()])


@pytest.fixture
def cluster():
    return Cluster()


@pytest.fixture
def transactions():
    return []


@pytest.fixture
def ownership(cluster, transactions):
    store = Store()

    def new_transaction(_number):
        transactions.append(SlowTransaction(cluster))
        return transactions[-1]

    async def restore(_stores):
        store.records |= cluster.changelog

    return Ownership(
        batch=10,
        libraries=MemoryLibraries(LIBRARY),
        timekeeper=Timekeeper(),
        wire=WIRE,
        hit=never,
        fail=lambda what, error: pytest.fail(f"{what}: {error}"),
        new_transaction=new_transaction,
        open_store=lambda _number, _transaction: store,
        restore=restore,
    )


async def work_until_commit(ownership, transactions):
    await ownership.take_over([2], 4)
    ownership.begin({2: 0}, {2: 1})
    await ownership.put(fired_and_over())
    await transactions[-1].is_committing.wait()


def fired_and_over():
    """A `signals` message that leaves a timer: the reopen window of its incident."""
    message = signals(0, "Down", domain=DOMAIN)
    [fired] = json.loads(message.value)["signals"]
    over = json.loads(json.dumps(fired))
    over["identity"] += "/over"
    over["body"]["alert"] |= {"status": "resolved", "endsAt": "2026-01-01T00:00:01Z"}
    value = json.dumps(json.loads(message.value) | {"signals": [fired, over]})
    return replace(message, value=value.encode())


async def test_a_batch_that_ends_while_its_partition_goes_leaves_no_timers_behind(ownership, transactions):
    await work_until_commit(ownership, transactions)
    going = asyncio.ensure_future(ownership.release())
    await asyncio.sleep(0)
    transactions[-1].may_commit.set()
    transactions[-1].may_stop.set()
    await going
    assert transactions[-1].effects[-1] == "commit"
    assert len(ownership.timekeeper) == 0


async def test_timers_of_a_partition_that_is_back_before_its_old_batch_ended_are_kept(
    ownership, transactions
):
    await work_until_commit(ownership, transactions)
    going = asyncio.ensure_future(ownership.release())
    await asyncio.sleep(0)
    transactions[0].may_commit.set()
    await transactions[0].is_stopping.wait()
    await ownership.take_over([2], 4)
    transactions[0].may_stop.set()
    await going
    assert len(ownership.timekeeper) == 1
