"""`absences`: when people are away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from app.library.fields import Fields
from app.library.named import NobodyError, person_of
from app.library.planned import read_calendars, read_times
from app.library.problems import Findings, suggest
from app.library.zones import read_zone
from app.model.schedule import Booking, Said

if TYPE_CHECKING:
    from app.library.manifests import Manifests


def read_absences(
    manifests: Manifests, files: Mapping[str, str], findings: Mapping[str, Findings]
) -> dict[str, tuple[Booking, ...]]:
    """Read when people are away: person to their times."""
    away: dict[str, tuple[Booking, ...]] = {}
    for fields in manifests.absences_said:
        for booking in _read(fields, manifests, files, findings):
            away[booking.person] = (*away.get(booking.person, ()), booking)
    return away


def read_person(fields: Fields, manifests: Manifests) -> str:
    """Read `person:`, who must be one of the library; empty where that is wrong, which is told."""
    name = fields.text("person")
    if name in manifests.people:
        return name
    known = sorted(manifests.people)
    words = f"person: {name!r} is unknown" if name else f"{fields.what} needs person:"
    mend = suggest(name, known) if known else "say who there is under people:"
    fields.findings.error(fields.place_of("person"), words, mend)
    return ""


def _read(
    fields: Fields, manifests: Manifests, files: Mapping[str, str], findings: Mapping[str, Findings]
) -> list[Booking]:
    by_calendar = bool(fields.text("calendar"))
    person = read_person(fields, manifests) if "person" in fields or not by_calendar else ""
    known = manifests.people.get(person)
    zone = read_zone(fields) or (known.zone if known else None)
    reason = fields.text("reason")
    if by_calendar:
        found = []
        for path, event in read_calendars(fields, zone, files, findings):
            try:
                who = person or person_of(event, manifests.people)
            except NobodyError as error:
                findings[path].error(
                    event.place, f"event {event.title!r}: {error}", "say person: beside calendar:"
                )
                continue
            found.append(Booking(who, event.schedule, reason or event.title, said=Said(path, *event.place)))
    else:
        times = read_times(fields, zone)
        said = Said(fields.findings.path, *fields.place)
        found = [Booking(person, times, reason, said=said)] if person and times else []
    fields.finish()
    return found
