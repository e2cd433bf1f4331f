"""A lane handles what has gathered, in order, one batch at a time."""

import asyncio

from app.road import lane as lanes
from app.road.lane import Lane
from app.road.ports import Message
from tests.support.ports import EPOCH


def message(offset):
    return Message("alerts", 0, offset, None, b"", EPOCH)


def give_up(what, error):
    raise AssertionError(what) from error


class Handler:
    def __init__(self):
        self.batches, self.go, self.begun = [], asyncio.Event(), asyncio.Event()
        self.handled = asyncio.Condition()

    async def __call__(self, messages):
        self.begun.set()
        await self.go.wait()
        async with self.handled:
            self.batches.append([each.offset for each in messages])
            self.handled.notify_all()

    async def until_handled(self, count):
        async with self.handled:
            await self.handled.wait_for(lambda: sum(map(len, self.batches)) >= count)


async def test_the_first_goes_at_once_and_the_others_gather():
    handler = Handler()
    lane = Lane("x", handler, 3, give_up)
    await lane.put(message(0))
    await handler.begun.wait()
    for offset in range(1, 5):
        await lane.put(message(offset))
    handler.go.set()
    await handler.until_handled(5)
    assert handler.batches == [[0], [1, 2, 3], [4]]
    await lane.close()


async def test_after_several_the_next_gather_a_moment_longer(monkeypatch):
    monkeypatch.setattr(lanes, "GATHER_S", 0.5)
    handler = Handler()
    lane = Lane("x", handler, 3, give_up)
    await lane.put(message(0))
    await handler.begun.wait()
    await lane.put(message(1))
    await lane.put(message(2))
    handler.go.set()
    await handler.until_handled(3)
    for offset in (3, 4):
        await lane.put(message(offset))
        for _ in range(5):
            await asyncio.sleep(0)
    assert handler.batches == [[0], [1, 2]]
    await handler.until_handled(5)
    assert handler.batches == [[0], [1, 2], [3, 4]]
    await lane.close()


async def test_a_full_batch_waits_for_no_more(monkeypatch):
    monkeypatch.setattr(lanes, "GATHER_S", 3600)
    handler = Handler()
    lane = Lane("x", handler, 2, give_up)
    for offset in range(4):
        await lane.put(message(offset))
    handler.go.set()
    await handler.until_handled(4)
    assert handler.batches == [[0, 1], [2, 3]]
    monkeypatch.setattr(lanes, "_CLOSE_WITHIN_S", 0)
    await lane.close()


async def test_a_full_lane_holds_the_agent_back_until_there_is_room():
    handler = Handler()
    lane = Lane("x", handler, 1, give_up)
    await lane.put(message(0))
    await handler.begun.wait()
    await lane.put(message(1))
    await lane.put(message(2))
    waiting = asyncio.ensure_future(lane.put(message(3)))
    await asyncio.sleep(0)
    assert not waiting.done()
    handler.go.set()
    await waiting
    await handler.until_handled(4)
    await lane.close()


async def test_closing_ends_the_batch_under_way_and_drops_the_rest():
    handler = Handler()
    lane = Lane("x", handler, 1, give_up)
    await lane.put(message(0))
    await handler.begun.wait()
    await lane.put(message(1))
    closing = asyncio.ensure_future(lane.close())
    await asyncio.sleep(0)
    assert not closing.done()
    handler.go.set()
    await closing
    await lane.put(message(2))
    assert handler.batches == [[0]]


async def test_a_batch_that_does_not_end_is_given_up(monkeypatch):
    monkeypatch.setattr(lanes, "_CLOSE_WITHIN_S", 0.05)
    handler = Handler()
    lane = Lane("x", handler, 1, give_up)
    await lane.put(message(0))
    await handler.begun.wait()
    await lane.close()
    assert handler.batches == []


async def test_whatever_the_work_raises_ends_the_worker():
    last_words = []
    failed = asyncio.Event()

    def fail(what, error):
        last_words.append((what, str(error)))
        failed.set()

    async def handle(_):
        raise ValueError("no")

    lane = Lane("signals/3", handle, 1, fail)
    await lane.put(message(0))
    await failed.wait()
    assert last_words == [("signals/3 failed", "no")]
    await lane.close()
