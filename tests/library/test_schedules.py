"""`schedules` and `absences`: what is read, and what is wrong with it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.core.schedules.final import duty, on_call
from app.library.compile import compile_library, examine
from app.library.windows import WindowError, read_windows
from app.model.schedule import Duty
from tests.core.schedules.rotas import WHO, library_of

PEOPLE = """people:
  alice: {name: Alice Arslan, identities: ["mail:a.arslan@example.com"], timezone: Europe/Berlin}
  bruno: {name: Bruno Baptista, timezone: Europe/Lisbon}
"""
BERLIN = "schedules:\n  s:\n    timezone: Europe/Berlin\n"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def event(*lines: str) -> str:
    inner = "\r\n".join(lines)
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\n{inner}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"


MONDAY = ("DTSTART;TZID=Europe/Berlin:20261130T090000", "DURATION:PT8H")


def test_a_later_layer_covers_an_earlier_one_where_it_is_heard():
    layers = "    layers: [{name: base, people: [ann], start: 2026-01-05T09:00:00}, "
    layers += "{name: top, people: [bob], start: 2026-01-05T09:00:00, end: 2026-12-01T09:00:00, only: [mon-fri 09:00-17:00]}]"
    schedule = library_of(BERLIN + layers).schedules["s"]
    assert duty(schedule, at("2026-11-30T08:00")) == Duty("bob", "top")
    assert duty(schedule, at("2026-11-30T16:00")) == Duty("ann", "base")
    assert on_call(schedule, at("2026-12-02T08:00")) == "ann"  # the top layer has ended
    assert duty(schedule, at("2026-01-05T07:59")) == Duty()  # nothing has begun


def test_a_swap_is_two_overrides():
    swaps = "    layers: [{people: [ann, bob], rotation: daily, start: 2026-11-30T09:00:00}]\n"
    swaps += "    swaps: [{between: [{person: ann, start: 2026-11-30T09:00:00, duration: 24h}, "
    swaps += "{person: bob, start: 2026-12-01T09:00:00, end: 2026-12-02T09:00:00}]}]"
    schedule = library_of(BERLIN + swaps).schedules["s"]
    assert duty(schedule, at("2026-11-30T08:00")) == Duty("bob", "override", "ann")
    assert duty(schedule, at("2026-12-01T08:00")) == Duty("ann", "override", "bob")
    assert duty(schedule, at("2026-12-02T08:00")) == Duty("ann", "layer 1")


def test_who_is_away_is_passed_over_in_layers_and_overrides():
    text = BERLIN + "    layers: [{people: [ann, bob, cai], rotation: daily, start: 2026-11-30T09:00:00}]\n"
    text += "    overrides: [{person: bob, days: 2026-12-01}]\n"
    text += (
        "absences:\n  - {person: ann, days: 2026-11-30..2026-12-02, timezone: Europe/Berlin, reason: ill}\n"
    )
    text += "  - {person: bob, start: 2026-12-01T12:00:00Z, duration: 2h}\n"
    library = library_of(text)
    schedule = library.schedules["s"]
    assert duty(schedule, at("2026-11-30T08:00")) == Duty("bob", "layer 1", "ann")
    assert duty(schedule, at("2026-12-01T11:59")) == Duty("bob", "override")
    assert duty(schedule, at("2026-12-01T12:00")) == Duty("cai", "layer 1", "bob")
    assert [each.reason for each in library.away["ann"]] == ["ill"]


def test_who_is_away_every_friday():
    text = BERLIN + "    layers: [{people: [ann, bob], start: 2026-11-30T09:00:00}]\n"
    text += "absences: [{person: ann, start: 2026-11-06T00:00:00, duration: 24h, rrule: FREQ=WEEKLY, timezone: Europe/Berlin}]"
    schedule = library_of(text).schedules["s"]
    assert [on_call(schedule, at(f"2026-12-0{day}T12:00")) for day in (3, 4, 5)] == ["ann", "bob", "ann"]


NAMED = [
    (("SUMMARY:alice",), "alice"),
    (("SUMMARY:On call: Bruno Baptista",), "bruno"),
    (("SUMMARY:on-call ALICE (first)",), "alice"),
    (("SUMMARY:rota", "ATTENDEE;CN=A:mailto:a.arslan@example.com"), "alice"),
    (("SUMMARY:rota", "ATTENDEE:mailto:bruno@example.com"), "bruno"),
    (("SUMMARY:rota", "ATTENDEE;CN=Bruno Baptista:mailto:x@example.com"), "bruno"),
    (("SUMMARY:alice", "ATTENDEE:mailto:bruno@example.com"), "bruno"),
    (("SUMMARY:alice", "ATTENDEE;PARTSTAT=DECLINED:mailto:bruno@example.com"), "alice"),
]


@pytest.mark.parametrize(("lines", "person"), NAMED)
def test_an_event_means_who_is_invited_else_who_its_title_names(lines, person):
    files = {
        "x.yaml": PEOPLE + BERLIN + "    layers: [{calendar: rota.ics}]",
        "rota.ics": event(*MONDAY, *lines),
    }
    schedule = compile_library(files).schedules["s"]
    assert on_call(schedule, at("2026-11-30T07:59:59")) == ""
    assert on_call(schedule, at("2026-11-30T08:00")) == person
    assert on_call(schedule, at("2026-11-30T16:00")) == ""


def test_a_folder_of_calendars_is_a_layer_and_a_calendar_says_who_is_away():
    files = {
        "x.yaml": PEOPLE + BERLIN + "    layers: [{calendar: rota}]\nabsences: [{calendar: leave.ics}]",
        "rota/a.ics": event(*MONDAY, "RRULE:FREQ=WEEKLY", "SUMMARY:alice"),
        "rota/b.ics": event(*MONDAY, "RRULE:FREQ=DAILY", "SUMMARY:bruno"),
        "leave.ics": event(
            "DTSTART;VALUE=DATE:20261207",
            "DTEND;VALUE=DATE:20261208",
            "SUMMARY:Alice Arslan: leave",
            "TRANSP:OPAQUE",
        ),
    }
    files["x.yaml"] = files["x.yaml"].replace(
        "calendar: leave.ics", "calendar: leave.ics, timezone: Europe/Berlin"
    )
    schedule = compile_library(files).schedules["s"]
    assert [on_call(schedule, at(f"2026-{day}T08:00")) for day in ("11-30", "12-01", "12-07", "12-14")] == [
        "alice",
        "bruno",
        "bruno",
        "alice",
    ]
    assert schedule.layers[0].bookings[1].said.path == "rota/b.ics"


WEEK = [
    ("mon-fri 09:00-17:00", [(day, 9 * 60, 8 * 60) for day in range(5)]),
    ("sat, sun", [(5, 0, 1440), (6, 0, 1440)]),
    ("22:00-06:00", [(day, 22 * 60, 8 * 60) for day in range(7)]),
    ("Mon 08:00-24:00", [(0, 8 * 60, 16 * 60)]),
    ("fri-mon", [(0, 0, 1440), (4, 0, 1440), (5, 0, 1440), (6, 0, 1440)]),
    ("fri 17:00 - mon 09:00", [(4, 17 * 60, 64 * 60)]),
    ("mon 09:00 - mon 09:00", [(0, 9 * 60, 7 * 1440)]),
]


@pytest.mark.parametrize(("text", "windows"), WEEK)
def test_times_of_a_week(text, windows):
    day, minute = timedelta(days=1), timedelta(minutes=1)
    found = [(w.begins // day, w.begins % day // minute, w.lasts // minute) for w in read_windows(text)]
    assert found == windows


@pytest.mark.parametrize(
    "text",
    [
        "",
        "noon",
        "mon-fry",
        "09:00",
        "25:00-26:00",
        "09:60-10:00",
        "24:00-25:00",
        "24:00-08:00",
        "mon 09:00-",
    ],
)
def test_what_is_no_time_of_a_week(text):
    with pytest.raises(WindowError):
        read_windows(text)


LAYER = "    layers: [{people: [ann, bob], start: 2026-01-05T09:00:00"
WRONG = [
    ("schedules: {s: {layers: [{people: [ann], start: 2026-01-05T09:00:00}]}}", "schedule s does not say its timezone"),
    ("schedules: {s: {timezone: Europe/Berlyn}}", "did you mean 'Europe/Berlin'?"),
    (BERLIN, "schedule s has no layer"),
    (BERLIN + "    layers: [{start: 2026-01-05T09:00:00}]", "a layer of s names nobody"),
    (BERLIN + "    layers: [{people: [anne], start: 2026-01-05T09:00:00}]", "did you mean 'ann'?"),
    (BERLIN + "    layers: [{people: [ann]}]", "does not say its first handoff"),
    (BERLIN + "    layers: [{people: [ann], start: 2026-01-05T09:00:00+01:00}]", "is no local time"),
    (BERLIN + LAYER + ", rotation: yearly}]", "rotation: 'yearly' is unknown"),
    (BERLIN + LAYER + ", rotation: custom}]", "does not say how long its shifts last"),
    (BERLIN + LAYER + ", rotation: custom, lengths: [1h]}]", "'1h' is no time from 2h"),
    (BERLIN + LAYER + ", lengths: [12h]}]", "lengths: are of a custom rotation"),
    (BERLIN + LAYER + ", every: 0}]", "every is no whole number"),
    (BERLIN + LAYER + ", only: [mon-fry]}]", "'mon-fry' is no time of a week"),
    (BERLIN + LAYER + ", handoff: 09:00}]", "has no 'handoff'"),
    (BERLIN + "    layers: [{calendar: rota.ics}]", "there is no calendar 'rota.ics'"),
    (BERLIN + LAYER + "}]\n    gaps: fine", "gaps: 'fine' is unknown"),
    (BERLIN + LAYER + "}]\n    overrides: [{person: zoe, days: 2026-12-24}]", "person: 'zoe' is unknown"),
    (BERLIN + LAYER + "}]\n    overrides: [{person: ann, days: 24 December}]", "'24 December' are no days"),
    (BERLIN + LAYER + "}]\n    overrides: [{person: ann, days: 2026-12-24..2026-12-20}]", "ends before it begins"),
    (BERLIN + LAYER + "}]\n    overrides: [{days: 2026-12-24}]", "an override of s needs person"),
    (BERLIN + LAYER + "}]\n    overrides: [{person: ann}]", "an override of s needs start"),
    (BERLIN + LAYER + "}]\n    swaps: [{between: [{person: ann, days: 2026-12-24}]}]", "a swap of s is between two"),
    ("absences: [{person: ann, days: 2026-12-24}]", "say no zone"),
    ("absences: [{days: 2026-12-24, timezone: UTC}]", "an absence needs person"),
    (BERLIN + LAYER + "}]\n" + BERLIN, "'schedules' is given twice"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "told"), WRONG)
def test_what_is_wrong_is_told(text, told):
    problems = [str(each) for each in examine({"x.yaml": WHO + text})[1]]
    assert any(told in each for each in problems), problems


BROKEN = [
    ("FREQ=FORTNIGHTLY;BYDAY=MO", "RRULE cannot be read: Expected frequency, got: FORTNIGHTLY"),
    ("FREQ=WEEKLY;BYDAY=2MO", "a day with a number, such as 2MO, is of a month or year"),
    ("FREQ=HOURLY", "'FREQ=HOURLY' is no part of a recurrence rule that is followed here"),
]


@pytest.mark.parametrize(("rule", "why"), BROKEN)
def test_a_calendar_with_a_broken_rule_is_told_with_file_and_line(rule, why):
    files = {
        "x.yaml": PEOPLE + BERLIN + "    layers: [{calendar: rota.ics}]",
        "rota.ics": event(*MONDAY, "SUMMARY:alice", f"RRULE:{rule}"),
    }
    (problem,) = examine(files)[1]
    assert str(problem).startswith(f"rota.ics:3:1: error: event 'alice': {why}")
    assert "; mend its RRULE where the calendar comes from" in str(problem)


def test_a_calendar_that_names_nobody_or_two_is_told_with_file_and_line():
    files = {"x.yaml": PEOPLE + BERLIN + "    layers: [{calendar: rota.ics}]"}
    told = [
        str(examine({**files, "rota.ics": event(*MONDAY, f"SUMMARY:{title}")})[1][0])
        for title in ("Carla", "alice and bruno")
    ]
    assert told[0].startswith("rota.ics:3:1: error: event 'Carla': it means nobody")
    assert "it means alice and bruno" in told[1]


def test_the_example_of_the_docs_is_right():
    docs = Path(__file__).parents[2] / "docs" / "schedules.md"
    text = docs.read_text(encoding="utf-8").split("```yaml\n")[1].split("```")[0]
    rota = event(*MONDAY, "RRULE:FREQ=WEEKLY", "SUMMARY:alice")
    leave = event("DTSTART;VALUE=DATE:20261130", "SUMMARY:bruno at the sea")
    library = compile_library({"x.yaml": PEOPLE + text, "rota/shop.ics": rota, "leave.ics": leave})
    shop = library.schedules["shop"]
    assert len(shop.layers) == 3
    assert [each.person for each in shop.overrides] == ["alice", "bruno", "bruno", "alice"]
    assert sorted((who, len(times)) for who, times in library.away.items()) == [("alice", 1), ("bruno", 2)]


ODD = [
    "schedules: [1]",
    "schedules: 3",
    "schedules: {s: 3}",
    "schedules: {s: [x]}",
    "schedules: {s: }",
    "absences: 3",
    "absences: [[x]]",
    "absences: [{person: [ann], days: [2026-12-24]}]",
    "absences: [{calendar: [x]}]",
    "absences: [{person: ann, days: 0001-01-01..9999-12-31, timezone: UTC}]",
    "absences: [{person: ann, start: 2026-12-24, duration: 1h, rrule: FREQ=DAILY, days: 2026-12-24, timezone: 3}]",
    BERLIN + "    layers: 5",
    BERLIN + "    layers: [[1], {calendar: }, {calendar: 3}, {people: {a: b}}]",
    BERLIN + "    layers: [{people: [[ann]], start: [x], only: [[x], {a: b}], lengths: [{a: 1}], every: x}]",
    BERLIN + "    layers: [{people: [ann], start: 9999-12-31T00:00:00}]",
    BERLIN + f"    layers: [{{people: [ann], start: 2026-01-05T09:00:00, rotation: custom, lengths: [{'2h, ' * 101}]}}]",
    BERLIN + "    swaps: 3\n    overrides: x",
    BERLIN + "    swaps: [{between: [1, 2]}, {between: {a: b}}]\n    overrides: [1, {days: 2026-13-45, person: ann}]",
]  # fmt: skip


@pytest.mark.parametrize("text", ODD)
def test_whatever_is_written_is_told_and_nothing_breaks(text):
    _, problems = examine({"x.yaml": WHO + text})
    assert text == "schedules: {s: }" or any(
        each.level == "error" and each.path == "x.yaml" for each in problems
    )


FAR = [
    ("rotation: monthly, every: 1000", "2399-12-31T23:59:59"),
    ("rotation: hourly, every: 1000", "1970-01-01T00:00:00"),
    ("rotation: custom, lengths: [366d, 2h]", "1970-01-01T00:00:00"),
]


@pytest.mark.parametrize(("rotation", "start"), FAR)
def test_rotations_from_far_away(rotation, start):
    layers = f"    layers: [{{people: [ann, bob], {rotation}, start: {start}}}]"
    schedule = library_of(BERLIN + layers).schedules["s"]
    assert [
        on_call(schedule, at(f"{year}-06-01T00:00")) in ("ann", "bob") for year in (1971, 2026, 2398)
    ] == [start.startswith("1970")] * 3
