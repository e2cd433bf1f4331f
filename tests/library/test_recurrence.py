"""Recurrence rules in local time, across changes of the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.library.recurrence import Recurring, RuleError
from app.library.zones import zone_names, zone_of

BERLIN, SYDNEY = zone_of("Europe/Berlin"), zone_of("Australia/Sydney")
HOUR = timedelta(hours=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def recurring(rule: str, start: str = "2026-01-01T02:30", *, hours: float = 2, zone=BERLIN, but=()):
    return Recurring(
        rule,
        datetime.fromisoformat(start),
        hours * HOUR,
        zone,
        but=[datetime.fromisoformat(x) for x in but],
    )


CASES = [
    # rule and more, a moment in UTC, when the window ends
    ("FREQ=DAILY", {}, "2026-01-15T01:29:59", None),
    ("FREQ=DAILY", {}, "2026-01-15T01:30", "2026-01-15T03:30"),
    ("FREQ=DAILY", {}, "2026-01-15T03:29:59", "2026-01-15T03:30"),
    ("FREQ=DAILY", {}, "2026-01-15T03:30", None),
    ("FREQ=DAILY", {}, "2026-07-15T00:30", "2026-07-15T02:30"),  # summer: an hour earlier
    ("FREQ=DAILY", {}, "2025-12-31T01:30", None),  # before its start
    # the clock goes from 02:00 to 03:00 on 29 March: 02:30 is read by the offset before
    ("FREQ=DAILY", {}, "2026-03-29T01:29", None),
    ("FREQ=DAILY", {}, "2026-03-29T01:30", "2026-03-29T03:30"),
    # and from 03:00 to 02:00 on 25 October: 02:30 comes twice, the first counts
    ("FREQ=DAILY", {}, "2026-10-25T00:30", "2026-10-25T02:30"),
    ("FREQ=DAILY", {}, "2026-10-25T01:01", "2026-10-25T02:30"),  # 02:01 for the second time
    ("FREQ=DAILY", {"hours": 0.75}, "2026-10-25T01:30", None),  # 02:30 for the second time
    ("FREQ=DAILY", {"hours": 12, "start": "2026-01-01T20:00"}, "2026-03-29T06:59", "2026-03-29T07:00"),  # real time
    ("FREQ=DAILY", {"zone": SYDNEY}, "2026-01-14T15:30", "2026-01-14T17:30"),  # another day there
    ("FREQ=WEEKLY;BYDAY=SA,SU", {}, "2026-01-04T02:00", "2026-01-04T03:30"),
    ("FREQ=WEEKLY;BYDAY=SA,SU", {}, "2026-01-05T02:00", None),
    ("FREQ=WEEKLY;INTERVAL=2;BYDAY=SU", {}, "2026-01-11T02:00", None),
    ("FREQ=WEEKLY;INTERVAL=2;BYDAY=SU", {}, "2026-01-18T02:00", "2026-01-18T03:30"),
    ("FREQ=MONTHLY;BYDAY=2TU", {}, "2026-02-10T02:00", "2026-02-10T03:30"),
    ("FREQ=MONTHLY;BYDAY=-1FR", {}, "2026-02-27T02:00", "2026-02-27T03:30"),
    ("FREQ=MONTHLY;BYMONTHDAY=-1", {}, "2026-02-28T02:00", "2026-02-28T03:30"),
    ("FREQ=MONTHLY;BYMONTHDAY=31", {}, "2026-02-28T02:00", None),
    ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", {}, "2028-02-29T02:00", "2028-02-29T03:30"),
    ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", {}, "2026-01-30T02:00", "2026-01-30T03:30"),
    ("FREQ=DAILY;COUNT=3", {}, "2026-01-03T02:00", "2026-01-03T03:30"),
    ("FREQ=DAILY;COUNT=3", {}, "2026-01-04T02:00", None),
    ("FREQ=DAILY;UNTIL=20260103T013000Z", {}, "2026-01-03T02:00", "2026-01-03T03:30"),
    ("FREQ=DAILY;UNTIL=20260103T012959Z", {}, "2026-01-03T02:00", None),
    ("FREQ=DAILY;UNTIL=20260103", {}, "2026-01-03T02:00", "2026-01-03T03:30"),
    ("FREQ=DAILY;UNTIL=20260103", {}, "2026-01-04T02:00", None),
    ("FREQ=DAILY;BYHOUR=2,14;BYMINUTE=0", {}, "2026-01-05T13:30", "2026-01-05T15:00"),
    ("FREQ=DAILY", {"hours": 30}, "2026-01-05T02:00", "2026-01-06T07:30"),  # they overlap: the last end
    ("FREQ=DAILY", {"hours": 30, "but": ["2026-01-05T02:30"]}, "2026-01-05T02:00", "2026-01-05T07:30"),
    ("FREQ=DAILY", {"but": ["2026-01-05T02:30"]}, "2026-01-05T02:00", None),
    ("RRULE:freq=daily;", {}, "2026-01-05T02:00", "2026-01-05T03:30"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "more", "moment", "end"), CASES)
def test_when_a_window_holds(rule, more, moment, end):
    assert recurring(rule, **more).active(at(moment)) == (at(end) if end else None)


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "X",
        "FREQ=SOMETIMES",
        "FREQ=HOURLY",
        "INTERVAL=2",
        "FREQ=DAILY;FREQ=DAILY",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;BYHOUR=24",
        "FREQ=DAILY;BYHOUR=-1",
        "FREQ=MONTHLY;BYMONTHDAY=0",
        "FREQ=DAILY;COUNT=2;UNTIL=20260201",
        "FREQ=DAILY;UNTIL=20261399",
        "FREQ=DAILY;UNTIL=99991231",
        "FREQ=WEEKLY;BYDAY=2MO",
        "FREQ=WEEKLY;BYDAY=MONDAY",
        "FREQ=DAILY;BYEASTER=0",
        "FREQ=DAILY;BYMINUTE=" + ",".join(map(str, range(30))),
        "FREQ=MONTHLY;BYMONTHDAY=" + "1," * 300 + "1",
        # what never comes
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MONTHLY;INTERVAL=12;BYMONTH=3",
        "FREQ=DAILY;INTERVAL=7;BYDAY=MO",
        "FREQ=MONTHLY;BYDAY=6MO",
        "FREQ=DAILY;UNTIL=20251231",
    ],
)
def test_what_is_no_rule_or_never_comes(rule):
    with pytest.raises(RuleError):
        recurring(rule)


def test_zones_are_those_of_the_database_that_is_installed_with_us():
    assert zone_of("Europe/Berlin") is BERLIN
    assert [zone_of(name) for name in ("", "Europe/Nowhere", "../../etc/passwd", "Berlin", "zones")] == [
        None
    ] * 5
    assert all(zone_of(name) for name in zone_names())


@pytest.mark.parametrize(
    ("rule", "hours"),
    [("FREQ=DAILY", 2), ("FREQ=DAILY;BYHOUR=1,2,3", 1), ("FREQ=DAILY", 30), ("FREQ=WEEKLY", 5)],
)
@pytest.mark.parametrize("change", ["2026-03-29T01:00", "2026-10-25T01:00"])
def test_the_windows_written_out_are_those_that_it_is_active_in(rule, hours, change):
    found = recurring(rule, hours=hours)
    start, end = at(change) - 60 * HOUR, at(change) + 60 * HOUR
    windows = found.spans(start, end)
    assert windows == sorted(windows)
    for quarter in range(4 * 120):
        moment = start + quarter * HOUR / 4
        assert found.active(moment) == max((b for a, b in windows if a <= moment < b), default=None)


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;INTERVAL=3",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;WKST=SU",
        "FREQ=WEEKLY;INTERVAL=3;BYDAY=SA;BYHOUR=1,5",
        "FREQ=DAILY;INTERVAL=2;BYMONTH=3,10;BYDAY=SA,SU",
        "FREQ=WEEKLY;BYDAY=TU,SA;BYSETPOS=-1",
        "FREQ=MONTHLY;BYDAY=2SU",
    ],
)
def test_a_rule_that_began_long_ago_is_as_if_it_were_counted_through(rule):
    found = recurring(rule, "2019-02-03T02:30")
    counted = recurring(
        f"{rule};COUNT=4000", "2019-02-03T02:30"
    )  # what is counted is gone through from its start
    for days in range(0, 2500, 17):
        moment = at("2019-02-01T00:00") + days * 24 * HOUR
        assert found.spans(moment, moment + 480 * HOUR) == counted.spans(moment, moment + 480 * HOUR)
