"""What lint finds of policies whose people are all away at once."""

from datetime import UTC, datetime

import pytest

from app.library.compile import examine
from app.library.deserted import check_deserted
from app.library.rosters import AHEAD
from tests.core.schedules.rotas import WHO

START = datetime(2026, 11, 1, tzinfo=UTC)
LEAVE = """
absences:
  - {person: ann, days: 2026-12-10..2026-12-12, timezone: UTC, reason: skiing}
  - {person: bob, start: 2026-12-12T12:00:00Z, duration: 48h}
"""
LINE = len(WHO.splitlines()) + 3
"""Where Ann's leave is said, behind one line of policies."""


def told(policies: str, start: datetime = START) -> list[str]:
    text = f"{WHO}policies: {{{policies}}}{LEAVE}teams: {{two: {{members: [ann, bob]}}}}\n"
    text += "schedules: {s: {timezone: UTC, layers: [{people: [cai], start: 2026-01-01T00:00:00}]}}\n"
    library, problems = examine({"x.yaml": text})
    assert not [each for each in problems if each.level == "error"], problems
    return [str(each) for each in check_deserted(library, start, start + AHEAD)]


def test_the_only_one_of_a_policy_is_on_leave():
    assert told('p: {levels: [{targets: ["user:ann"]}]}') == [
        (
            f"x.yaml:{LINE}:5: error: policy p pages nobody from Thu 2026-12-10 00:00 UTC to Sun 2026-12-13 00:00 UTC: "
            "ann, who alone is named, is away; "
            "name somebody else at one of its levels, a schedule, or a last resort under exhausted:"
        )
    ]


def test_all_of_a_policy_are_on_leave_for_half_a_day():
    levels = 'p: {levels: [{targets: ["user:ann"]}, {targets: ["user:bob"]}]}'
    for policy in (levels, 'p: {levels: [{targets: ["team:two"]}]}'):
        (problem,) = told(policy)
        assert (
            "from Sat 2026-12-12 12:00 UTC to Sun 2026-12-13 00:00 UTC: all that it names (ann, bob) are away"
            in problem
        )


@pytest.mark.parametrize(
    "policies",
    [
        'p: {levels: [{targets: ["user:ann"]}, {targets: ["user:cai"]}]}',
        'p: {levels: [{targets: ["user:ann", "schedule:s"]}]}',
        'p: {levels: [{targets: ["user:ann", "channel:#ops"]}]}',
        'p: {levels: [{targets: ["user:ann"]}], exhausted: q}, q: {levels: [{targets: ["user:cai"]}]}',
        'p: {levels: [{targets: ["user:ann", "policy:q"]}]}, q: {levels: [{targets: ["user:cai"]}]}',
    ],
)
def test_somebody_is_there(policies):
    assert told(policies) == []


def test_leave_that_is_over_is_no_problem():
    assert told('p: {levels: [{targets: ["user:ann"]}]}', datetime(2026, 12, 20, tzinfo=UTC)) == []
