"""When an alert began, though clocks are off and news is late."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.core.bounds import CLOCKS, LAGS
from app.core.clocks import (
    MOST_LAG_S,
    clock_of_alert,
    clock_of_event,
    happened,
    note_clock,
    note_lag,
    onset,
)
from app.model.inputs import Alert, SystemEvent
from tests.core.estate import seconds
from tests.core.story import START

HOUR = 3600


def began(second: float | None) -> Alert:
    return Alert(labels={"alertname": "a"}, starts_at=None if second is None else START + seconds(second))


@pytest.mark.parametrize(
    ("lags", "starts", "wanted"),
    [
        ([], 0, 0),
        ([], None, 100),
        ([10, 12, 9, 11], 0, 10),
        ([10, 12, 9, 11], 95, 100),
        ([HOUR + 10] * 4, 80 - HOUR, 90),
        ([10 - HOUR] * 4, 80 + HOUR, 90),
        ([10, 10, 10, 700], 0, 10),
        ([10, 10, 10], -9 * HOUR, 100 - HOUR),
    ],
    ids=[
        "nothing is known of the source",
        "it does not say",
        "later than such news usually is",
        "sooner than usual: not after now",
        "its clock is an hour behind",
        "its clock is an hour ahead",
        "one that came late does not make lateness usual",
        "long ago is an hour ago",
    ],
)
def test_when_an_alert_began(lags, starts, wanted) -> None:
    assert onset(began(starts), START + seconds(100), lags) == START + seconds(wanted)


@pytest.mark.parametrize(
    ("own", "starts", "wanted"),
    [
        ([HOUR + 10] * 2, 80 - HOUR, 90),
        ([HOUR + 20], 80 - HOUR, 100 - HOUR),
        ([10 - HOUR], 80 + HOUR, 90),
        ([610, 610], -510, -500),
        ([610] * 4, -510, 100),
    ],
    ids=[
        "its clock is off, as another alert of it was",
        "the first that comes so late was late",
        "its clock is ahead: none comes before it happens",
        "its clock told of few: a little late is late",
        "its clock told of several that were a little late",
    ],
)
def test_each_clock_is_judged_by_itself(own, starts, wanted) -> None:
    """The domain's others come ten seconds late."""
    assert onset(began(starts), START + seconds(100), [10] * 16, own) == START + seconds(wanted)


@pytest.mark.parametrize(
    ("link", "clock"),
    [
        ("http://prometheus-1:9090/graph?g0.expr=up", "alerts prometheus-1:9090"),
        ("", "alerts shop"),
        ("http://[broken", "alerts shop"),
    ],
)
def test_an_alert_goes_by_its_monitoring_servers_clock_or_its_teams(link, clock) -> None:
    alert = Alert(labels={"alertname": "a"}, generator_url=link)
    assert clock_of_alert(alert, "shop") == clock


def test_a_system_event_goes_by_its_sources_clock() -> None:
    assert clock_of_event(SystemEvent(type="deploy", source="//ci/shop")) == "changes //ci/shop"


def test_the_clocks_heard_of_last_are_remembered() -> None:
    clocks: dict[str, list[int]] = {}
    for number in range(CLOCKS):
        clocks = note_clock(clocks, f"clock-{number}", START, START + seconds(1))
    clocks = note_clock(clocks, "clock-0", START, START + seconds(2))
    clocks = note_clock(clocks, "one more", START, START + seconds(3))
    assert (len(clocks), clocks["clock-0"], clocks["one more"]) == (CLOCKS, [1, 2], [3])
    assert "clock-1" not in clocks


def test_the_newest_lags_of_what_fires_are_remembered() -> None:
    lags: list[int] = []
    for second in range(LAGS + 5):
        lags = note_lag(lags, START, START + seconds(second))
    assert lags == list(range(5, LAGS + 5))
    assert note_lag(lags, None, START) == lags


@pytest.mark.parametrize(
    ("lags", "time", "wanted"),
    [
        ([400], 0, 0),
        ([HOUR + 100], -HOUR, 100),
        ([HOUR + 100] * 4, -HOUR, 100),
        ([5] * 4, 0, 5),
        ([-HOUR] * 2, HOUR, 0),
        ([], None, 100),
    ],
    ids=[
        "few are known: its source is believed",
        "few are known, and so long ago is likelier a clock that is off",
        "a clock that is off",
        "late",
        "a clock that is ahead",
        "it does not say",
    ],
)
def test_when_a_change_happened(lags, time, wanted) -> None:
    moment = None if time is None else START + seconds(time)
    assert happened(moment, START + seconds(100), lags) == START + seconds(wanted)


@pytest.mark.parametrize("lags", [[], [-HOUR] * 4])
def test_a_moment_before_all_calendars_is_as_long_ago_as_any(lags) -> None:
    moment = datetime(1, 1, 2, tzinfo=UTC)
    assert happened(moment, START, lags) == START - seconds(MOST_LAG_S)
