"""Durations as people write them: `30s`, `1h30m`, `500ms`."""

from __future__ import annotations

import re
from datetime import timedelta

_DURATION = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+)s)?(?:(\d+)ms)?")
_UNITS = ("days", "hours", "minutes", "seconds", "milliseconds")


def parse_duration(text: object) -> timedelta | None:
    """Read a duration such as `30s`, `1h30m` or `500ms`; None if it is none."""
    found = _DURATION.fullmatch(text) if isinstance(text, str) and text else None
    if found is None or any(part and len(part) > 9 for part in found.groups()):  # noqa: PLR2004  # keeps timedelta in range
        return None
    return timedelta(**{unit: int(part) for unit, part in zip(_UNITS, found.groups(), strict=True) if part})
