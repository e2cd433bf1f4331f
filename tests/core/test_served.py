"""What nobody serves, by what connectors announce."""

from datetime import UTC, datetime, timedelta

import pytest

from app.core.served import Announced, actions_of, unserved
from app.model.connectors import KINDS, Connector
from app.model.runbook import Probe
from tests.core.estate import QUIET, look, mend, page

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


def heard(kind, *actions, ago=10):
    connector = Connector(kind=kind, instance=f"{kind}-1", actions=list(actions))
    return Announced(connector, NOW - timedelta(seconds=ago))


ALL = [heard(kind) for kind in KINDS]


@pytest.mark.parametrize(
    ("announced", "kinds", "actions", "words"),
    [
        ([], (), (), "nobody announced itself"),
        ([heard("chat", ago=91)], (), (), "nobody announced itself"),
        (ALL, (), (), ""),
        (ALL[1:], ("step",), (), "no connector for step commands"),
        ([*ALL[2:], heard("step", "k.scale", "k.undo")], ("escalation",), (), "escalation commands"),
        ([*ALL[1:], heard("step", "k.scale")], (), ("k.undo",), "no executor for k.undo"),
        ([*ALL, heard("step", "k.scale")], (), (), ""),
        ([*ALL[1:], heard("step", "k.scale"), heard("step", "k.undo", ago=200)], (), ("k.undo",), "k.undo"),
    ],
)
def test_what_nobody_serves(announced, kinds, actions, words):
    found = unserved(announced, ["k.scale", "k.undo"], NOW)
    assert (found.kinds, found.actions) == (kinds, actions)
    assert words in str(found)
    assert bool(words) == bool(str(found))
    assert found.nobody == (words == "nobody announced itself")


def test_the_actions_of_pages_are_those_of_steps_and_of_what_looks_after_them():
    step = mend(probe=Probe(look(id="mend.probe"), QUIET), rollback=mend(id="mend.rollback", action="k.redo"))
    assert actions_of([page(look(), step)]) == {"k.describe", "k.undo", "k.redo"}
