"""What a worker takes of its machine: a data folder, which is its alone, and a web port."""

from __future__ import annotations

import fcntl
import os
import socket
from pathlib import Path

LOCK = "worker.lock"
"""The file in the data folder that a living worker holds locked; the lock goes with the process, however it ends."""


class MachineError(Exception):
    """The folder or the port cannot be had; the message names it and the mend."""


def hold_folder(folder: Path) -> int:
    """Make the data folder if need be, and lock it for this process's life; give the lock's descriptor.

    Raises:
        MachineError: another worker holds it, or it is no folder that may be written to.

    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise MachineError(
            f"the data folder {folder} cannot be used ({error.strerror});"
            " name one that this worker may write to, with --data-dir or ONCALL_DATA_DIR"
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(lock)
        raise MachineError(
            f"another worker uses the data folder {folder};"
            " give each worker a folder of its own, with --data-dir or ONCALL_DATA_DIR"
        ) from error
    return lock


def require_port(host: str, port: int) -> None:
    """See that the web can listen.

    Raises:
        MachineError: it cannot: something else listens there, most likely.

    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the web server does
        try:
            probe.bind((host, port))
        except OSError as error:
            raise MachineError(
                f"the web port {host}:{port} cannot be had ({error.strerror});"
                " choose another with --web-port or ONCALL_WEB_PORT (0: a free one)"
            ) from error
