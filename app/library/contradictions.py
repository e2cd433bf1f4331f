"""Matchers that no alert can satisfy together."""

from __future__ import annotations

from collections.abc import Sequence

from app.model.matchers import Matcher


def contradiction(matchers: Sequence[Matcher]) -> str:
    """Say which two of the matchers exclude each other; empty where none surely do."""
    for one in matchers:
        if one.op != "=":
            continue
        for other in matchers:
            if other.name == one.name and not other.matches({one.name: one.value}):
                return f"{one} and {other} exclude each other"
    return ""
