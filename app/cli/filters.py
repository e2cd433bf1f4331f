"""Filters of `oncall tail`: `incident=ID`, or `field=value` with a dotted path; a list matches by any of its entries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.cli.errors import CommandError
from app.model.topics import INCIDENTS

INCIDENT_ID_CHARS = 4
"""How many characters of an incident's id are enough to name it."""


@dataclass(frozen=True)
class Filter:
    """One condition on a decoded value."""

    path: tuple[str, ...]
    wanted: str
    by_prefix: bool = False

    def holds(self, value: Any) -> bool:
        """Say whether the value satisfies it."""
        return any(self._equals(_text(found)) for found in _at(value, self.path))

    def _equals(self, found: str) -> bool:
        return found.startswith(self.wanted) if self.by_prefix else found == self.wanted


def parse_filter(typed: str, topic: str) -> Filter:
    """Read `field=value`; `incident=` finds the incident's id whatever the topic, by its first characters too."""
    name, sign, wanted = typed.partition("=")
    if not sign or not name:
        raise CommandError(
            f"--filter {typed}: write it as field=value, such as incident=3f2a or severity=critical"
        )
    if name == "incident":
        path = ("id",) if topic == INCIDENTS else ("**", "incident_id")
        return Filter(path, wanted, by_prefix=len(wanted) >= INCIDENT_ID_CHARS)
    return Filter(tuple(name.split(".")), wanted)


def _at(value: Any, path: tuple[str, ...]) -> Iterator[Any]:
    if isinstance(value, list):
        for each in value:
            yield from _at(each, path)
    elif not path:
        yield value
    elif isinstance(value, Mapping):
        if path[0] == "**":
            yield from _at(value, path[1:])
            for each in value.values():
                yield from _at(each, path)
        elif path[0] in value:
            yield from _at(value[path[0]], path[1:])


def _text(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    return str(value)
