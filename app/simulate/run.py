"""One simulation: a plan is played, everything settles, and the laws are judged."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from app.model.topics import SIGNALS, TAKEN_IN
from app.settings import OutputFormat, Settings
from app.simulate.brokers import Brokers
from app.simulate.bystanders import Bystanders
from app.simulate.group import Group
from app.simulate.laws import Breach, Remains, breaches
from app.simulate.loop import DeadlockError, run_virtually
from app.simulate.plan import LASTS_S, PARTITIONS, Plan
from app.simulate.silences import SilencesIn
from app.simulate.worker import Cluster, Worker
from app.stream.understanding import new_understand, new_wire

SETTLED_AFTER_S = 100.0
"""After the last input: long enough for every pause, restart and transaction timeout to be over."""
QUIET_S = 50.0
"""How long it then goes on, so that timers that are due later fire too."""
GIVE_UP_S = 900.0
_LOOK_S = 5.0


@dataclass(frozen=True)
class Result:
    """What came of one simulation."""

    seed: int
    breaches: tuple[Breach, ...]
    signals: int
    struck: Counter[tuple[str, str]] = field(default_factory=Counter)
    repeats: int = 0
    """Signals that intake appended more than once."""
    last_words: tuple[str, ...] = ()
    digest: str = ""
    """The hash of every log that was left: equal for every run of the same plan, in any process."""


def simulate(plan: Plan) -> Result:
    """Play a plan."""
    logging.disable(logging.CRITICAL)
    try:
        return run_virtually(_simulate(plan))
    except DeadlockError as error:
        return Result(plan.seed, (Breach("nothing moves", str(error)),), 0)
    finally:
        logging.disable(logging.NOTSET)


async def _simulate(plan: Plan) -> Result:
    loop = asyncio.get_running_loop()
    settings = Settings(output_format=OutputFormat.JSON)
    published = plan.published
    brokers = Brokers(PARTITIONS)
    cluster = Cluster(
        brokers,
        Group(PARTITIONS),
        new_wire(settings),
        new_understand(SilencesIn(brokers)),
        published,
    )
    workers = [
        Worker(
            number, cluster, f"{plan.seed}", offset, [each for each in plan.faults if each.worker == number]
        )
        for number, offset in enumerate(plan.clock_offsets)
    ]
    others = Bystanders(plan, brokers)
    tasks = [
        others.send_inputs(),
        others.execute(),
        others.answer_pages(),
        others.chat(),
        others.write_documents(),
        cluster.group.watch(),
    ]
    kept = [loop.create_task(task) for task in (*tasks, *(worker.run() for worker in workers))]
    for task in kept:
        task.add_done_callback(cluster.look_at_end)
    settled = await _until_settled(plan, others, brokers, workers)
    disks = {number: _owner(workers, number) for number in range(PARTITIONS)}
    found = (
        []
        if settled
        else [Breach("it does not settle", "; ".join(cluster.last_words[-3:]) or "no last words")]
    )
    remains = Remains(
        brokers=brokers,
        disks={number: worker.disk for number, worker in disks.items() if worker is not None},
        libraries={each.hash: each for _, each in published},
        wire=cluster.wire,
        understand=cluster.understand,
        ended=brokers.now(),
        last_words=tuple(cluster.last_words),
    )
    if len(remains.disks) == PARTITIONS:
        found += await breaches(remains)
    else:
        found.append(
            Breach(
                "it does not settle", f"partitions have no owner: {sorted(set(disks) - set(remains.disks))}"
            )
        )
    signals, repeats = _count(remains)
    if cluster.mistakes:
        raise cluster.mistakes[0]
    return Result(
        plan.seed, tuple(found), signals, cluster.struck, repeats, tuple(cluster.last_words), _digest(brokers)
    )


async def _until_settled(plan: Plan, others: Bystanders, brokers: Brokers, workers: Sequence[Worker]) -> bool:
    """Wait until all is read, every worker goes about its work, and nothing was written between two looks; False if that does not happen."""
    loop = asyncio.get_running_loop()
    last = max((each.at for each in plan.inputs), default=0.0)
    await asyncio.sleep(max(LASTS_S, last) + SETTLED_AFTER_S + QUIET_S)
    written = -1
    while loop.time() < GIVE_UP_S:
        written, before = sum(len(log) for log in brokers.logs.values()), written
        is_read = not others.pending and all(_is_read(brokers, topic) for topic in (*TAKEN_IN, SIGNALS))
        if is_read and written == before and _are_at_work(workers):
            return True
        await asyncio.sleep(_LOOK_S)
    return False


def _are_at_work(workers: Sequence[Worker]) -> bool:
    """Whether no worker is down or stopped, and each partition has its owner: faults may strike late, and one after another."""
    lives = [worker.life for worker in workers]
    is_up = all(life is not None and not life.process.dead and not life.process.paused for life in lives)
    return is_up and all(_owner(workers, number) is not None for number in range(PARTITIONS))


def _is_read(brokers: Brokers, topic: str) -> bool:
    """Whether no message is left to take; markers of transactions are none."""
    return all(
        brokers.committed(place, brokers.offsets.get(place, 0)) == ([], len(brokers.log(place)))
        for place in ((topic, number) for number in range(brokers.partitions))
    )


def _owner(workers: Sequence[Worker], number: int) -> Worker | None:
    for worker in workers:
        life = worker.life
        if life is not None and not life.process.dead and number in life.ownership.partitions:
            return worker
    return None


def _digest(brokers: Brokers) -> str:
    digest = hashlib.sha256()
    for place in sorted(brokers.logs):
        for stored in brokers.logs[place]:
            message = stored.message
            known = (message.key, message.timestamp.timestamp(), message.headers, stored.is_committed)
            digest.update(repr(known).encode())
            digest.update(message.value or b"")
    return digest.hexdigest()


def _count(remains: Remains) -> tuple[int, int]:
    times: Counter[str] = Counter()
    for number in range(remains.brokers.partitions):
        for stored in remains.brokers.log((SIGNALS, number)):
            batch = remains.wire.decode_signals(stored.message.value)
            times.update(signal.identity for signal in batch.signals if signal.body.kind != "timer")
    return sum(times.values()), sum(count - 1 for count in times.values())
