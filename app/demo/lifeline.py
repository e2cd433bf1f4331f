"""The demo's worker process: the production worker, which ends when the demo that holds its stdin is gone, however it went."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time

from app.settings import Settings
from app.worker import run

_GRACE_S = 10.0


def main() -> int:
    """Run a worker by the settings of the environment until SIGTERM or the end of stdin; give its exit code."""
    threading.Thread(target=_end_with_stdin, name="lifeline", daemon=True).start()
    return run(Settings())


def _end_with_stdin() -> None:
    while os.read(
        sys.stdin.fileno(), 4096
    ):  # sys.stdin's own lock would be held at the end of the interpreter
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_GRACE_S)
    os._exit(1)  # it hangs in its end; nobody waits for it any more


if __name__ == "__main__":
    sys.exit(main())
