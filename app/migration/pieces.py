"""Pieces of a manifest, and what is to be told of each line that they came from."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.library.compile import examine
from app.model.matchers import Matcher

_SECTIONS = ("rules", "inhibit", "maintenance", "teams", "services")


@dataclass(frozen=True, order=True)
class Note:
    """What became of a line."""

    line: int
    is_brought: bool
    """Whether it was brought over."""
    words: str


@dataclass(frozen=True)
class Piece:
    """A part of a section of a manifest."""

    line: int
    """Where it came from."""
    what: str
    """What it is, for people."""
    section: str
    lines: tuple[str, ...]
    """Its YAML."""


def manifest(pieces: Iterable[Piece], source: str, by: str = "oncall import") -> str:
    """Give the manifest that holds the pieces; empty where there are none."""
    kept = list(pieces)
    lines = [f"# From {source}, by `{by}`."]
    for section in _SECTIONS:
        found = [line for piece in kept if piece.section == section for line in piece.lines]
        lines += [f"{section}:", *found] if found else []
    return "\n".join(lines) + "\n" if kept else ""


def mistake(piece: Piece) -> str:
    """Say what lint has against a piece; empty where that is nothing."""
    _, problems = examine({"a.yaml": manifest([piece], "a")})
    return next((each.message for each in problems if each.level == "error"), "")


def quoted(text: str) -> str:
    """Give a text as YAML in one line; matchers in single quotes, as people write them."""
    return f"'{text}'" if text.isprintable() and "'" not in text else json.dumps(text, ensure_ascii=False)


def flow(items: Iterable[str]) -> str:
    """Give a list in one line."""
    return f"[{', '.join(quoted(each) for each in items)}]"


def written(matchers: Sequence[Matcher]) -> str:
    """Give matchers as a list in one line."""
    return flow(str(each) for each in matchers)
