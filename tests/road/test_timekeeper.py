"""The timekeeper says what is due, once, and again only if the table still holds it seconds later."""

from datetime import timedelta

from app.core import record as records
from app.model.incident import DomainRecord
from app.model.library import Library
from app.model.signals import SignalBatch
from app.model.timers import Timer
from app.model.words import Mode, TimerKind
from app.road.timekeeper import AGAIN_AFTER, Timekeeper, fire_due
from tests.support.ports import EPOCH, ManualClock, MemoryLibraries, MemoryLog

LIBRARY = Library(hash="f" * 64)


def timer(name, seconds):
    return Timer(
        id=name, due=EPOCH + timedelta(seconds=seconds), kind=TimerKind.PAGE_DUE, incident_id="incident-1"
    )


def holding(domain, *timers):
    return records.empty(domain).model_copy(update={"timers": {each.id: each for each in timers}})


class Bench:
    def __init__(self):
        self.keeper, self.clock, self.log = Timekeeper(), ManualClock(), MemoryLog()

    def learn(self, record: DomainRecord, partition=0):
        self.keeper.learn(partition, record)

    async def fire(self):
        """Tick; give what was put on the log since the last tick: (partition, domain, timer ids)."""
        await fire_due(
            self.keeper,
            self.clock,
            self.log,
            MemoryLibraries(LIBRARY),
            Mode.AUTO,
            lambda batch: batch.model_dump_json().encode(),
        )
        messages, self.log.cluster.appended = self.log.cluster.appended, []
        self.batches = [SignalBatch.model_validate_json(message.value) for message in messages]
        return [
            (message.partition, batch.domain, [signal.body.timer.id for signal in batch.signals])
            for message, batch in zip(messages, self.batches, strict=True)
        ]


async def test_fires_at_its_time_to_its_partition_with_library_and_mode():
    bench = Bench()
    bench.learn(holding("a", timer("t", 10)), partition=3)
    assert await bench.fire() == []
    bench.clock.pass_(10)
    assert await bench.fire() == [(3, "a", ["t"])]
    [batch] = bench.batches
    assert (batch.library, batch.mode) == (LIBRARY.hash, Mode.AUTO)
    assert batch.signals[0].identity.startswith("timer:t:")


async def test_fires_again_only_while_the_table_holds_it():
    bench = Bench()
    bench.learn(holding("a", timer("t", 0)))
    assert await bench.fire() == [(0, "a", ["t"])]
    assert await bench.fire() == []
    bench.clock.pass_(AGAIN_AFTER.total_seconds())
    assert await bench.fire() == [(0, "a", ["t"])]
    bench.learn(holding("a"))
    bench.clock.pass_(60)
    assert await bench.fire() == []
    assert len(bench.keeper) == 0


async def test_a_record_learnt_anew_does_not_repeat_what_is_on_the_log():
    bench = Bench()
    bench.learn(holding("a", timer("t", 0), timer("u", 5)))
    await bench.fire()
    bench.learn(holding("a", timer("t", 0), timer("u", 5)))
    assert await bench.fire() == []
    bench.learn(holding("a", timer("u", 5)))
    bench.clock.pass_(5)
    assert await bench.fire() == [(0, "a", ["u"])]


async def test_a_timer_moved_to_another_time_is_another():
    bench = Bench()
    bench.learn(holding("a", timer("t", 0)))
    await bench.fire()
    bench.learn(holding("a", timer("t", 1)))
    bench.clock.pass_(1)
    assert await bench.fire() == [(0, "a", ["t"])]


async def test_all_that_is_due_in_a_domain_goes_in_one_message():
    bench = Bench()
    bench.learn(holding("a", timer("t", 0), timer("u", 1), timer("v", 9)))
    bench.learn(holding("b", timer("w", 1)), partition=1)
    bench.clock.pass_(2)
    assert sorted(await bench.fire()) == [(0, "a", ["t", "u"]), (1, "b", ["w"])]


async def test_a_revoked_partition_is_forgotten():
    bench = Bench()
    bench.learn(holding("a", timer("t", 0)), partition=1)
    bench.learn(holding("b", timer("u", 0)), partition=2)
    bench.keeper.forget(1)
    assert await bench.fire() == [(2, "b", ["u"])]


async def test_one_that_came_too_early_by_the_corrected_clock_comes_again_when_it_is_due():
    bench = Bench()
    bench.learn(holding("a", timer("t", 0)))

    async def append_and_correct(messages):
        bench.log.cluster.appended += messages
        bench.clock.pass_(-1)  # the ack said that it is earlier than the worker thought

    bench.log.append = append_and_correct
    assert await bench.fire() == [(0, "a", ["t"])]
    assert await bench.fire() == []
    bench.clock.pass_(1)
    assert await bench.fire() == [(0, "a", ["t"])]


async def test_the_heap_does_not_grow_with_updates():
    bench = Bench()
    for seconds in range(20_000):
        bench.learn(holding("a", timer("t", seconds)))
    assert len(bench.keeper._heap) < 2_000


async def test_a_clock_that_no_broker_has_set_is_set_by_a_timer_that_is_not_due():
    bench = Bench()
    bench.clock.is_set = False
    bench.learn(holding("a", timer("late", 7200), timer("soon", 60)), partition=3)
    assert await bench.fire() == [(3, "a", ["soon"])]
    bench.clock.is_set = True  # by the ack
    assert await bench.fire() == []
    bench.clock.pass_(60)
    assert await bench.fire() == [(3, "a", ["soon"])]


async def test_without_timers_nothing_asks_for_the_time():
    bench = Bench()
    bench.clock.is_set = False
    assert await bench.fire() == []


async def test_what_stays_in_the_table_is_said_ever_more_seldom_and_at_once_by_a_new_owner():
    bench = Bench()
    bench.learn(holding("a", timer("t", 0)))
    said = []
    for second in range(200):
        said += [second for _ in await bench.fire()]
        bench.learn(holding("a", timer("t", 0)))
        bench.clock.pass_(1)
    assert said == [0, 3, 9, 21, 45, 93, 153]
    bench.keeper = Timekeeper()
    bench.learn(holding("a", timer("t", 0)))
    assert await bench.fire() == [(0, "a", ["t"])]
