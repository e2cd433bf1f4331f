"""When a partition counts as stuck, as tables of what was seen."""

import pytest

from app.road.liveness import Liveness, Progress, as_applied

CASES = {
    "at work": ([(0, 5, 9), (60, 9, 14), (120, 14, 20)], False),
    "nothing comes": ([(0, 5, 5), (60, 5, 5), (120, 5, 5)], False),
    "lag grows and nothing is taken": ([(0, 5, 5), (30, 5, 9), (95, 5, 14)], True),
    "not for long enough": ([(0, 5, 5), (30, 5, 9), (89, 5, 14)], False),
    "the first message is just there": ([(0, 5, 5), (600, 5, 6)], False),
    "a transaction's marker stays at the end": ([(0, 5, 6), (60, 5, 6), (120, 5, 6)], False),
    "taken at last": ([(0, 5, 9), (70, 5, 14), (75, 14, 14)], False),
    "taken, and stuck again": ([(0, 5, 9), (50, 6, 14), (100, 6, 20), (111, 6, 22)], True),
}


@pytest.mark.parametrize(("looks", "is_stuck"), CASES.values(), ids=CASES)
def test_stuck(looks, is_stuck):
    liveness = Liveness(60)
    for now, committed, end in looks:
        liveness.see(now, {("signals", 2): Progress(committed, end), ("alerts", 0): Progress(end, end)})
    assert bool(liveness.stuck) == is_stuck
    if is_stuck:
        [words] = liveness.stuck
        assert words.startswith("signals/2: ")
    now, committed, end = looks[-1]
    assert liveness.lags == {("signals", 2): end - committed, ("alerts", 0): 0}


def test_recovering_and_rebalancing_is_not_stuck():
    liveness = Liveness(60)
    liveness.see(0, {("signals", 2): Progress(5, 9)})
    liveness.see(100, {("signals", 2): Progress(5, 14)})
    assert liveness.stuck
    liveness.forget()
    assert not liveness.stuck
    liveness.see(101, {("signals", 2): Progress(5, 20)})
    assert not liveness.stuck


def test_a_partition_that_went_to_another_worker_is_not_ours_to_watch():
    liveness = Liveness(60)
    liveness.see(0, {("signals", 2): Progress(5, 9)})
    liveness.see(100, {})
    liveness.see(110, {("signals", 2): Progress(5, 14)})
    assert not liveness.stuck


def test_a_worker_whose_broker_does_not_show_what_transactions_committed_goes_by_its_own_offsets():
    seen = {
        ("signals", 0): Progress(0, 7),
        ("signals", 1): Progress(0, 3),
        ("alerts", 0): Progress(2, 4),
    }
    assert as_applied(seen, {0: 6}) == {("signals", 0): Progress(6, 7), ("alerts", 0): Progress(2, 4)}


def test_brokers_that_do_not_answer_are_told_until_they_do():
    liveness = Liveness(stuck_after=60)
    assert not liveness.unanswered(1000), "nothing was asked"
    liveness.ask(1000)
    liveness.ask(1040)
    assert not liveness.unanswered(1059)
    assert liveness.unanswered(1061) == "the brokers have not answered for 61 s"
    assert not liveness.stuck
    liveness.see(1070, {})
    assert not liveness.unanswered(2000)
    liveness.ask(2000)
    liveness.forget()
    assert not liveness.unanswered(3000), "tables are being recovered"
