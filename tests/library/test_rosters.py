"""What lint finds in a time: gaps, and who is booked twice."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.library.compile import examine
from app.library.rosters import AHEAD, check_rosters
from tests.core.schedules.rotas import WHO

START = datetime(2026, 3, 1, tzinfo=UTC)
BERLIN = "schedules:\n  s:\n    timezone: Europe/Berlin\n"
BASE = "    layers: [{people: [ann, bob], start: 2026-01-05T09:00:00}]\n"
FIRST = len(WHO.splitlines()) + 1
"""The line on which what a case says begins."""


def calendar(*events: str) -> str:
    inner = "\r\n".join(f"BEGIN:VEVENT\r\nUID:{n}\r\n{each}\r\nEND:VEVENT" for n, each in enumerate(events))
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{inner}\r\nEND:VCALENDAR\r\n"


def told(text: str, start: datetime = START, **files: str) -> list[str]:
    named = {name.replace("_", "."): each for name, each in files.items()}
    library, problems = examine({"x.yaml": WHO + text, **named})
    assert not problems
    return [str(each) for each in check_rosters(library, start, start + AHEAD)]


def test_a_schedule_that_is_whole_has_no_problem():
    assert told(BERLIN + BASE) == []


NIGHT = "DTSTART;TZID=Europe/Berlin:20260101T190000\r\nDURATION:PT8H\r\nRRULE:FREQ=DAILY\r\nSUMMARY:ann"
DAY = "DTSTART;TZID=Europe/Berlin:20260101T030000\r\nDURATION:PT16H\r\nRRULE:FREQ=DAILY\r\nSUMMARY:bob"


def test_a_gap_at_night_on_the_day_the_clocks_change_is_told_and_so_is_the_double_booking_of_the_other_change():
    """Events last real time: 8 h from 19:00 end at 04:00 on 29 March, and at the second 02:00 on 25 October."""
    gap, twice = told(BERLIN + "    layers: [{calendar: rota.ics}]", rota_ics=calendar(NIGHT, DAY))
    assert gap == (
        f"x.yaml:{FIRST + 1}:3: error: schedule s: nobody is on call from Sun 2026-10-25 02:00 CET to Sun 2026-10-25 03:00 CET, "
        "as the clocks change; let a layer or an override cover it, or say gaps: allowed"
    )
    assert twice == (
        "rota.ics:10:1: error: schedule s: two events name ann and bob from Sun 2026-03-29 03:00 CEST to Sun 2026-03-29 04:00 CEST: "
        "ann is on call, by the event that comes first; keep one of them"
    )


def test_a_gap_at_3_in_the_morning_of_the_day_the_clocks_change():
    """Kolkata's night ends at 06:30 there, 01:00Z: at 03:00 CEST, when Berlin's day begins, but at 02:00 CET from 25 October on."""
    layers = '    layers: [{people: [ann], start: 2026-01-01T00:00:00, only: ["03:00-20:00"]}, '
    layers += '{people: [kim], start: 2026-03-28T00:00:00, timezone: Asia/Kolkata, only: ["23:30-06:30"]}]'
    (gap,) = told(BERLIN + layers, datetime(2026, 10, 24, tzinfo=UTC))[:1]
    assert "from Sun 2026-10-25 02:00 CET to Sun 2026-10-25 03:00 CET, as the clocks change" in gap


def test_gaps_may_be_allowed():
    layers = '    layers: [{people: [ann], start: 2026-01-05T09:00:00, only: ["mon-fri 09:00-17:00"]}]\n'
    (gap,) = told(BERLIN + layers)
    assert gap.startswith(
        f"x.yaml:{FIRST + 1}:3: error: schedule s: nobody is on call from Sun 2026-03-01 01:00 CET to Mon"
    )
    assert "and 265 times more until" in gap
    assert told(BERLIN + layers + "    gaps: allowed\n") == []


def test_leave_of_the_only_one_is_told_where_it_is_said():
    text = BERLIN + "    layers: [{people: [ann], start: 2026-01-05T09:00:00}]\n"
    text += "absences:\n  - {person: ann, days: 2026-08-03..2026-08-05, timezone: Europe/Berlin, reason: at the sea}\n"
    (gap,) = told(text)
    assert gap.startswith(
        f"x.yaml:{FIRST + 5}:5: error: schedule s: nobody is on call from Mon 2026-08-03 00:00 CEST to Thu 2026-08-06 00:00 CEST"
        ": ann, who alone is named, is away (at the sea)"
    )


def test_leave_of_all_is_told_and_leave_of_one_is_not():
    text = BERLIN + BASE + "absences:\n  - {person: ann, days: 2026-08-03, timezone: Europe/Berlin}\n"
    assert told(text) == []
    (gap,) = told(text + "  - {person: bob, days: 2026-08-03, timezone: Europe/Berlin}\n")
    assert "all are away: " in gap


WRONG = [
    (
        "    overrides: [{person: ann, days: 2026-08-03}, {person: bob, start: 2026-08-03T12:00:00, duration: 24h}]\n",
        "two overrides name ann and bob from Mon 2026-08-03 12:00 CEST to Tue 2026-08-04 00:00 CEST: bob is on call, by the override further down",
    ),
    (
        "    overrides: [{person: cai, days: 2026-08-03}]\nabsences: [{person: cai, days: 2026-08-03, timezone: Europe/Berlin}]\n",
        "cai is away from Mon 2026-08-03 00:00 CEST to Tue 2026-08-04 00:00 CEST, so that the override is passed over",
    ),
    (
        "    swaps: [{between: [{person: ann, days: 2026-03-03}, {person: bob, days: 2026-03-04}]}]\n",
        "the swap takes a time of bob at which the layers have ann on call",
    ),
]


@pytest.mark.parametrize(("more", "words"), WRONG)
def test_what_is_booked_in_vain_or_twice(more, words):
    found = told(BERLIN + BASE + more)
    assert any(words in each and f"x.yaml:{FIRST + 4}:" in each for each in found), found


def test_a_person_in_two_schedules_at_once_is_advice():
    second = BASE.replace("[ann, bob]", "[bob, ann]")
    other = "  t:\n    timezone: Europe/Berlin\n"
    assert told(BERLIN + BASE + other + second) == []
    (advice,) = told(BERLIN + BASE + other + BASE)
    assert "advice: ann is on call in s and in t at once" in advice or "advice: bob is on call in s" in advice
