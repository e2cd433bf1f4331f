"""Planted faults: mistakes that a developer could make in the production functions, to see that the laws find each.

None is ever in force but inside `planted`, which the simulator alone enters, and only when it is told to.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from unittest.mock import patch

from app.core.decide import Decision
from app.core.draft import Draft
from app.core.escalation import firing
from app.core.escalation.ladders import put
from app.core.identity import output_id
from app.model.incident import DomainRecord
from app.model.ladder import Ladder
from app.model.messages import Message
from app.road import apply, failpoints, ownership
from app.road.apply import Partition, Wire, Work
from app.road.transactional_id import transactional_id
from app.simulate import worker

_commit = apply._commit  # noqa: SLF001 - what is sabotaged here is the inside of the road
_add = apply._add  # noqa: SLF001
_rebuild = ownership.Ownership._rebuild  # noqa: SLF001
_starts = itertools.count()


async def _offset_first(partition: Partition, work: Work, next_offset: int) -> None:
    await partition.transaction.begin()
    await partition.transaction.send_offset(next_offset)
    await partition.transaction.commit()
    partition.hit(failpoints.AFTER_OFFSET)
    await _commit(partition, work, next_offset)


async def _state_first(partition: Partition, work: Work, next_offset: int) -> None:
    partition.store.put(work.dumps)
    await _commit(partition, work, next_offset)


async def _outputs_first(partition: Partition, work: Work, next_offset: int) -> None:
    await partition.transaction.begin()
    await partition.transaction.send(work.outputs)
    await partition.transaction.commit()
    partition.hit(failpoints.AFTER_OUTPUTS)
    await _commit(partition, Work([], work.records, work.dumps), next_offset)


async def _forget_timers(self: ownership.Ownership, number: int, count: int) -> None:
    await _rebuild(self, number, count)
    self.timekeeper.forget(number)


def _no_timer(draft: Draft, incident_id: str, ladder: Ladder, due: datetime, *_: str) -> None:
    put(draft, incident_id, ladder.model_copy(update={"due": due}))


def _fail(*_: object) -> None:
    raise RuntimeError("planted")


def _with_ids(stamp: Callable[[Work], str]) -> Callable[..., None]:
    def add(message: Message, record: DomainRecord, decision: Decision, wire: Wire, work: Work) -> None:
        outputs = tuple(
            each.model_copy(update={"id": output_id("", each.id, stamp(work))}) for each in decision.outputs
        )
        _add(message, record, Decision(decision.record, outputs), wire, work)

    return add


def _position(work: Work) -> str:
    return str(len(work.outputs))


def _clock(_: Work) -> str:
    return str(asyncio.get_running_loop().time())


PLANTS: dict[str, tuple[str, Callable[[], Any]]] = {
    "offset-outside": (
        "the offset is committed outside the transaction",
        lambda: patch.object(apply, "_commit", _offset_first),
    ),
    "state-before-commit": (
        "the local store is written before the commit",
        lambda: patch.object(apply, "_commit", _state_first),
    ),
    "output-outside": (
        "outputs are sent outside the transaction of their records",
        lambda: patch.object(apply, "_commit", _outputs_first),
    ),
    "producer-shared": (
        "all partitions share one transactional id",
        lambda: patch.object(worker, "transactional_id", lambda app_id, _: app_id),
    ),
    "producer-anew": (
        "each start makes a transactional id of its own, so that nobody is fenced",
        lambda: patch.object(
            worker,
            "transactional_id",
            lambda app_id, number: f"{transactional_id(app_id, number)}-{next(_starts)}",
        ),
    ),
    "timers-forgotten": (
        "timers are not rebuilt when a partition is taken over",
        lambda: patch.object(ownership.Ownership, "_rebuild", _forget_timers),
    ),
    "id-from-clock": ("ids come from a clock", lambda: patch.object(apply, "_add", _with_ids(_clock))),
    "id-from-position": (
        "ids come from the position in the batch",
        lambda: patch.object(apply, "_add", _with_ids(_position)),
    ),
    "permit-kept": (
        "a permit that is given back is not taken",
        lambda: patch("app.core.control._drop", lambda *_: None),
    ),
    "move-unheeded": (
        "what comes for a service that moved is decided wherever it comes",
        lambda: patch("app.core.decide.goes_elsewhere", lambda *_: False),
    ),
    "event-left-behind": (
        "system events that may be over stay behind when their service moves",
        lambda: patch("app.core.escalation.events.take_out", lambda *_: []),
    ),
    "level-forgotten": (
        "the next level of an escalation policy has no timer",
        lambda: patch.object(firing, "wait", _no_timer),
    ),
    "engine-fails": (
        "the engine cannot take what people report",
        lambda: patch("app.core.decide._on_report", _fail),
    ),
    "identity-forgotten": (
        "an input's identity is forgotten after two others",
        lambda: patch("app.core.drafting.SEEN", 2),
    ),
}
"""Name to what it is, and the patch that plants it."""


@contextmanager
def planted(name: str) -> Iterator[None]:
    """Run with a fault planted; with none for the empty name."""
    if not name:
        yield
        return
    with PLANTS[name][1]():
        yield
