"""When an alert began, though clocks are off and news is late."""

from __future__ import annotations

import pytest

from app.core.bounds import LAGS
from app.core.clocks import note_lag, onset
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
        lags = note_lag(lags, began(0), START + seconds(second))
    assert lags == list(range(5, LAGS + 5))
    over = began(0).model_copy(update={"status": "resolved"})
    assert note_lag(lags, over, START + seconds(99)) == note_lag(lags, began(None), START) == lags
