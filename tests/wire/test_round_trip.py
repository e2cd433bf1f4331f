"""What is written is read again as the same, in both formats, by every process alike."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.model.inputs import Alert, AlertList, StepResult
from app.model.outputs import DeadLetter, Header
from app.settings import OutputFormat
from app.wire.codec import Codec
from app.wire.decode import WireError, decode
from app.wire.topics import PUBLIC
from tests.wire.values import VALUE, of_model

ROOT = Path(__file__).resolve().parents[2]
FORMATS = list(OutputFormat)
LIGHTLY = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@pytest.mark.parametrize("fmt", FORMATS)
@pytest.mark.parametrize("model", PUBLIC, ids=lambda model: model.__name__)
@LIGHTLY
@given(data=st.data())
def test_any_value_comes_back(model, fmt, data):
    value = data.draw(of_model(model))
    written = Codec(fmt).encode(value)
    assert decode(written, model) == value
    assert Codec(fmt).encode(decode(written, model)) == written


@pytest.mark.parametrize("fmt", FORMATS)
@settings(deadline=None)
@given(value=VALUE)
def test_values_keep_their_types(fmt, value):
    written = Codec(fmt).encode(StepResult(output={"it": value}))
    assert repr(decode(written, StepResult).output["it"]) == repr(value)


@pytest.mark.parametrize("fmt", FORMATS)
def test_bytes_that_are_no_text_are_kept(fmt):
    letter = DeadLetter(
        id="i",
        topic="alerts",
        partition=0,
        offset=1,
        reason="unreadable",
        detail="d",
        key=b"\xff\xfe\xfb\xef",
        value=bytes(range(256)),
        headers=[Header(name="h", value=None), Header(name="h", value=b"\x00")],
    )
    assert decode(Codec(fmt).encode(letter), DeadLetter) == letter


def test_bytes_are_standard_base64_in_json():
    letter = DeadLetter(id="i", topic="t", partition=0, offset=0, reason="r", detail="d", value=b"\xfb\xff")
    assert b'"value":"+/8="' in Codec(OutputFormat.JSON).encode(letter)


def test_a_list_of_alerts_comes_back():
    alerts = AlertList(alerts=[Alert(labels={"alertname": str(n)}) for n in range(3)])
    assert decode(Codec(OutputFormat.AVRO).encode(alerts), AlertList) == alerts


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1])
@pytest.mark.parametrize("shape", [lambda n: n, lambda n: [0, n], lambda n: {"a": n}])
def test_a_number_beyond_64_bits_is_refused_and_never_becomes_a_double(number, shape):
    with pytest.raises(WireError) as caught:
        decode(json.dumps({"output": {"n": shape(number)}}).encode(), StepResult)
    assert (caught.value.reason, caught.value.field) == ("invalid_field", "output.n")


WRITE = """
import sys
from app.model.inputs import StepResult, UserReport
from app.settings import OutputFormat
from app.wire.codec import Codec
for fmt in OutputFormat:
    for value in (StepResult(output={k: {k: 1, "x": None} for k in "zyxab"}), UserReport(text="é", time="2026-11-24T02:00:00.5+05:30")):
        print(Codec(fmt).encode(value).hex())
"""


def test_equal_bytes_in_any_process():
    def written(**changed: str) -> str:
        env = {**os.environ, "PYTHONPATH": str(ROOT), **changed}
        return subprocess.run(
            [sys.executable, "-c", WRITE], env=env, check=True, capture_output=True, text=True
        ).stdout

    one = written(PYTHONHASHSEED="1", TZ="Asia/Kathmandu", LC_ALL="C")
    assert one == written(PYTHONHASHSEED="2", TZ="America/St_Johns", LC_ALL="C.UTF-8")
