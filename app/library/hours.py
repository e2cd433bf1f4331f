"""`business_hours` of a team, a person or the rules."""

from __future__ import annotations

from app.library.fields import Fields
from app.library.windows import MEND, WindowError, read_windows
from app.model.schedule import Window


def read_hours(fields: Fields) -> tuple[Window, ...]:
    """Read `business_hours`, one text or several; none where they are missing."""
    found: list[Window] = []
    for each in fields.items("business_hours"):
        try:
            found += read_windows(str(each.plain()))
        except WindowError as error:
            fields.findings.error(each.place, f"business_hours: {error}", MEND)
    return tuple(found)
