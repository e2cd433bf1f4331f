import pytest

from app.cli.errors import CommandError
from app.cli.filters import parse_filter

COMMAND = {
    "incident_id": "3f2a91c4",
    "labels": {"pod": "cart-1"},
    "dry_run": False,
    "attempt": 2,
    "not_after": None,
}
BATCH = {
    "signals": [
        {"body": {"response": {"incident_id": "3f2a91c4"}}},
        {"body": {"alert": {"labels": {"a": "b"}}}},
    ]
}


@pytest.mark.parametrize(
    ("typed", "topic", "value", "holds"),
    [
        ("incident=3f2a91c4", "step-commands", COMMAND, True),
        ("incident=3f2a", "step-commands", COMMAND, True),
        ("incident=3f", "step-commands", COMMAND, False),
        ("incident=4f2a", "step-commands", COMMAND, False),
        ("incident=3f2a", "signals", BATCH, True),
        ("incident=3f2a", "incidents", {"id": "3f2a91c4"}, True),
        ("labels.pod=cart-1", "step-commands", COMMAND, True),
        ("labels.pod=cart", "step-commands", COMMAND, False),
        ("labels.node=", "step-commands", COMMAND, False),
        ("dry_run=false", "step-commands", COMMAND, True),
        ("attempt=2", "step-commands", COMMAND, True),
        ("not_after=null", "step-commands", COMMAND, True),
        ("signals.body.alert.labels.a=b", "signals", BATCH, True),
        ("op=a=b", "x", {"op": "a=b"}, True),
        ("incident=3f2a", "alerts", None, False),
    ],
)
def test_filter(typed, topic, value, holds):
    assert parse_filter(typed, topic).holds(value) is holds


@pytest.mark.parametrize("typed", ["incident", "=x", ""])
def test_a_filter_that_is_none(typed):
    with pytest.raises(CommandError, match="field=value"):
        parse_filter(typed, "alerts")
