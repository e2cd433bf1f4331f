"""Printing: data on stdout, for people as tables, for scripts as JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

NOT_A_TERMINAL = 160
"""The width of tables that go into a file or a pipe."""


def console() -> Console:
    """Give the console of stdout; wide where that is no terminal, so that nothing is cut."""
    return Console(width=None if sys.stdout.isatty() else NOT_A_TERMINAL, highlight=False)


def document(value: object) -> None:
    """Print one JSON document."""
    print(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def json_line(value: object) -> None:
    """Print one JSON line, at once: somebody may be reading along."""
    print(json.dumps(value, ensure_ascii=False, separators=(", ", ": "), default=str), flush=True)


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table. Cells are often words of others: none of them marks up, or moves the terminal."""
    shown = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        shown.add_row(*(Text(harmless(cell, but="\n")) for cell in row))
    console().print(shown)


def harmless(text: str, *, but: str = "") -> str:
    """Give words of others so that they cannot move a terminal: what is no printable character, `but` these, as its escape."""
    return "".join(
        letter if letter.isprintable() or letter in but else ascii(letter)[1:-1] for letter in text
    )
