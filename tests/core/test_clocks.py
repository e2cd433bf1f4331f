"""When an alert began, though clocks are off and news is late."""

from __future__ import annotations

import pytest

from app.core.bounds import LAGS
from app.core.clocks import happened, note_lag, onset
from app.model.inputs import Alert
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
