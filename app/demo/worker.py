"""The one real worker of the demo, as a process of its own."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import httpx

LIBRARY = Path(__file__).resolve().parent / "library"
"""The demo's own library."""
PREFIX = "oncall"
READY_WITHIN = 90.0
"""Seconds a worker may take to start; a cold laptop takes about ten."""
END_WITHIN = 15.0
"""Seconds it may take to end."""
PORT = 8080
_KEPT = ("ONCALL_WEB_PORT", "ONCALL_LOG_LEVEL", "ONCALL_OUTPUT_FORMAT")
"""Settings of the person's own that make sense for a demo; others would break it."""
_TAIL = 25


class DemoError(Exception):
    """The demo cannot go on; the message says why and what to do."""


@dataclass
class WorkerProcess:
    """Starts the worker, waits until it is ready, and ends it."""

    bootstrap_servers: str
    folder: Path
    """Where its tables and its log go."""
    usual_port: bool = True
    """Whether its pages are at the usual port where that is free; else two demos begun at once may want the same one."""
    port: int = 0
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def url(self) -> str:
        """Where its web pages are."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it."""
        self.port = self.port or _free_port(usual=self.usual_port)
        kept = {name: value for name, value in os.environ.items() if _is_kept(name)}
        env = {
            **kept,
            "ONCALL_BOOTSTRAP_SERVERS": self.bootstrap_servers,
            "ONCALL_TOPIC_PREFIX": PREFIX,
            "ONCALL_RUNBOOKS": str(LIBRARY),
            "ONCALL_DATA_DIR": str(self.folder / "data"),
            "ONCALL_EMBEDDED": "1",
            "ONCALL_WEB_HOST": "127.0.0.1",
            "ONCALL_WEB_PORT": str(self.port),
            "PYTHONUNBUFFERED": "1",
        }
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "app.demo.lifeline"],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=env,
                start_new_session=True,  # Ctrl-C is for the demo, which then ends the worker
            )

    async def ready(self) -> None:
        """Wait until it works. Raises DemoError when it ends before, or takes too long."""
        deadline = asyncio.get_running_loop().time() + READY_WITHIN
        async with httpx.AsyncClient(timeout=2.0, trust_env=False) as client:
            while asyncio.get_running_loop().time() < deadline:
                self._check()
                try:
                    if (await client.get(f"{self.url}/readyz")).status_code == httpx.codes.OK:
                        return
                except httpx.TransportError:
                    pass  # it does not listen yet
                await asyncio.sleep(0.2)
        raise DemoError(f"the worker was not ready within {READY_WITHIN:.0f} s\n{self._last_words()}")

    async def watch(self) -> None:
        """Raise DemoError when it ends; returns never."""
        while True:
            self._check()
            await asyncio.sleep(0.5)

    def stop(self) -> None:
        """End it, by force if it does not end by itself."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        process.terminate()
        try:
            process.wait(END_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    @property
    def _log(self) -> Path:
        return self.folder / "worker.log"

    def _check(self) -> None:
        code = self._process.poll() if self._process is not None else None
        if code is not None:
            raise DemoError(f"the worker ended with exit code {code}\n{self._last_words()}")

    def _last_words(self) -> str:
        lines = self._log.read_text(errors="replace").splitlines() if self._log.exists() else []
        return "\n".join(["its last words:", *lines[-_TAIL:]])


def _is_kept(name: str) -> bool:
    return not name.startswith("ONCALL_") or name in _KEPT


def _free_port(*, usual: bool) -> int:
    """Give the port the person asked for, else the usual one if it is to be that, else any that is free."""
    asked = os.environ.get("ONCALL_WEB_PORT", "")
    if asked.isdigit() and int(asked):
        return int(asked)
    for port in (PORT, 0) if usual else (0,):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise DemoError("no port is free on 127.0.0.1")
