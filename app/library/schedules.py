"""`schedules`: who is on call when, as layers, overrides and swaps."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING

from app.library.absences import read_person
from app.library.fields import Fields
from app.library.layers import Reading, read_layer
from app.library.located import Located
from app.library.planned import read_times
from app.library.problems import Findings, suggest
from app.library.zones import read_zone
from app.model.noise import Schedule as Times
from app.model.schedule import Booking, Said, Schedule

if TYPE_CHECKING:
    from app.library.manifests import Manifests

_SIDES = 2


def read_schedules(
    manifests: Manifests,
    files: Mapping[str, str],
    findings: Mapping[str, Findings],
    away: Mapping[str, tuple[Booking, ...]],
) -> dict[str, Schedule]:
    """Read the schedules that the manifests name; `away` says when people are."""
    return {
        name: _schedule(name, fields, Reading(manifests, files, findings), away)
        for name, fields in manifests.schedules_said.items()
    }


def _schedule(
    name: str, fields: Fields, reading: Reading, away: Mapping[str, tuple[Booking, ...]]
) -> Schedule:
    manifests = reading.manifests
    zone = read_zone(fields)
    if zone is None:
        words = f"schedule {name} does not say its timezone:"
        fields.findings.error(fields.place, words, "such as timezone: Europe/Berlin")
    zone = zone or UTC
    layers = [
        read_layer(Fields(each, fields.findings, f"a layer of {name}"), number, zone, reading)
        for number, each in enumerate(fields.items("layers"), 1)
    ]
    if not layers:
        words = f"schedule {name} has no layer"
        fields.findings.error(fields.place, words, "give it layers: with people:, or with calendar:")
    overrides = [
        booking
        for each in fields.items("overrides")
        for booking in _override(
            Fields(each, fields.findings, f"an override of {name}"), zone, reading.manifests
        )
    ]
    for each in fields.items("swaps"):
        overrides += _swap(Fields(each, fields.findings, f"a swap of {name}"), zone, manifests)
    schedule = Schedule(
        id=name,
        zone=zone,
        title=fields.text("title"),
        layers=tuple(each for each in layers if each is not None),
        overrides=tuple(overrides),
        away=away,
        may_gap=_may_gap(fields),
        said=Said(fields.findings.path, *manifests.places["schedules", name][1]),
    )
    fields.finish()
    return schedule


def _may_gap(fields: Fields) -> bool:
    word = fields.text("gaps", "forbidden")
    known = ("forbidden", "allowed")
    if word not in known:
        fields.findings.error(fields.place_of("gaps"), f"gaps: {word!r} is unknown", suggest(word, known))
    return word == "allowed"


def _override(fields: Fields, zone: tzinfo, manifests: Manifests) -> list[Booking]:
    person, times = read_person(fields, manifests), read_times(fields, read_zone(fields) or zone)
    reason = fields.text("reason")
    fields.finish()
    return [Booking(person, times, reason, said=_said(fields))] if person and times else []


def _swap(fields: Fields, zone: tzinfo, manifests: Manifests) -> list[Booking]:
    """Give the two overrides that a swap is: each takes the other's time."""
    reason = fields.text("reason", "swap")
    sides = [_side(each, fields, zone, manifests) for each in fields.items("between")]
    fields.finish()
    if len(sides) != _SIDES:
        mend = "write between: [{person: A, days: …}, {person: B, days: …}]"
        fields.findings.error(fields.place_of("between"), f"{fields.what} is between two", mend)
        return []
    (one, mine), (other, theirs) = sides
    if not (one and other and mine and theirs):
        return []  # told already
    said = _said(fields)
    return [Booking(other, mine, reason, one, said), Booking(one, theirs, reason, other, said)]


def _side(each: Located, fields: Fields, zone: tzinfo, manifests: Manifests) -> tuple[str, Times | None]:
    inner = Fields(each, fields.findings, f"a side of {fields.what}")
    side = read_person(inner, manifests), read_times(inner, read_zone(inner) or zone)
    inner.finish()
    return side


def _said(fields: Fields) -> Said:
    return Said(fields.findings.path, *fields.place)
