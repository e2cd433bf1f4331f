"""Which level comes next: a table."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.escalation.ladder import next_level
from app.model.policy import Level, Policy


def policy(*levels: str, repeat: int = 0) -> Policy:
    """Levels as texts: `a` pages, `a>b` jumps to b; a name in capitals does not apply now."""
    made = []
    for each in levels:
        name, _, jump = each.partition(">")
        made.append(
            Level(
                () if jump else ("user:x",),
                name=name.lower(),
                jump=jump,
                condition=Never() if name.isupper() else None,
            )
        )
    return Policy("p", levels=tuple(made), repeat=repeat)


class Never:
    source = "false"

    def evaluate(self, _context):
        return False


def holds(level: Level) -> bool:
    return level.condition is None


@pytest.mark.parametrize(
    ("levels", "repeat", "level", "round_", "wanted"),
    [
        (("a", "b"), 0, 0, 1, (1, 1)),
        (("a", "b"), 0, 1, 1, (2, 1)),
        (("a", "b"), 0, 2, 1, None),
        (("a", "b"), 1, 2, 1, (1, 2)),
        (("a", "b"), 1, 2, 2, None),
        (("A", "b"), 0, 0, 1, (2, 1)),
        (("a", "B"), 0, 1, 1, None),
        (("a", "B"), 1, 1, 1, (1, 2)),
        (("A", "B"), 5, 0, 1, None),
        (("A", "b", "C"), 1, 2, 1, (2, 2)),
        (("a", "j>c", "b", "c"), 0, 1, 1, (4, 1)),
        (("a", "J>c", "b", "c"), 0, 1, 1, (3, 1)),
        (("a", "b", "j>a"), 1, 2, 1, (1, 2)),
        (("a", "b", "j>a"), 1, 2, 2, None),
        (("a", "b", "j>a", "d"), 1, 2, 2, (4, 2)),
        (("a", "j>j"), 3, 1, 1, None),
        (("j>b", "a", "b"), 0, 0, 1, (3, 1)),
        ((), 3, 0, 1, None),
        (("a",), 0, 7, 1, None),
    ],
)
def test_the_next_level(levels, repeat, level, round_, wanted):
    found = next_level(policy(*levels, repeat=repeat), level, round_, holds)
    assert (found and (found.level, found.round)) == wanted


def test_levels_that_were_passed_over_are_named():
    found = next_level(policy("a", "B", "C", "d"), 1, 1, holds)
    assert found.passed == (2, 3)


@given(st.data())
def test_every_policy_comes_to_an_end(data):
    count = data.draw(st.integers(1, 5))
    names = [f"n{number}" for number in range(count)]
    texts = []
    for name in names:
        jump = data.draw(st.sampled_from(["", *names]))
        shown = name.upper() if data.draw(st.booleans()) else name
        texts.append(f"{shown}>{jump}" if jump else shown)
    one = policy(*texts, repeat=data.draw(st.integers(0, 3)))
    level, round_, steps = 0, 1, 0
    while (found := next_level(one, level, round_, holds)) is not None:
        assert found.round >= round_
        assert holds(one.levels[found.level - 1])
        level, round_, steps = found.level, found.round, steps + 1
        assert steps <= count * one.rounds
