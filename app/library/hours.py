"""`business_hours` of a team, a person or the rules; `quiet_hours` of a person."""

from __future__ import annotations

from app.library.fields import Fields
from app.library.windows import MEND, WindowError, read_windows
from app.model.schedule import Window


def read_hours(fields: Fields, name: str = "business_hours") -> tuple[Window, ...]:
    """Read `business_hours` (or `quiet_hours`), one text or several; none where they are missing."""
    found: list[Window] = []
    for each in fields.items(name):
        try:
            found += read_windows(str(each.plain()))
        except WindowError as error:
            fields.findings.error(each.place, f"{name}: {error}", MEND)
    return tuple(found)
