"""Time zones, of the database that is installed with us and of no other: so that all workers reckon alike."""

from __future__ import annotations

import re
from datetime import UTC, tzinfo
from difflib import get_close_matches
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

from app.library.fields import Fields

_NAME = re.compile(r"[A-Za-z0-9_+-]+(?:/[A-Za-z0-9_+-]+){0,2}")


@cache
def zone_of(name: str) -> ZoneInfo | None:
    """Give a zone by its IANA name, such as `Europe/Berlin`; None where there is none."""
    if not _NAME.fullmatch(name) or name not in zone_names():
        return None
    with resources.files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as data:
        return ZoneInfo.from_file(data, key=name)


@cache
def zone_names() -> frozenset[str]:
    """Give the names of all zones."""
    return frozenset(resources.files("tzdata").joinpath("zones").read_text(encoding="utf-8").split())


def read_zone(fields: Fields) -> tzinfo | None:
    """Read `timezone`; None where it is missing, and UTC where there is no such zone, which is a finding."""
    name = fields.text("timezone")
    zone = zone_of(name) if name else None
    if not name or zone is not None:
        return zone
    near = get_close_matches(name, sorted(zone_names()), n=1) if "/" in name else []
    mend = f"did you mean {near[0]!r}?" if near else "write it as Europe/Berlin"
    fields.findings.error(fields.place_of("timezone"), f"timezone: {name!r} is unknown", mend)
    return UTC
