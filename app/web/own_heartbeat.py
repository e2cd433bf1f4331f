"""Our own heartbeat: a dead man's switch outside is told every minute that this worker is well, and rings when it hears nothing."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web
from prometheus_client import Counter

log = logging.getLogger(__name__)

EVERY_S = 60.0
WITHIN_S = 10.0
"""How long the switch may take to answer."""
ARRIVED, FAILED, WITHHELD = "arrived", "failed", "withheld"
OUTCOMES = (ARRIVED, FAILED, WITHHELD)


@dataclass
class OwnHeartbeat:
    """Beats as long as the web server is up; `start` and `stop` are aiohttp's signals."""

    url: str
    """Where the switch listens. Its path is a secret, so nothing here says more than its host."""
    is_well: Callable[[], bool]
    """Whether `/healthz` and `/readyz` both say yes."""
    counter: Counter
    every: float = EVERY_S
    _task: asyncio.Task[None] | None = field(default=None, init=False)
    _last: str = field(default=ARRIVED, init=False)

    async def start(self, _: web.Application) -> None:
        """Begin."""
        for outcome in OUTCOMES:
            self.counter.labels(outcome)  # a series that is not there yet cannot be alerted on
        self._task = asyncio.create_task(self._go_on(), name="own heartbeat")

    async def stop(self, _: web.Application) -> None:
        """End; a second time changes nothing."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _go_on(self) -> None:
        timeout = aiohttp.ClientTimeout(total=WITHIN_S)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            while True:
                outcome, why = await self.beat(session)
                self.counter.labels(outcome).inc()
                self._say(outcome, why)
                await asyncio.sleep(self.every)

    async def beat(self, session: aiohttp.ClientSession) -> tuple[str, str]:
        """Tell the switch, if all is well; give what came of it, and why it did not arrive."""
        if not self.is_well():
            return WITHHELD, "this worker is not well"
        try:
            # Wherever it points on to would learn the secret path.
            async with session.get(self.url, allow_redirects=False) as answer:
                if answer.ok and answer.status < 300:  # noqa: PLR2004  # HTTP's own border
                    return ARRIVED, ""
                return FAILED, f"it answers {answer.status}"
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return FAILED, type(error).__name__  # its words may hold the address

    def _say(self, outcome: str, why: str) -> None:
        """Log a change, not every minute of it."""
        if outcome != self._last:
            host = urlsplit(self.url).hostname
            if outcome == ARRIVED:
                log.info("the heartbeat arrives at %s again", host)
            else:
                log.warning("the heartbeat to %s is %s: %s", host, outcome, why)
        self._last = outcome
