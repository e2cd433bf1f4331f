"""The HTML templates: Jinja with autoescape, so that what comes from outside is always text."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

_S_PER_MIN, _MIN_PER_H, _H_PER_DAY = 60, 60, 24


def page(name: str, /, **facts: Any) -> str:
    """Fill a template in."""
    return _ENVIRONMENT.get_template(name).render(**facts)


def clock(moment: datetime | None) -> str:
    """A moment for people: always UTC, to the second."""
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC" if moment else "-"


def span(length: timedelta | None) -> str:
    """A length of time in its two largest units, such as `3m 20s` or `5m`."""
    if length is None:
        return "-"
    seconds = max(0, int(length.total_seconds()))
    minutes, s = divmod(seconds, _S_PER_MIN)
    hours, m = divmod(minutes, _MIN_PER_H)
    days, h = divmod(hours, _H_PER_DAY)
    parts = [f"{count}{unit}" for count, unit in ((days, "d"), (h, "h"), (m, "m"), (s, "s"))]
    first = next((place for place, part in enumerate(parts) if not part.startswith("0")), len(parts) - 1)
    return " ".join(
        part for part in parts[first : first + 2] if part == parts[first] or not part.startswith("0")
    )


def words(name: str) -> str:
    """A named thing in words: `timed_out` and `IncidentOpened` become `timed out` and `incident opened`."""
    spaced = "".join(f" {char.lower()}" if char.isupper() else char for char in name)
    return spaced.replace("_", " ").strip()


_FILTERS: Mapping[str, Any] = {"clock": clock, "span": span, "words": words}
_ENVIRONMENT = Environment(
    loader=PackageLoader("app.web"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENVIRONMENT.filters.update(_FILTERS)
