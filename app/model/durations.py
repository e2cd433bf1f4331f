"""Durations as people write and read them: `30s`, `1h30m`, `500ms`."""

from __future__ import annotations

import re
from datetime import timedelta

_DURATION = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+)s)?(?:(\d+)ms)?")
_UNITS = ("days", "hours", "minutes", "seconds", "milliseconds")
_SIZES = (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1))


def parse_duration(text: object) -> timedelta | None:
    """Read a duration such as `30s`, `1h30m` or `500ms`; None if it is none."""
    found = _DURATION.fullmatch(text) if isinstance(text, str) and text else None
    if found is None or any(part and len(part) > 9 for part in found.groups()):  # noqa: PLR2004  # keeps timedelta in range
        return None
    return timedelta(**{unit: int(part) for unit, part in zip(_UNITS, found.groups(), strict=True) if part})


def in_units(length: timedelta) -> str:
    """Give a duration as `parse_duration` reads it, whole: `30s`, `1h30m`, `500ms`."""
    parts = [f"{count}{unit}" for count, unit in _counted(length) if count]
    return "".join(parts) or "0s"


def span(length: timedelta) -> str:
    """Give a length of time for people, in its two largest units: `3m 20s`, `5m`, `2d 4h`; what is under a second is none."""
    counted = [(count, unit) for count, unit in _counted(max(length, timedelta())) if unit != "ms"]
    first = next((place for place, (count, _) in enumerate(counted) if count), len(counted) - 1)
    largest, *rest = counted[first : first + 2]
    return " ".join(f"{count}{unit}" for count, unit in (largest, *(each for each in rest if each[0])))


def _counted(length: timedelta) -> list[tuple[int, str]]:
    milliseconds = length // timedelta(milliseconds=1)
    counted = []
    for unit, size in _SIZES:
        count, milliseconds = divmod(milliseconds, size)
        counted.append((count, unit))
    return counted
