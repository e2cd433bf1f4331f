"""A lane: the messages of one partition, handled in batches of whatever has gathered, one batch at a time."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable

from app.road.ports import Message

_CLOSE_WITHIN_S = 10.0
GATHER_S = 0.05
"""How long messages gather after a batch of several: what a batch costs besides its messages is then paid for more of them."""
_log = logging.getLogger(__name__)

Handle = Callable[[list[Message]], Awaitable[None]]
Fail = Callable[[str, Exception], object]
"""Ends the worker, with what failed and why. It does not come back."""


class Lane:
    """While a batch is handled the next one gathers, and a moment longer where several came: full batches under load, no waiting without it.

    Agents hand messages over and are done; so no exception of the work can end in Faust, which would take the
    message for done. Whatever the work raises ends the worker, by `fail`.
    """

    def __init__(self, name: str, handle: Handle, batch: int, fail: Fail) -> None:
        self._name, self._handle, self._batch, self._fail = name, handle, batch, fail
        self._waiting: deque[Message] = deque()
        self._changed = asyncio.Event()
        self._room = asyncio.Event()
        self._closed = False
        self._task = asyncio.get_running_loop().create_task(self._run(), name=f"lane {name}")

    async def put(self, message: Message) -> None:
        """Add a message, waiting while two batches are there already; a closed lane drops it: it will be read again."""
        while len(self._waiting) >= 2 * self._batch and not self._closed:
            self._room.clear()
            await self._room.wait()
        if not self._closed:
            self._waiting.append(message)
            self._changed.set()

    async def close(self) -> None:
        """Let the batch under way end, drop the rest, and take no more.

        A batch that does not end in time (it may wait for a library, or for a broker) is given up: what it had not
        committed is done again by the next owner.
        """
        self._closed = True
        self._waiting.clear()
        self._room.set()
        self._changed.set()
        _, late = await asyncio.wait({self._task}, timeout=_CLOSE_WITHIN_S)
        if late:
            _log.warning("%s: the batch under way is given up", self._name)
            self._task.cancel()
            await asyncio.wait({self._task})

    async def _run(self) -> None:
        try:
            while not self._closed:
                await self._changed.wait()
                self._changed.clear()
                while self._waiting:
                    count = min(len(self._waiting), self._batch)
                    taken = [self._waiting.popleft() for _ in range(count)]
                    self._room.set()
                    await self._handle(taken)
                    if count > 1 and len(self._waiting) < self._batch:
                        await asyncio.sleep(GATHER_S)
        except Exception as error:  # noqa: BLE001 - whatever it is, it ends the worker
            self._fail(f"{self._name} failed", error)
