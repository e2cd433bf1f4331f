"""An asyncio event loop on virtual time: nothing waits, and equal programs run equally."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine, Mapping
from typing import Any, TypeVar

T = TypeVar("T")


class DeadlockError(Exception):
    """Every task waits for something that never comes."""


class VirtualLoop(asyncio.SelectorEventLoop):
    """Time stands still while anything can run, and then jumps to the next thing that is due."""

    def __init__(self) -> None:
        self._now = 0.0
        super().__init__(_NoFiles(self))

    def time(self) -> float:
        """Give the virtual seconds since the loop was made."""
        return self._now

    def jump(self, seconds: float) -> None:
        """Let time pass."""
        self._now += seconds


class _NoFiles(selectors.BaseSelector):
    """Watches no file; where others would wait, time jumps."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop
        self._keys: dict[Any, selectors.SelectorKey] = {}

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        key = selectors.SelectorKey(fileobj, 0, events, data)
        self._keys[fileobj] = key
        return key

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._keys.pop(fileobj)

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._keys

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise DeadlockError("nothing is left to happen")
        self._loop.jump(max(0.0, timeout))
        return []


def run_virtually(main: Coroutine[Any, Any, T]) -> T:
    """Run to the end on virtual time; tasks that are left over are dropped."""
    loop = VirtualLoop()
    loop.set_exception_handler(
        lambda _loop, _context: None
    )  # what a killed process leaves is nobody's concern
    asyncio.set_event_loop(loop)
    try:
        return loop.run_until_complete(main)
    finally:
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        asyncio.set_event_loop(None)
        loop.close()
