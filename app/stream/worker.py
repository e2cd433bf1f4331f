"""Running a worker in this process, from start to SIGTERM."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

import faust
from aiokafka.errors import GroupCoordinatorNotAvailableError

from app.road.failpoints import FailpointError
from app.settings import Settings
from app.stream.assembly import create_app
from app.stream.crash import refuse
from app.stream.faust_app import OncallApp
from app.stream.runtime import Runtime

_log = logging.getLogger(__name__)

_TALKATIVE = ("aiokafka", "faust", "mode")
"""Libraries that say at `info` what only we need to know."""

_REPEATING = ("aiokafka", "aiokafka.consumer.fetcher", "aiokafka.consumer.group_coordinator")
"""What says at every try, many times a second, that a broker is gone."""
_AGAIN_AFTER_S = 10.0

Register = Callable[[OncallApp, Runtime], None]
"""Adds what a face has to add to a worker: its web pages."""


def make(settings: Settings, register: Register | None = None) -> OncallApp:
    """Make a worker's app, with what a face has to add; a worker that may not be made ends the process with 2."""
    try:
        app, runtime = create_app(settings)
    except FailpointError as error:
        refuse([f"ONCALL_FAILPOINT: {error}"])
    if register is not None:
        register(app, runtime)
    # First: what it leaves out does not count as told.
    logging.getLogger("aiokafka.consumer.group_coordinator").addFilter(_tells_something)
    if settings.log_level != "debug":
        for name in _TALKATIVE:
            logging.getLogger(name).setLevel(logging.WARNING)
        for name in _REPEATING:
            logging.getLogger(name).addFilter(Seldom(_AGAIN_AFTER_S))
    if settings.embedded:
        _log.warning("the embedded broker has no append times and fences nobody: for trying out only")
    return app


class Seldom(logging.Filter):
    """Lets each kind of error through once, and again only after a while."""

    def __init__(self, again_after: float, now: Callable[[], float] = time.monotonic) -> None:
        """Take the seconds for which an error that was told is not told again."""
        super().__init__()
        self._again_after, self._now = again_after, now
        self._told: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Say whether it is to be told."""
        now, told = self._now(), self._told.get(record.msg)
        if record.levelno < logging.ERROR:
            return True
        if told is not None and now - told < self._again_after:
            return False
        self._told[record.msg] = now
        return True


def _tells_something(record: logging.LogRecord) -> bool:
    """Leave out that there is no coordinator yet, while a new cluster makes the topic of offsets; it is asked again."""
    args = record.args if isinstance(record.args, tuple) else ()
    return not any(isinstance(each, GroupCoordinatorNotAvailableError) for each in args)


def run(settings: Settings, register: Register | None = None) -> int:
    """Run a worker until SIGTERM or Ctrl-C; give its exit code: 0 after an orderly end.

    A worker that may not start ends the process with 2 and one that fails with 1, each with its last word on stderr.
    """
    app = make(settings, register)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    app.finalize()
    app.worker_init()
    app.worker_init_post_autodiscover()
    worker = faust.Worker(app, loglevel=settings.log_level, loop=loop, quiet=True)
    try:
        worker.execute_from_commandline()  # ends in SystemExit, always
    except SystemExit as ended:
        return int(ended.code or 0)
