"""The HTML templates: Jinja with autoescape, so that what comes from outside is always text."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from app.model.durations import span


def page(name: str, /, **facts: Any) -> str:
    """Fill a template in."""
    return _ENVIRONMENT.get_template(name).render(**facts)


def clock(moment: datetime | None) -> str:
    """A moment for people: always UTC, to the second."""
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC" if moment else "-"


def words(name: str) -> str:
    """A named thing in words: `timed_out` and `IncidentOpened` become `timed out` and `incident opened`."""
    spaced = "".join(f" {char.lower()}" if char.isupper() else char for char in name)
    return spaced.replace("_", " ").strip()


def took(length: timedelta | None) -> str:
    """A length of time, where there is one."""
    return "-" if length is None else span(length)


_FILTERS: Mapping[str, Any] = {"clock": clock, "span": took, "words": words}
_ENVIRONMENT = Environment(
    loader=PackageLoader("app.web"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENVIRONMENT.filters.update(_FILTERS)
