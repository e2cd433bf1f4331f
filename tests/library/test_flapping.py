"""`flapping`: what is read, and what is wrong with it."""

from datetime import timedelta

import pytest

from app.library.compile import compile_library
from app.library.lint import lint
from app.model.noise import Flapping


def test_it_is_read():
    library = compile_library({"x.yaml": "flapping: {changes: 6, within: 1h, calm: 5m}"})
    assert library.flapping == Flapping(6, timedelta(hours=1), timedelta(minutes=5))
    assert compile_library({}).flapping == Flapping()
    assert compile_library({"x.yaml": "flapping: {changes: 0}"}).flapping.changes == 0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("flapping: {changes: 1}", "every alert flap"),
        ("flapping: {changes: 21}", "from 0 to 20"),
        ("flapping: {within: 0s}", "within is zero"),
        ("flapping: {calm: 5}", "is no duration"),
        ("flapping: {quiet: 5m}", "has no 'quiet'"),
        ("flapping: [4]", "is no map"),
    ],
)
def test_what_is_wrong(text, words):
    assert [each for each in lint({"x.yaml": text}) if words in str(each) and each.level == "error"]


def test_it_is_said_once():
    found = lint({"a.yaml": "flapping: {}", "b.yaml": "flapping: {}"})
    assert any("said already at a.yaml:1" in str(each) for each in found)
