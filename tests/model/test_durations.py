"""Durations: as people write them, as they read them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.model.durations import in_units, parse_duration, span


@pytest.mark.parametrize(
    ("seconds", "whole", "shown"),
    [
        (0, "0s", "0s"),
        (0.25, "250ms", "0s"),
        (30, "30s", "30s"),
        (59.9, "59s900ms", "59s"),
        (60, "1m", "1m"),
        (200, "3m20s", "3m 20s"),
        (5400, "1h30m", "1h 30m"),
        (3605, "1h5s", "1h"),
        (90061, "1d1h1m1s", "1d 1h"),
    ],
)
def test_a_duration_in_words(seconds: float, whole: str, shown: str) -> None:
    assert in_units(timedelta(seconds=seconds)) == whole
    assert span(timedelta(seconds=seconds)) == shown


@given(st.integers(0, 10**11))
def test_what_is_written_is_read_again(milliseconds: int) -> None:
    length = timedelta(milliseconds=milliseconds)
    assert parse_duration(in_units(length)) == length


def test_of_what_lies_ahead_nothing_has_passed() -> None:
    assert span(timedelta(seconds=-5)) == "0s"
