"""A layer of a schedule: people who take turns, or calendars that name who is on call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

from app.library.fields import Fields, parse_duration
from app.library.named import NobodyError, person_of
from app.library.planned import YEARS, read_calendars
from app.library.problems import Findings, suggest
from app.library.windows import MEND, WindowError, read_windows
from app.library.zones import read_zone
from app.model.schedule import Booking, Calendar, Layer, Rota, Rotation, Said, Unit, Window

if TYPE_CHECKING:
    from app.library.manifests import Manifests

LEAST, MOST = timedelta(hours=2), timedelta(days=366)
"""How long a shift of a custom rotation may last: more than a clock is put forward, so that none is skipped."""
MOST_PARTS = 100
"""How many lengths a custom rotation may have, and how many times of a week a layer may be heard in."""
_START = "such as 2026-11-30T09:00:00, in the schedule's own time zone"


@dataclass(frozen=True)
class Reading:
    """What a layer is read with: what manifests say, and the calendars of the folder."""

    manifests: Manifests
    files: Mapping[str, str]
    findings: Mapping[str, Findings]


def read_layer(fields: Fields, number: int, zone: tzinfo, reading: Reading) -> Layer | None:
    """Read a layer, named by its number where it bears no name; None where it is wrong, which is told."""
    name = fields.text("name", f"layer {number}")
    own = read_zone(fields) or zone
    layer = (
        _calendar(name, fields, own, reading)
        if "calendar" in fields
        else _rota(name, fields, own, reading.manifests)
    )
    fields.finish()
    return layer


def _calendar(name: str, fields: Fields, zone: tzinfo, reading: Reading) -> Calendar:
    bookings = []
    for path, event in read_calendars(fields, zone, reading.files, reading.findings):
        said = Said(path, *event.place)
        try:
            who = person_of(event, reading.manifests.people)
        except NobodyError as error:
            mend = "invite a person of the library, or put their id into the title"
            reading.findings[path].error(event.place, f"event {event.title!r}: {error}", mend)
            continue
        bookings.append(Booking(who, event.schedule, event.title, said=said))
    return Calendar(name, tuple(bookings), Said(fields.findings.path, *fields.place))


def _rota(name: str, fields: Fields, zone: tzinfo, manifests: Manifests) -> Rota | None:
    people = _people(fields, manifests)
    rotation = _rotation(fields)
    only = tuple(
        window for each in fields.items("only") for window in _windows(str(each.value), each.place, fields)
    )
    end = _local("end", fields)
    if not people or rotation is None:
        return None
    return Rota(name, people, rotation, zone, only, end, Said(fields.findings.path, *fields.place))


def _people(fields: Fields, manifests: Manifests) -> tuple[str, ...]:
    known = manifests.people
    for each in fields.items("people"):
        if str(each.plain()) not in known:
            mend = suggest(str(each.plain()), sorted(known)) if known else "say who there is under people:"
            fields.findings.error(each.place, f"people: {each.plain()!r} is unknown", mend)
    people = fields.texts("people")
    if not people:
        words = f"{fields.what} names nobody"
        fields.findings.error(fields.place_of("people"), words, "give it people:, or calendar:")
    return tuple(each for each in people if each in known)


def _rotation(fields: Fields) -> Rotation | None:
    for name in ("lengths", "only"):
        if len(fields.items(name)) > MOST_PARTS:
            words = f"{name}: has more than {MOST_PARTS} entries"
            fields.findings.error(fields.place_of(name), words, "make it layers")
            return None
    unit = fields.word("rotation", Unit) or Unit.WEEKLY
    every = fields.whole("every", 1, least=1, most=1000)
    lengths = tuple(
        length for each in fields.items("lengths") if (length := _length(each.value, each.place, fields))
    )
    if unit is Unit.CUSTOM and not lengths:
        words = "a custom rotation does not say how long its shifts last"
        fields.findings.error(fields.place_of("rotation"), words, "such as lengths: [5d, 2d]")
        return None
    if unit is not Unit.CUSTOM and lengths:
        words = f"lengths: are of a custom rotation, and this one is {unit}"
        fields.findings.error(fields.place_of("lengths"), words, "write rotation: custom, or take them out")
    if unit is Unit.CUSTOM and "every" in fields:
        fields.findings.error(fields.place_of("every"), "every: beside lengths:", "take it out")
    if "start" not in fields:
        words = f"{fields.what} does not say its first handoff, start:"
        fields.findings.error(fields.place, words, _START)
    start = _local("start", fields)
    return Rotation(start, unit, every, lengths) if start is not None else None


def _length(value: object, place: tuple[int, int], fields: Fields) -> timedelta | None:
    length = parse_duration(value)
    if length is None or not LEAST <= length <= MOST or length % timedelta(minutes=1):
        words = f"lengths: {value!r} is no time from 2h to 366d in whole minutes"
        fields.findings.error(place, words, "such as [5d, 2d] or [8h, 8h, 8h]")
        return None
    return length


def _windows(text: str, place: tuple[int, int], fields: Fields) -> list[Window]:
    try:
        return read_windows(text)
    except WindowError as error:
        fields.findings.error(place, f"only: {error}", MEND)
        return []


def _local(name: str, fields: Fields) -> datetime | None:
    """Give a local time without a zone, in whole seconds."""
    found = fields.located(name)
    if found is None:
        return None
    try:
        local = datetime.fromisoformat(str(found.value))
    except ValueError:
        local = None
    if local is None or local.tzinfo is not None or local.year not in YEARS or local.microsecond:
        fields.findings.error(found.place, f"{name}: {found.value!r} is no local time", _START)
        return None
    return local
