"""Laws: replay equals live, repeats are silent, batching changes no id, the process changes no byte."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.decide import decide_batch
from app.core.record import dump, empty
from app.model.commands import StepCommand
from app.model.incident import IncidentSnapshot
from app.model.signals import SignalBatch
from app.model.standings import Standing
from tests.core.estate import library, look, mend, page, quiet, retrying, seconds
from tests.core.story import DOMAIN, START, Story, alert_signal

HAPPENINGS = st.lists(
    st.tuples(
        st.sampled_from(
            ["alert", "resolves", "answers", "fails", "responds", "resolve", "deploys", "reports"]
        ),
        st.integers(0, 2),
        st.floats(0, 40),
    ),
    max_size=25,
)


def play(happenings) -> Story:
    story = Story(library(page(retrying(look(), 2), mend(), quiet()), reopen_window=seconds(60)))
    second = 0.0
    for what, which, pause in happenings:
        second += pause
        story.at(second)
        sent = story.put_out(StepCommand, op="run")
        match what:
            case "alert":
                story.alert(
                    pod=f"p{which}", starts=round(second), severity=("warning", "error", "critical")[which]
                )
            case "resolves":
                story.resolves(
                    pod=f"p{which}", starts=round(second), severity=("warning", "error", "critical")[which]
                )
            case "answers" | "fails" if sent:
                story.answers(sent[-1 - which % len(sent)], "succeeded" if what == "answers" else "failed")
            case "responds" | "resolve":
                story.responds("acknowledge" if what == "responds" else "resolve")
            case "deploys":
                story.deploys()
            case "reports":
                story.reports()
    return story.at(second + 2000)


@given(HAPPENINGS)
@settings(max_examples=60, deadline=None)
def test_replay_equals_live_and_repeats_are_silent(happenings) -> None:
    story = play(happenings)
    records, outputs = {}, []
    for batch, offset, at in story.world.log:
        record = records.get(batch.domain, empty(batch.domain))
        decision = decide_batch(record, batch, offset, at, story.libraries)
        again = decide_batch(decision.record, batch, offset, at, story.libraries)
        assert again.outputs == ()
        assert again.record is decision.record
        repeat = decide_batch(decision.record, batch, offset + 1, at, story.libraries)
        assert repeat.outputs == (), "an input that intake repeats changes nothing"
        records[batch.domain], outputs = decision.record, [*outputs, *decision.outputs]
    assert records == story.world.records
    assert outputs == story.outputs


@given(HAPPENINGS)
@settings(max_examples=40, deadline=None)
def test_nothing_is_left_over(happenings) -> None:
    story = play(happenings)
    ids = [each.id for each in story.outputs if not isinstance(each, IncidentSnapshot | Standing)]
    assert len(ids) == len(set(ids))
    for timer in story.record.timers.values():
        assert timer.incident_id in story.record.incidents


@given(st.lists(st.tuples(st.integers(0, 4), st.booleans()), min_size=1, max_size=20), st.integers(1, 20))
@settings(max_examples=60, deadline=None)
def test_batching_changes_no_id(alerts, cut) -> None:
    signals = [
        alert_signal(pod=f"p{pod}", status="firing" if fires else "resolved", starts=index)
        for index, (pod, fires) in enumerate(alerts)
    ]

    def decided(size: int) -> list[str]:
        story = Story(library(page(look(), mend())))
        for start in range(0, len(signals), size):
            story.apply(*signals[start : start + size])
        return [each.id for each in story.outputs if not isinstance(each, IncidentSnapshot | Standing)]

    assert decided(cut) == decided(1)


def test_time_never_runs_backwards() -> None:
    story = Story(library())
    story.at(100).alert()
    batch = SignalBatch(domain=DOMAIN, library="lib1", signals=[alert_signal(pod="b")])
    decision = decide_batch(story.record, batch, 9, START - timedelta(hours=2), story.libraries)
    assert decision.record.now == story.record.now


SCRIPT = """
from tests.core.test_laws import play
from app.core.record import dump
import hashlib
story = play([("deploys", 0, 1.0), ("alert", 2, 1.0), ("alert", 0, 3.0), ("answers", 0, 1.0), ("reports", 0, 1.0),
              ("fails", 0, 5.0), ("responds", 0, 3.0), ("resolves", 2, 4.0), ("resolve", 0, 3.0), ("alert", 2, 9.0)])
digest = hashlib.sha256(dump(story.record))
for output in story.outputs:
    digest.update(output.model_dump_json().encode())
print(len(story.outputs), digest.hexdigest())
"""


def test_equal_bytes_in_any_process_zone_locale_and_hash_seed() -> None:
    def run(**env: str) -> str:
        return subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={**os.environ, **env},
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    one = run(PYTHONHASHSEED="1", TZ="Asia/Kolkata", LC_ALL="C")
    two = run(PYTHONHASHSEED="77", TZ="America/New_York", LC_ALL="C.UTF-8")
    assert one == two
    assert int(one.split()[0]) > 30
    assert dump(empty("x"))
