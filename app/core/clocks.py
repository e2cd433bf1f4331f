"""When an alert began, by broker time, though the clocks of its sources may be off and news takes a while."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from app.core.bounds import LAGS
from app.model.inputs import Alert
from app.model.words import AlertStatus

OLDEST = timedelta(hours=1)
"""A beginning further back than this is taken for one that long ago."""
MOST_LAG_S = 366 * 24 * 3600
"""The longest lag that is remembered, either way."""


def note_lag(lags: Sequence[int], alert: Alert, at: datetime) -> list[int]:
    """Take note of how many seconds after its beginning an alert reached us, by the two clocks; the newest are kept."""
    if alert.status is not AlertStatus.FIRING or alert.starts_at is None:
        return list(lags)
    lag = int((at - alert.starts_at).total_seconds())
    return [*lags, max(-MOST_LAG_S, min(lag, MOST_LAG_S))][-LAGS:]


def onset(alert: Alert, at: datetime, lags: Sequence[int]) -> datetime:
    """Give when an alert began: what its source says, set right by how late such news usually is.

    The usual lag is that of the prompter ones, for some come late; a clock that is off shifts all of them alike.
    """
    if alert.starts_at is None:
        return at
    usual = sorted(lags)[len(lags) // 4] if lags else 0
    late = int((at - alert.starts_at).total_seconds()) - usual
    return at - min(max(timedelta(seconds=late), timedelta()), OLDEST)
