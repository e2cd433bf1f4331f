"""Whatever the schemas allow, in whatever order: the engine fails on nothing, and its records are what they are read again as."""

from __future__ import annotations

import pytest

from app.core import decide
from app.core import record as records
from app.road import apply
from tests.fuzz.hostile import World

_TIMES = 3
"""How often a timer may fire: again only where it was set anew for the same moment."""


@pytest.mark.parametrize(
    "seed", [*range(3), *(pytest.param(each, marks=pytest.mark.slow) for each in range(3, 20))]
)
async def test_the_engine_fails_on_nothing(seed, monkeypatch):
    told = []

    def decide_watched(record, batch, offset, at, libraries):
        before = records.dump(record)
        decision = decide.decide_batch(record, batch, offset, at, libraries)
        if records.dump(record) != before:
            told.append(f"the record that a decision began with was changed by {batch.model_dump_json()}")
        data = records.dump(decision.record)
        again = records.load(data)
        if again != decision.record or records.dump(again) != data:
            told.append(f"the record is read as another after {batch.model_dump_json()}")
        return decision

    monkeypatch.setattr(apply, "decide_batch", decide_watched)
    world = World(seed)
    await world.play(150)
    assert world.failures == []
    assert told == []
    assert [each for each, times in world.stayed.items() if times > _TIMES] == []
    assert world.offsets["signals"] > 500
