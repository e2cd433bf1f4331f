"""Faust's recovery, told when to begin: after the changed partitions have been taken over and restored by us."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from faust.tables import TableManager
from faust.tables.recovery import Recovery
from faust.types import TP

from app.stream.crash import die

TakeOver = Callable[[set[TP]], Awaitable[None]]


class RoadRecovery(Recovery):
    """Takes the assigned partitions over, then lets Faust's recovery go on, which finds every store up to date.

    In a task of its own, as Faust's is: the rebalance must not wait for it. Faust swallows exceptions here; we end
    the worker.
    """

    _taking: asyncio.Task[None] | None = None

    async def on_rebalance(
        self, assigned: set[TP], revoked: set[TP], newly_assigned: set[TP], generation_id: int = 0
    ) -> None:
        """Begin to take over what is assigned now."""
        if self._taking is not None and not self._taking.done():
            self._taking.cancel()
            await asyncio.gather(self._taking, return_exceptions=True)
        self._taking = self.loop.create_task(
            self._take_over(assigned, revoked, newly_assigned, generation_id), name="take over"
        )

    async def _take_over(
        self, assigned: set[TP], revoked: set[TP], newly_assigned: set[TP], generation_id: int
    ) -> None:
        try:
            take_over: TakeOver = self.app.take_over  # type: ignore[attr-defined]  # ours: OncallApp
            await take_over(assigned)
            await super().on_rebalance(assigned, revoked, newly_assigned, generation_id)
        except Exception as error:  # noqa: BLE001 - whatever it is, it ends the worker
            if self.app.consumer_generation_id == generation_id and not self.should_stop:
                die("the assigned partitions could not be taken over", error)
            self.log.warning("taking over was overtaken by the next rebalance: %r", error)


class RoadTables(TableManager):
    """Faust's tables, with our recovery."""

    @property
    def recovery(self) -> Recovery:
        """The recovery service."""
        if self._recovery is None:
            arguments: dict[str, Any] = {"beacon": self.beacon, "loop": self.loop}
            self._recovery = RoadRecovery(self.app, self, **arguments)
        return self._recovery
