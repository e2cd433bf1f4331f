"""The brokers of the simulator keep what Kafka keeps, and no more."""

import pytest

from app.model.messages import Outgoing
from app.simulate.brokers import TRANSACTION_TIMEOUT_S, Brokers, FencedError
from app.simulate.loop import DeadlockError, run_virtually

PLACE = ("outputs", 0)


def message(text):
    return Outgoing("outputs", b"key", text.encode(), 0)


def read(brokers):
    found, position = brokers.committed(PLACE, 0)
    return [each.value.decode() for each in found], position


def test_a_reader_of_committed_messages_stops_before_an_open_transaction():
    async def story():
        brokers = Brokers(1)
        epoch = brokers.take_over("id")
        brokers.append(message("before"))
        brokers.append(message("within"), brokers.transaction_of("id", epoch))
        brokers.append(message("behind"))
        assert read(brokers) == (["before"], 1)
        brokers.commit("id", epoch)
        assert read(brokers) == (["before", "within", "behind"], 4)

    run_virtually(story())


def test_taking_over_aborts_and_fences():
    async def story():
        brokers = Brokers(1)
        old = brokers.take_over("id")
        transaction = brokers.transaction_of("id", old)
        brokers.append(message("lost"), transaction)
        transaction.offsets["signals", 0] = 7
        new = brokers.take_over("id")
        assert read(brokers) == ([], 2)
        with pytest.raises(FencedError):
            brokers.commit("id", old)
        brokers.append(message("kept"), brokers.transaction_of("id", new))
        brokers.commit("id", new)
        assert read(brokers) == (["kept"], 4)
        assert brokers.offsets == {}

    run_virtually(story())


def test_a_transaction_left_open_is_aborted_after_its_timeout():
    import asyncio

    async def story():
        brokers = Brokers(1)
        epoch = brokers.take_over("id")
        brokers.append(message("lost"), brokers.transaction_of("id", epoch))
        await asyncio.sleep(TRANSACTION_TIMEOUT_S + 1)
        assert read(brokers) == ([], 2)
        with pytest.raises(FencedError):
            brokers.transaction_of("id", epoch)

    run_virtually(story())


def test_virtual_time_passes_at_once_and_a_standstill_is_told():
    import asyncio

    async def story():
        await asyncio.sleep(1_000_000)
        await asyncio.get_running_loop().create_future()

    with pytest.raises(DeadlockError):
        run_virtually(story())
