"""The `oncall` command: one module a subcommand; what a command needs is imported when it runs."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def main() -> None:
    """Run the command line: data on stdout, progress on stderr; exit codes 0 ok, 1 a negative finding, 2 usage or setting."""
    from app.cli.root import app

    _stand_in_for_closed_streams()
    app(prog_name="oncall")


def _stand_in_for_closed_streams() -> None:
    """Let a stream that the caller closed read as empty and write to nowhere: Python has None there."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115  # as long as we run
