"""Crash-only: when something happens that must not happen, the worker says so once and is gone.

No state needs saving: what was committed is on the log, and what was not will be decided again by the next owner.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from typing import NoReturn

CRASHED = 1
REFUSED = 2
"""The exit code when settings, topics or the library folder are wrong: a restart will not help."""

_log = logging.getLogger(__name__)


def die(what: str, error: BaseException | None = None) -> NoReturn:
    """End the process at once (exit code 1), with a last word on the log and on stderr."""
    last_word = f"worker ends: {what}" + (f": {type(error).__name__}: {error}" if error is not None else "")
    if "AuthorizationFailed" in type(error).__name__:
        last_word += "; `oncall topics acls` says what a worker needs"
    _log.critical(last_word, exc_info=error)
    trace = "".join(traceback.format_exception(error)) if error is not None else ""
    _leave(CRASHED, f"{trace}{last_word}")


def refuse(problems: Sequence[str]) -> NoReturn:
    """Do not start (exit code 2), and name every problem with its mend."""
    _leave(REFUSED, "\n".join(["worker refuses to start:", *(f"  {problem}" for problem in problems)]))


def leave_within(seconds: float, *, has_failed: Callable[[], bool]) -> None:
    """End the process when so many seconds are over, whatever it still waits for; nothing is lost by it.

    Faust's consumer cannot be stopped while it waits to be let into the group, which may take as long as a session.
    """

    def leave() -> None:
        _leave(CRASHED if has_failed() else 0, f"worker ends: it was not let go within {seconds:.0f} s")

    timer = threading.Timer(seconds, leave)
    timer.daemon = True
    timer.start()


def _leave(code: int, words: str) -> NoReturn:
    # Not through sys.stderr: Faust redirects it into its logs.
    print(words, file=sys.__stderr__, flush=True)
    logging.shutdown()
    os._exit(code)
