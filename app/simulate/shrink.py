"""A failing plan, cut down to what is still needed for it to fail."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from app.simulate.plan import Plan

T = TypeVar("T")


def shrink(plan: Plan, fails: Callable[[Plan], bool], most: int = 60) -> Plan:
    """Leave out faults and inputs as long as the plan still fails; at most so many tries."""
    left = [most]

    def still_fails(candidate: Plan) -> bool:
        left[0] -= 1
        return left[0] >= 0 and fails(candidate)

    plan = replace(plan, faults=_fewer(plan.faults, lambda some: still_fails(replace(plan, faults=some))))
    return replace(plan, inputs=_fewer(plan.inputs, lambda some: still_fails(replace(plan, inputs=some))))


def _fewer(items: Sequence[T], fails: Callable[[tuple[T, ...]], bool]) -> tuple[T, ...]:
    """Leave out halves, then quarters and so on, down to single ones (delta debugging after Zeller)."""
    kept = tuple(items)
    size = max(1, len(kept) // 2)
    while kept:
        start = 0
        while start < len(kept):
            without = kept[:start] + kept[start + size :]
            if fails(without):
                kept = without
            else:
                start += size
        if size == 1:
            break
        size = max(1, size // 2)
    return kept
