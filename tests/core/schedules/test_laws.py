"""Laws of schedules, whatever they are made of and wherever the clocks are changed."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.schedules.final import duty, is_away, on_call, shifts
from app.core.schedules.rotation import handoffs
from app.core.schedules.wall import instant, wall
from app.library.zones import zone_of
from app.model.noise import Once
from app.model.schedule import Booking, Calendar, Rota, Rotation, Schedule, Unit, Window

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
CHANGES = {
    "Europe/Berlin": ("2026-03-29T01:00", "2026-10-25T01:00"),
    "America/New_York": ("2026-03-08T07:00", "2026-11-01T06:00"),
    "America/Chicago": ("2026-03-08T08:00", "2026-11-01T07:00"),
    "Australia/Lord_Howe": ("2026-04-04T15:00", "2026-10-03T15:30"),
    "Asia/Kolkata": ("2026-03-29T01:00",),
    "Africa/Casablanca": ("2026-02-15T02:00", "2026-03-22T02:00"),
    "Pacific/Apia": ("2011-12-30T10:00",),  # it skipped a whole day when it crossed the date line
}
PLACES = [(zone, at) for zone, all_at in CHANGES.items() for at in all_at]
PEOPLE = ("ann", "bob", "cai", "dee", "eli")

places = st.sampled_from(PLACES).map(lambda each: (zone_of(each[0]), datetime.fromisoformat(each[1] + "Z")))
people = st.permutations(PEOPLE).flatmap(lambda all_: st.integers(1, 5).map(lambda n: tuple(all_[:n])))
minutes = st.integers(0, 24 * 60 - 1).map(lambda n: timedelta(minutes=n))


@st.composite
def rotations(draw, change: datetime, zone):
    unit = draw(st.sampled_from(list(Unit)))
    most = {Unit.HOURLY: 30, Unit.DAILY: 3, Unit.WEEKLY: 2, Unit.MONTHLY: 2, Unit.CUSTOM: 1}[unit]
    lengths = st.lists(st.integers(8, 200).map(lambda n: n * HOUR / 4), min_size=1, max_size=4)
    ago = draw(st.integers(-1, 400))
    midnight = datetime.combine(wall(change, zone), datetime.min.time()) - ago * DAY
    return Rotation(
        midnight + draw(minutes),
        unit,
        draw(st.integers(1, most)),
        tuple(draw(lengths)) if unit is Unit.CUSTOM else (),
    )


@st.composite
def bookings(draw, change: datetime):
    start = change + draw(st.integers(-96, 72)) * HOUR
    return Booking(draw(st.sampled_from(PEOPLE)), Once(start, start + draw(st.integers(1, 60)) * HOUR))


windows = st.builds(
    Window,
    st.tuples(st.integers(0, 6), minutes).map(lambda each: each[0] * DAY + each[1]),
    st.integers(1, 4 * 24 * 7).map(lambda n: n * HOUR / 4),
)


@st.composite
def schedules(draw):
    zone, change = draw(places)
    layers = []
    for number in range(draw(st.integers(1, 3))):
        name = f"layer {number}"
        if draw(st.integers(0, 4)) == 0:
            layers.append(Calendar(name, tuple(draw(st.lists(bookings(change), max_size=3)))))
            continue
        rotation = draw(rotations(change, zone))
        only = tuple(draw(st.lists(windows, max_size=3)))
        end = draw(st.none() | st.just(wall(change + 20 * HOUR, zone)))
        layers.append(Rota(name, draw(people), rotation, zone, only, end))
    overrides = tuple(draw(st.lists(bookings(change), max_size=3)))
    away: dict[str, tuple[Booking, ...]] = {}
    for each in draw(st.lists(bookings(change), max_size=3)):
        away[each.person] = (*away.get(each.person, ()), each)
    return change, Schedule("x", zone, layers=tuple(layers), overrides=overrides, away=away)


@given(schedules(), st.lists(st.integers(-4 * 86_400, 4 * 86_400), min_size=5, max_size=20))
@settings(max_examples=150, deadline=None)
def test_at_every_instant_there_is_exactly_one_shift_and_it_says_who_is_on_call(made, seconds):
    change, schedule = made
    start, end = change - 4 * DAY, change + 4 * DAY
    final = shifts(schedule, start, end)
    assert (final[0].start, final[-1].end) == (start, end)
    assert all(each.start < each.end for each in final)
    assert all(one.end == other.start and one.duty != other.duty for one, other in pairwise(final))
    tried = [change + timedelta(seconds=each) for each in seconds]
    tried += [each.start for each in final] + [each.end - timedelta(milliseconds=1) for each in final]
    for at in tried:
        if start <= at < end:
            (shift,) = [each for each in final if each.start <= at < each.end]
            assert shift.duty == duty(schedule, at), at
            assert on_call(schedule, at) == shift.duty.person


@given(schedules(), st.integers(-90, 70))
@settings(max_examples=150, deadline=None)
def test_nobody_away_is_on_call_and_an_override_covers_all_layers(made, hours):
    change, schedule = made
    at = change + hours * HOUR
    person = on_call(schedule, at)
    assert not is_away(schedule.away, person, at)
    named = [each.person for each in schedule.overrides if each.when.active(at) is not None]
    there = [each for each in named if not is_away(schedule.away, each, at)]
    if there:
        assert person == there[-1]


@given(places.flatmap(lambda p: st.tuples(st.just(p), rotations(p[1], p[0]))), people, st.integers(2, 40))
@settings(max_examples=150, deadline=None)
def test_a_rotation_is_fair_within_one_shift(made, team, days):
    (zone, change), rotation = made
    schedule = Schedule("x", zone, layers=(Rota("x", team, rotation, zone),))
    begins = max(change - days * DAY / 2, instant(rotation.start, zone))
    cuts = [begins, *handoffs(rotation, begins, begins + days * DAY, zone)]
    if zone.key != "Pacific/Apia":  # a day that nobody lived holds shifts that nobody had
        assert all(one < other for one, other in pairwise(cuts))
        turns = Counter(dict.fromkeys(team, 0))
        turns.update(on_call(schedule, at) for at in cuts)
        assert max(turns.values()) - min(turns.values()) <= 1


@given(places.flatmap(lambda p: st.tuples(st.just(p), rotations(p[1], p[0]))), st.integers(-60, 60))
@settings(max_examples=100, deadline=None)
def test_it_is_the_same_as_counting_through_from_the_start(made, hours):
    """The whole rhythm written out from the start, by adding up: what the code that reckons around the instant must come to."""
    (zone, change), rotation = made
    team, at = ("ann", "bob", "cai"), change + hours * HOUR
    begun = [instant(rotation.start, zone)]
    local, number = rotation.start, 0
    while begun[-1] <= at:
        number += 1
        if rotation.unit is Unit.HOURLY:
            begun.append(begun[-1] + rotation.every * HOUR)
            continue
        if rotation.unit is Unit.MONTHLY:
            local = _months_on(rotation.start, number * rotation.every)
        elif rotation.unit is Unit.CUSTOM:
            local += rotation.lengths[(number - 1) % len(rotation.lengths)]
        else:
            local += rotation.every * (DAY if rotation.unit is Unit.DAILY else WEEK)
        begun.append(instant(local, zone))
    turn = bisect_right(begun, at) - 1
    schedule = Schedule("x", zone, layers=(Rota("x", team, rotation, zone),))
    assert on_call(schedule, at) == (team[turn % 3] if turn >= 0 else "")


def _months_on(start: datetime, months: int) -> datetime:
    month = start.month - 1 + months
    for day in (start.day, 30, 29, 28):
        try:
            return start.replace(year=start.year + month // 12, month=month % 12 + 1, day=day)
        except ValueError:
            continue
    raise AssertionError("there is no such month")


@given(places, st.integers(-3 * 24 * 12, 3 * 24 * 12))
@settings(max_examples=300, deadline=None)
def test_a_local_time_is_the_first_moment_at_which_the_clock_shows_it_or_a_later_one(place, steps):
    zone, change = place
    local = wall(change, zone) + steps * timedelta(minutes=5)
    found = instant(local, zone)
    assert wall(found, zone) >= local
    before = [found - timedelta(minutes=n) for n in range(1, 180)] + [found - timedelta(seconds=1)]
    assert all(wall(each, zone) < local for each in before)
    assert found.tzinfo is UTC
