from datetime import timedelta

from app.road.clock import BrokerClock
from tests.support.ports import EPOCH


class Machine:
    def __init__(self):
        self.seconds = 100.0

    def monotonic(self):
        return self.seconds


def clock_of(machine):
    return BrokerClock(machine.monotonic, lambda: EPOCH)


def after(seconds):
    return EPOCH + timedelta(seconds=seconds)


def test_the_wall_clock_stands_in_at_first():
    machine = Machine()
    clock = clock_of(machine)
    machine.seconds += 5
    assert clock.now() == after(5)


def test_an_ack_sets_it_both_ways():
    machine = Machine()
    clock = clock_of(machine)
    clock.acked(after(-30))
    assert clock.now() == after(-30)
    clock.acked(after(30))
    machine.seconds += 1
    assert clock.now() == after(31)


def test_what_is_read_only_pushes_it_forward():
    clock = clock_of(Machine())
    clock.seen(after(-3600))
    assert clock.now() == after(0)
    clock.seen(after(10))
    assert clock.now() == after(10)
