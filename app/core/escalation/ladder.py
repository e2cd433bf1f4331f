"""Which level of a policy comes next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.model.policy import Level, Policy


@dataclass(frozen=True)
class Next:
    """The level that comes next, and those that were passed over because they do not apply now."""

    level: int
    """From 1."""
    round: int
    passed: tuple[int, ...] = ()


def next_level(policy: Policy, level: int, round_: int, holds: Callable[[Level], bool]) -> Next | None:
    """Give what comes after a level (0: nothing yet) in a round; None where the policy is exhausted.

    After the last level the first follows, as often as the policy repeats; a jump to an earlier level, or to itself, counts as a repeat and
    is passed over when no repeat is left. `holds` says whether a level applies now.
    """
    passed: list[int] = []
    place = level
    began, wraps = level == 0, 0
    while True:
        if place >= len(policy.levels):
            wraps += 1
            if round_ >= policy.rounds or wraps > 1 or (began and len(set(passed)) == len(policy.levels)):
                return None
            place, round_ = 0, round_ + 1
            continue
        each, number = policy.levels[place], place + 1
        if not holds(each):
            passed.append(number)
            place += 1
        elif not each.jump:
            return Next(number, round_, tuple(passed))
        else:
            place, round_ = _jump(policy, number, round_)


def _jump(policy: Policy, number: int, round_: int) -> tuple[int, int]:
    """Give the place to go on from, counted from 0, and the round."""
    to = policy.place_of(policy.levels[number - 1].jump)
    if to > number:
        return to - 1, round_
    return (to - 1, round_ + 1) if round_ < policy.rounds else (number, round_)
