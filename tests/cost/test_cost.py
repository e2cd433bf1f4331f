"""The measurement runs, measures what it says, and both ways do the same work."""

import pytest

from app.settings import Settings
from tests.cost.at_least_once import AtLeastOnce
from tests.cost.figures import percentile, ratios, table
from tests.cost.history import Estate
from tests.cost.run import SHORT, run
from tests.cost.writing import AT_LEAST_ONCE, TRANSACTION, Timed


@pytest.mark.slow
async def test_short(real_kafka):
    document = await run(real_kafka, SHORT)
    assert [each["signals"] for each in document["sizes"]] == [1, 10]
    for each in document["sizes"]:
        one, other = each[TRANSACTION], each[AT_LEAST_ONCE]
        assert one["outputs_per_batch"] == other["outputs_per_batch"] > 0
        assert 0.9 < one["decide_share"] + one["kafka_share"] <= 1
    assert {way: found["of"] for way, found in document["lonely_ms"].items()} == {
        TRANSACTION: SHORT.tries,
        AT_LEAST_ONCE: SHORT.tries,
    }
    assert "a lonely alert" in table(document)


async def test_a_history_is_the_same_every_time_and_has_every_kind_of_signal():
    one, other = await Estate().history(100, 30), await Estate().history(100, 30)
    assert one == other
    wire = Estate().wire
    read = [wire.decode_signals(message.value) for batch in one.batches for message in batch.messages]
    kinds = {signal.body.kind for batch in read for signal in batch.signals}
    assert kinds >= {"alert", "step_result", "response", "timer"}


async def test_at_least_once_commits_no_offset_before_its_commit():
    committed = []

    async def commit(next_offset):
        committed.append(next_offset)

    way = AtLeastOnce(Settings(), None, 0, commit)
    await way.begin()
    await way.send_offset(7)
    assert committed == []
    await way.commit()
    assert committed == [7]


def test_percentiles_are_of_the_values():
    values = [0.1, 0.4, 0.2, 0.3]
    assert [percentile(values, each) for each in (50, 95, 99)] == [0.2, 0.4, 0.4]


def test_a_ratio_is_taken_within_each_repeat():
    slow, fast = (
        Timed(batches=1, signals=10, total=2, writes=[2]),
        Timed(batches=1, signals=10, total=1, writes=[1]),
    )
    found = ratios([slow, fast], [fast, fast])
    assert found["signals_per_s"] == {"median": 0.75, "low": 0.5, "high": 1}
    assert found["write_p50"] == {"median": 1.5, "low": 1, "high": 2}
