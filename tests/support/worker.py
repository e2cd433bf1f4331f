"""Workers as processes of their own: started, waited for, killed, looked at."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from app.settings import Settings
from app.stream.topics import create_topics

COMMANDS = (("-m", "app.worker"), ("-m", "faust", "-A", "app.stream", "worker", "-l", "info"))
"""The ways to run a worker: ours, and Faust's own."""
READY = r"\] ready: at work"
_READY_WITHIN_S = 60.0
_END_WITHIN_S = 30.0
_LOOK_EVERY_S = 0.05


class WorkerError(AssertionError):
    """The worker did not do what was waited for; the message ends with its log."""


class WorkerProcess:
    """One worker. Settings are its environment: `embedded=True` is `ONCALL_EMBEDDED=true`."""

    def __init__(self, command=COMMANDS[0], **settings):
        self.settings = {"web_port": 0, "session_timeout": 6, "log_level": "info", **settings}
        self._command = command
        self._log = Path(tempfile.mkstemp(prefix="worker-", suffix=".log")[1])
        self._process = None

    def start(self):
        """Start the process; it is not ready yet."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("ONCALL_")}
        environment |= {f"ONCALL_{name.upper()}": str(value) for name, value in self.settings.items()}
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, *self._command],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        return self

    def wait_ready(self, within=_READY_WITHIN_S):
        """Wait until the worker says that it is at work."""
        return self.wait_for(READY, within)

    def wait_for(self, pattern, within=_READY_WITHIN_S):
        """Wait for a line of the log."""
        deadline = time.monotonic() + within
        while not re.search(pattern, self.log):
            if self._process.poll() is not None:
                raise WorkerError(f"the worker ended with {self._process.returncode}:\n{self._tail}")
            if time.monotonic() > deadline:
                raise WorkerError(f"no {pattern!r} within {within} s:\n{self._tail}")
            time.sleep(_LOOK_EVERY_S)
        return self

    def wait_end(self, within=_END_WITHIN_S):
        """Wait until the process has ended; give its exit code."""
        try:
            return self._process.wait(within)
        except subprocess.TimeoutExpired:
            raise WorkerError(f"the worker did not end within {within} s:\n{self._tail}") from None

    @property
    def pid(self):
        return self._process.pid

    def poll(self):
        """Give the exit code of a worker that has ended, else None."""
        return self._process.poll()

    def ask_to_end(self):
        """Ask it to end, as an operator does."""
        self._process.send_signal(signal.SIGTERM)

    def terminate(self):
        """End it as an operator does; give the exit code."""
        self.ask_to_end()
        return self.wait_end()

    def kill(self):
        """End it as a power cut does."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def pause(self):
        """SIGSTOP: it hangs, and the world goes on."""
        self._process.send_signal(signal.SIGSTOP)

    def wake(self):
        self._process.send_signal(signal.SIGCONT)

    @property
    def log(self):
        return self._log.read_text(errors="replace")

    @property
    def _tail(self):
        return "\n".join(self.log.splitlines()[-60:])

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.kill()
        self._log.unlink(missing_ok=True)


@contextmanager
def ready_worker(**settings):
    """A worker that is at work, for as long as the block runs."""
    with WorkerProcess(**settings) as worker:
        yield worker.wait_ready()


def make_topics(broker, prefix, **settings):
    """Make a service's topics; `prefix` is its app id as well."""
    return create_topics(
        Settings(bootstrap_servers=broker.bootstrap_servers, topic_prefix=prefix, app_id=prefix, **settings)
    )
