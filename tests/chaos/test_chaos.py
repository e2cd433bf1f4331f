"""The short form of `make chaos`, and that its verdict can be bad."""

import pytest

from tests.chaos.pausing import AT_MOST_MS, LATEST
from tests.chaos.run import LONG, SHORT, Run, run, table
from tests.support.brokers import NoRealKafka

GOOD = {
    "inputs": 60_000,
    "kills": 60,
    "failpoint kills": 30,
    "intake repeats": 5,
    "repeats sent": 9,
    "timers fired": 7,
    "outputs committed": 9,
    "broker kills": 2,
    "acting commands before the pause": 9,
    "acting commands after the pause": 9,
    LATEST: AT_MOST_MS,
    "inputs lost": 0,
    "messages that the engine failed on": 0,
    "timers lost": 0,
    "repeats among committed": 0,
    "repeats sent, other bytes": 0,
    "differences from replay": 0,
} | {
    f"killed at {point}": 5
    for point in ("after_outputs", "after_offset", "after_commit", "after_store", "after_append")
}


@pytest.mark.slow
@pytest.mark.real_kafka
@pytest.mark.timeout(600)
def test_short():
    try:
        done = run(SHORT, seed=7)
    except NoRealKafka as none:
        pytest.skip(str(none))
    # How long two hops take is a time of this machine: `make chaos` holds it against the promise.
    assert not [fault for fault in done.faults() if not fault.startswith(LATEST)], table(done)


def test_a_good_run_has_no_faults():
    assert Run(LONG, 0, figures=GOOD).faults() == []


@pytest.mark.parametrize("name", [name for name, count in GOOD.items() if count == 0])
def test_what_must_be_zero(name):
    assert Run(LONG, 0, figures=GOOD | {name: 1}).faults() == [f"{name}: 1, and must be 0"]


def test_a_command_long_after_the_pause_is_a_fault():
    figures = GOOD | {LATEST: AT_MOST_MS + 1}
    assert Run(LONG, 0, figures=figures).faults() == [f"{LATEST}: 2001, and must be at most 2000"]


@pytest.mark.parametrize("name", [name for name, count in GOOD.items() if count and name != LATEST])
def test_what_must_have_been_there(name):
    assert Run(LONG, 0, figures=GOOD | {name: 0}).faults()


def test_differences_and_losses_are_named():
    difference = {"where": "chat-commands/0@3", "what": "a message differs", "detail": "text"}
    done = Run(LONG, 0, figures=GOOD, differences=[difference], lost=["alerts/1@0"])
    assert done.faults() == ["alerts/1@0 was lost", "chat-commands/0@3: a message differs: text"]
