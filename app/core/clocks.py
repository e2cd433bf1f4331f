"""When an alert began, by broker time, though the clocks of its sources may be off and news takes a while."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from app.core.bounds import CLOCK_CHARS, CLOCKS, LAGS, cut
from app.model.inputs import Alert, SystemEvent

OLDEST = timedelta(hours=1)
"""A beginning further back than this is taken for one that long ago."""
FEW = 4
"""Changes of which one cannot tell yet how late they usually come."""
TWO = 2
"""Alerts that came far too late are taken for those of a clock that is off from so many of it on; one alone was late."""
SHORT_S = 900
"""A lag that is likelier late news than a clock that is off, in seconds."""
MOST_LAG_S = 366 * 24 * 3600
"""The longest lag that is remembered, either way; what is told of as older happened that long ago."""


def note_lag(lags: Sequence[int], moment: datetime | None, at: datetime) -> list[int]:
    """Take note of how many seconds after it happened something reached us, by the two clocks; the newest are kept."""
    if moment is None:
        return list(lags)
    lag = int((at - moment).total_seconds())
    return [*lags, max(-MOST_LAG_S, min(lag, MOST_LAG_S))][-LAGS:]


def note_clock(
    clocks: Mapping[str, list[int]], name: str, moment: datetime | None, at: datetime
) -> dict[str, list[int]]:
    """Take note of the same for the clock of that name; those heard of last are kept."""
    others = {each: lags for each, lags in clocks.items() if each != name}
    return newest_clocks({**others, name: note_lag(clocks.get(name, ()), moment, at)})


def newest_clocks(clocks: Mapping[str, list[int]]) -> dict[str, list[int]]:
    """Give as many clocks as are remembered, those heard of last."""
    return dict(list(clocks.items())[-CLOCKS:])


def clock_of_alert(alert: Alert, team: str) -> str:
    """Name the clock that an alert goes by: its monitoring server's, as its link names that; without one, that of its team's monitoring."""
    try:
        server = urlsplit(alert.generator_url).netloc
    except ValueError:
        server = ""
    return cut(f"alerts {server or team}", CLOCK_CHARS)


def clock_of_event(event: SystemEvent) -> str:
    """Name the clock that a system event goes by: its source's."""
    return cut(f"changes {event.source}", CLOCK_CHARS)


def onset(alert: Alert, at: datetime, lags: Sequence[int], own: Sequence[int] = ()) -> datetime:
    """Give when an alert began: what its source says, set right by how late such news usually is.

    The usual lag is that of the prompter ones, for some come late; a clock that is off shifts all of them alike. `own` are those of the same
    clock; while it has told of few, what is later than usual in the domain is taken for late.
    """
    if alert.starts_at is None:
        return at
    lag = int((at - alert.starts_at).total_seconds())
    late = lag - _usual(lags)
    if own and (late < 0 or len(own) >= (TWO if late > SHORT_S else FEW)):
        late = lag - _usual(own)
    return at - min(max(timedelta(seconds=late), timedelta()), OLDEST)


def happened(moment: datetime | None, at: datetime, lags: Sequence[int]) -> datetime:
    """Give when a change happened: as for alerts, but while few of its clock are known that is believed if the lag is a short one."""
    if moment is None:
        return at
    lag = int((at - moment).total_seconds())
    usual = 0 if len(lags) < FEW and 0 <= lag <= SHORT_S else _usual(lags)
    return at - timedelta(seconds=min(max(lag - usual, 0), MOST_LAG_S))


def _usual(lags: Sequence[int]) -> int:
    return sorted(lags)[len(lags) // 4] if lags else 0
