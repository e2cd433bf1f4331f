"""When an alert began, by broker time, though the clocks of its sources may be off and news takes a while."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from app.core.bounds import LAGS
from app.model.inputs import Alert

OLDEST = timedelta(hours=1)
"""A beginning further back than this is taken for one that long ago."""
FEW = 4
"""Changes of which one cannot tell yet how late they usually come."""
SHORT_S = 900
"""A lag that is likelier late news than a clock that is off, in seconds."""
MOST_LAG_S = 366 * 24 * 3600
"""The longest lag that is remembered, either way."""


def note_lag(lags: Sequence[int], moment: datetime | None, at: datetime) -> list[int]:
    """Take note of how many seconds after it happened something reached us, by the two clocks; the newest are kept."""
    if moment is None:
        return list(lags)
    lag = int((at - moment).total_seconds())
    return [*lags, max(-MOST_LAG_S, min(lag, MOST_LAG_S))][-LAGS:]


def onset(alert: Alert, at: datetime, lags: Sequence[int]) -> datetime:
    """Give when an alert began: what its source says, set right by how late such news usually is.

    The usual lag is that of the prompter ones, for some come late; a clock that is off shifts all of them alike.
    """
    if alert.starts_at is None:
        return at
    late = int((at - alert.starts_at).total_seconds()) - _usual(lags)
    return at - min(max(timedelta(seconds=late), timedelta()), OLDEST)


def happened(moment: datetime | None, at: datetime, lags: Sequence[int]) -> datetime:
    """Give when a change happened: as for alerts, but while few are known its source is believed if the lag is a short one."""
    if moment is None:
        return at
    lag = int((at - moment).total_seconds())
    usual = 0 if len(lags) < FEW and 0 <= lag <= SHORT_S else _usual(lags)
    return at - max(timedelta(seconds=lag - usual), timedelta())


def _usual(lags: Sequence[int]) -> int:
    return sorted(lags)[len(lags) // 4] if lags else 0
