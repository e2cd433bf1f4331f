"""What follows from matchers, as far as it can be known: that others hold as well, or that both cannot hold at once."""

from __future__ import annotations

import re
from collections.abc import Sequence

from app.model.matchers import Matcher

_LITERAL = re.compile(r"[\w \-/:@,]*\Z")


def implies(given: Sequence[Matcher], wanted: Sequence[Matcher]) -> bool:
    """Whether all that `given` matches is surely matched by `wanted`."""
    return all(any(_one_implies(each, want) for each in given) for want in wanted)


def may_both_hold(one: Sequence[Matcher], other: Sequence[Matcher]) -> bool:
    """Whether an alert may match both; False where two of their matchers exclude one another."""
    return not any(_excludes(a, b) or _excludes(b, a) for a in one for b in other)


def values_of(matcher: Matcher) -> tuple[str, ...] | None:
    """Give the only values that a matcher lets a label have; None where there are others."""
    if matcher.op == "=":
        return (matcher.value,)
    if matcher.op != "=~":
        return None
    parts = matcher.value.removeprefix("(").removesuffix(")").split("|")
    return tuple(parts) if all(_LITERAL.match(part) for part in parts) else None


def _one_implies(given: Matcher, want: Matcher) -> bool:
    if given.name != want.name:
        return False
    values = values_of(given)
    if values is not None:
        return all(want.matches({want.name: value}) for value in values)
    return (given.op, given.value) == (want.op, want.value)


def _excludes(given: Matcher, other: Matcher) -> bool:
    if given.name != other.name:
        return False
    values = values_of(given)
    if values is not None:
        return not any(other.matches({other.name: value}) for value in values)
    opposite = {"!=": "=", "!~": "=~"}
    return (opposite.get(given.op), given.value) == (other.op, other.value)
