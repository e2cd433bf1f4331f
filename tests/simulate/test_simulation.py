"""The laws hold under crashes; a planted mistake breaks one; a seed repeats itself; a failing plan gets small."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from dataclasses import replace

import pytest

from app.road.timekeeper import Timekeeper
from app.simulate.campaign import BOUNDARIES, Campaign
from app.simulate.plan import Plan, draw
from app.simulate.plants import PLANTS, planted
from app.simulate.process import KINDS
from app.simulate.run import simulate
from app.simulate.shrink import shrink

SEEDS = range(16)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_laws_hold(seed):
    result = simulate(draw(seed))
    assert result.breaches == (), f"again: oncall simulate --seed {seed}"
    assert result.signals >= 200


@pytest.mark.slow
@pytest.mark.parametrize("plant", PLANTS)
def test_every_planted_mistake_is_found(plant):
    for seed in SEEDS:
        with planted(plant):
            if simulate(draw(seed)).breaches:
                break
    else:
        pytest.fail(f"{plant} is not found within {len(SEEDS)} seeds")
    assert simulate(draw(seed)).breaches == (), "and it is gone when it is not planted"


def test_what_the_engine_fails_on_breaks_a_law_though_replay_fails_on_it_too():
    with planted("engine-fails"):
        assert {each.law for each in simulate(draw(1)).breaches} == {"the engine failed"}


def test_a_worker_that_fails_breaks_a_law_though_another_goes_on(monkeypatch):
    learn, calls = Timekeeper.learn, itertools.count(1)

    def fail_at_times(*given):
        if next(calls) % 100 == 0:
            raise RuntimeError("planted")
        learn(*given)

    monkeypatch.setattr(Timekeeper, "learn", fail_at_times)
    assert {each.law for each in simulate(draw(1)).breaches} == {"a worker failed"}


def test_a_seed_repeats_itself_in_any_process():
    def digest(**environment):
        code = "from app.simulate.plan import draw; from app.simulate.run import simulate; print(simulate(draw(5)).digest)"
        given = {**os.environ, **environment}
        return subprocess.run([sys.executable, "-c", code], env=given, check=True, capture_output=True).stdout

    one = digest(PYTHONHASHSEED="1", TZ="Asia/Tokyo", LC_ALL="C")
    assert one == digest(PYTHONHASHSEED="2", TZ="America/Lima", LC_ALL="C.UTF-8")
    assert len(one) > 60


def test_a_plan_without_faults_has_none():
    plan = replace(draw(1), faults=())
    result = simulate(plan)
    assert (result.breaches, sum(result.struck.values()), result.last_words) == ((), 0, ())


def test_a_failing_plan_is_cut_down_to_what_matters():
    plan = draw(3)
    wanted = {plan.faults[2], plan.inputs[17], plan.inputs[40]}

    def fails(candidate: Plan) -> bool:
        return wanted <= {*candidate.faults, *candidate.inputs}

    small = shrink(plan, fails, most=1000)
    assert {*small.faults, *small.inputs} == wanted
    assert (small.seed, small.publish_at) == (plan.seed, plan.publish_at)


def test_a_boundary_that_met_no_fault_is_named():
    campaign = Campaign()
    campaign.struck.update({(each, kind): 1 for each in BOUNDARIES for kind in KINDS})
    assert campaign.never_struck == []
    del campaign.struck["after_commit", "pause"]
    assert campaign.never_struck == [("after_commit", "pause")]
