"""`flapping`: when an alert flaps."""

from __future__ import annotations

from app.library.fields import Fields
from app.model.noise import Flapping

MOST_CHANGES = 20
"""So many changes of each alert are remembered at most."""


def read_flapping(fields: Fields) -> Flapping:
    """Read when an alert flaps."""
    plain = Flapping()
    changes = fields.whole("changes", plain.changes, most=MOST_CHANGES)
    if changes == 1:
        fields.findings.error(
            fields.place_of("changes"),
            "changes: 1 would make every alert flap that is resolved",
            "write 2 or more, or 0: nothing flaps",
        )
    read = Flapping(changes, fields.duration("within", plain.within), fields.duration("calm", plain.calm))
    for name, length in (("within", read.within), ("calm", read.calm)):
        if not length:
            fields.findings.error(fields.place_of(name), f"{name} is zero", "write it as 15m")
    fields.finish()
    return read
