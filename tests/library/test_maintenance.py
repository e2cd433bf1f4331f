"""`maintenance` and calendars: what is read, and what is wrong with it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.library.compile import compile_library
from app.library.folder import read_folder
from app.library.lint import lint

ESTATE = "teams: {shop: {}}\nservices: {cart: {team: shop}, db: {}}\n"


def compiled(text: str, **files: str):
    named = {name.replace("_", "."): each for name, each in files.items()}
    return compile_library({"x.yaml": ESTATE + "maintenance:\n" + text, **named}).maintenance


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_once_in_local_time():
    (window,) = compiled(
        "- {start: 2026-12-01T22:00:00, end: 2026-12-02T02:00:00, timezone: Europe/Berlin, reason: move}"
    )
    assert window.schedule.active(at("2026-12-01T20:59:59")) is None
    assert window.schedule.active(at("2026-12-01T21:00")) == at("2026-12-02T01:00")
    assert window.schedule.active(at("2026-12-02T01:00")) is None
    assert (window.name, window.reason) == ("1", "move")


def test_once_with_a_duration_and_a_moment_that_bears_its_zone():
    (window,) = compiled("- {start: 2026-12-01T22:00:00+01:00, duration: 90m}")
    assert window.schedule.active(at("2026-12-01T22:00")) == at("2026-12-01T22:30")


def test_by_a_rule():
    (window,) = compiled(
        "- {name: sunday, start: 2026-11-01T02:00:00, duration: 4h, rrule: FREQ=WEEKLY;BYDAY=SU, timezone: Europe/Berlin}"
    )
    assert window.schedule.active(at("2026-11-08T02:00")) == at("2026-11-08T05:00")
    assert window.name == "sunday"


CONCERNS = [
    ("", {}, "cart", "shop", True),
    ("services: [cart]", {}, "cart", "shop", True),
    ("services: [cart]", {}, "db", "", False),
    ("services: [cart]", {}, "", "", False),
    ("teams: [shop]", {}, "cart", "shop", True),
    ("teams: [shop]", {}, "db", "", False),
    ("services: [cart, db], teams: [shop]", {}, "db", "", False),
    ("matchers: ['zone=\"a\"']", {"zone": "a"}, "db", "", True),
    ("matchers: ['zone=\"a\"']", {"zone": "b"}, "db", "", False),
    ("services: [db], matchers: ['zone=\"a\"', 'x=\"\"']", {"zone": "a"}, "db", "", True),
]


@pytest.mark.parametrize(("scope", "labels", "service", "team", "concerned"), CONCERNS)
def test_whom_it_concerns(scope, labels, service, team, concerned):
    (window,) = compiled(f"- {{start: 2026-12-01T22:00:00Z, duration: 1h, {scope}}}")
    assert window.concerns(labels, service, team) is concerned


CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//x//y
BEGIN:VEVENT
UID:weekly
SUMMARY:Weekly patches
DTSTART;TZID=Europe/Berlin:20261101T020000
DTEND;TZID=Europe/Berlin:20261101T040000
RRULE:FREQ=WEEKLY;BYDAY=SU
EXDATE;TZID=Europe/Berlin:20261108T020000
RDATE;TZID=Europe/Berlin:20261110T020000
END:VEVENT
BEGIN:VEVENT
UID:weekly
RECURRENCE-ID;TZID=Europe/Berlin:20261115T020000
SUMMARY:Later this time
DTSTART;TZID=Europe/Berlin:20261115T100000
DURATION:PT1H
END:VEVENT
BEGIN:VEVENT
UID:day
SUMMARY:Stocktaking
DTSTART;VALUE=DATE:20261224
END:VEVENT
BEGIN:VEVENT
UID:off
STATUS:CANCELLED
SUMMARY:Not at all
DTSTART:20261120T000000Z
DTEND:20261121T000000Z
END:VEVENT
BEGIN:VEVENT
UID:utc
SUMMARY:By UTC
DTSTART:20261130T000000Z
DTEND:20261130T010000Z
END:VEVENT
END:VCALENDAR
"""
NAMED = "- {calendar: plan.ics, services: [db], timezone: Europe/Berlin}"

HELD = [
    ("2026-11-01T01:30", "Weekly patches", "2026-11-01T03:00"),
    ("2026-11-08T01:30", None, None),  # taken out
    ("2026-11-10T01:30", "Weekly patches", "2026-11-10T03:00"),  # put in
    ("2026-11-15T01:30", None, None),  # moved
    ("2026-11-15T09:30", "Later this time", "2026-11-15T10:00"),
    ("2026-11-22T01:30", "Weekly patches", "2026-11-22T03:00"),
    ("2026-12-23T22:59", None, None),
    ("2026-12-23T23:00", "Stocktaking", "2026-12-24T23:00"),
    ("2026-11-20T12:00", None, None),
    ("2026-11-30T00:30", "By UTC", "2026-11-30T01:00"),
]


@pytest.mark.parametrize(("moment", "title", "end"), HELD)
def test_a_calendar(moment, title, end):
    windows = compiled(NAMED, plan_ics=CALENDAR)
    assert {each.services for each in windows} == {("db",)}
    holding = [(each.reason, each.schedule.active(at(moment))) for each in windows]
    assert [each for each in holding if each[1]] == ([(title, at(end))] if title else [])


def test_a_folder_is_read_with_its_calendars(tmp_path):
    (tmp_path / "plan.ics").write_text(CALENDAR)
    (tmp_path / "x.yaml").write_text(ESTATE + "maintenance:\n" + NAMED)
    files = read_folder(tmp_path)
    assert sorted(files) == ["plan.ics", "x.yaml"]
    assert compile_library(files).hash != compile_library({**files, "plan.ics": CALENDAR + "\n"}).hash


def problems(text: str, path: str = "x.yaml", **files: str) -> list[str]:
    named = {name.replace("_", "."): each for name, each in files.items()}
    found = lint({"x.yaml": ESTATE + "maintenance:\n" + text, **named})
    return [str(each) for each in found if each.path == path and "nobody is paged" not in each.message]


WRONG = [
    ("- {}", "x.yaml:4:3: error: a maintenance window needs start"),
    ("- {start: 2026-12-01T22:00:00Z}", "needs end"),
    ("- {start: 2026-12-01T22:00:00, end: 2026-12-01T23:00:00}", "is no moment; write it as 2026-12-01T22:00:00 beside a timezone:"),
    ("- {start: 9999-12-31T22:00:00Z, duration: 9d}", "is no moment"),
    ("- {start: tomorrow, duration: 1h}", "'tomorrow' is no moment"),
    ("- {start: 2026-12-01T22:00:00Z, end: 2026-12-01T21:00:00Z}", "x.yaml:4:38: error: the window ends before it begins"),
    ("- {start: 2026-12-01T22:00:00Z, end: 2026-12-01T23:00:00Z, duration: 1h}", "both end: and duration:"),
    ("- {start: 2026-12-01T22:00:00Z, duration: 1h, timezone: Europe/Berlyn}", "did you mean 'Europe/Berlin'?"),
    ("- {start: 2026-12-01T22:00:00Z, duration: 1h, timezone: CEST}", "timezone: 'CEST' is unknown"),
    ("- {start: 2026-12-01T22:00:00Z, duration: 1h, services: [cort]}", "did you mean 'cart'?"),
    ("- {start: 2026-12-01T22:00:00Z, duration: 1h, teams: [x]}", "maintenance.teams: 'x' is unknown"),
    ("- {start: 2026-12-01T22:00:00Z, duration: 1h, matchers: [a=1, a=2]}", "matchers can never match"),
    ("- {start: 2026-12-01T22:00:00Z, duration: 1h, matchers: [a]}", "is not a matcher"),
    ("- {start: 2026-12-01T22:00:00Z, duration: 1h, rule: x}", "has no 'rule'"),
    ("- {start: 2026-12-01T22:00:00Z, rrule: FREQ=DAILY}", "needs duration"),
    ("- {start: 2026-12-01T22:00:00Z, rrule: FREQ=DAILY, duration: 0s}", "needs duration"),
    ("- {start: 2026-12-01T22:00:00Z, rrule: FREQ=DAILY, duration: 1h, end: 2026-12-01T23:00:00Z}", "no end:"),
    ("- {rrule: FREQ=DAILY, duration: 1h}", "needs start"),
    ("- {start: 2026-12-01T22:00:00, rrule: FREQ=DAILY, duration: 1h}", "beside a timezone:, or as 2026-12-01T21:00:00Z"),
    ("- {start: 2026-12-01T22:00:00Z, rrule: FREQ=HOURLY, duration: 1h}", "x.yaml:4:40: error: rrule:"),
    ("- {calendar: plan.ics}", "there is no .ics file in the folder"),
    ("- {calendar: plan.ics, rrule: FREQ=DAILY}", "rrule: beside calendar:"),
    ("- x", "is no map"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "words"), WRONG)
def test_what_is_wrong(text, words):
    found = problems(text)
    assert [each for each in found if words in each and " error: " in each], found


def test_a_calendar_that_is_not_there_is_named():
    assert any("did you mean 'plan.ics'?" in each for each in problems("- {calendar: plam.ics}", plan_ics=""))


def test_a_calendar_that_nobody_names_mutes_nothing_and_lint_says_so():
    found = problems("", path="plan.ics", plan_ics=CALENDAR)
    assert len(found) == 1
    assert "advice: no manifest names this calendar" in found[0]


def event(*lines: str) -> str:
    inside = "\n".join(["BEGIN:VEVENT", "SUMMARY:It", *lines, "END:VEVENT"])
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n{inside}\nEND:VCALENDAR\n"


BROKEN = [
    ("hello", "plan.ics:1:1: error: it is no calendar"),
    ("", "is no calendar"),
    (event(), "plan.ics:4:1: error: event 'It': it has no DTSTART"),
    (event("DTSTART:nonsense"), "DTSTART cannot be read"),
    (event("DTSTART:20261201T220000", "DTEND:20261201T230000"), "says no zone"),
    (event("DTSTART;TZID=Mars/Base:20261201T220000", "DURATION:PT1H"), "'Mars/Base', which is no IANA zone"),
    (event("DTSTART:20261201T220000Z"), "it ends when it begins"),
    (event("DTSTART:20261201T220000Z", "DTEND:20261201T210000Z"), "it ends when it begins, or before"),
    (event("DTSTART:99991231T220000Z", "DURATION:P9D"), "out of range"),
    (event("DTSTART:20261201T220000Z", "DURATION:P999D"), "it lasts longer than 366 days"),
    (event("DTSTART;TZID=Europe:20261201T220000", "DURATION:PT1H"), "is no calendar"),
    (event("DTSTART:20261201T220000Z", "DURATION:-PT1H"), "it ends when it begins, or before"),
    (event("DTSTART:20261201T220000Z", "DURATION:PT1H", "RRULE:FREQ=HOURLY"), "FREQ=HOURLY"),
    (event("DTSTART:20261201T220000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY;UNTIL=20260101T000000Z"), "never comes"),
    (event("DTSTART:20261201T220000Z", "DURATION:PT1H", "EXDATE:x"), "cannot be read"),
    (event("DTSTART:20261201T220000Z", "DTSTART:20261202T220000Z", "DURATION:PT1H"), "it has several DTSTART"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "words"), BROKEN)
def test_what_is_wrong_with_a_calendar(text, words):
    found = problems("- {calendar: plan.ics}", path="plan.ics", plan_ics=text)
    assert [each for each in found if words in each], found


def test_very_many_events_are_refused():
    many = event().replace("END:VCALENDAR\n", "BEGIN:VEVENT\nEND:VEVENT\n" * 500 + "END:VCALENDAR\n")
    assert any(
        "at most 500" in each for each in problems("- {calendar: plan.ics}", "plan.ics", plan_ics=many)
    )
