"""The short forms of `make fuzz`, that its verdict can be bad, and that its judge is a stranger."""

import ast
from pathlib import Path

import pytest

from app.settings import OutputFormat, Settings
from app.stream.understanding import new_wire
from tests.fuzz import wire
from tests.fuzz.account import Account
from tests.fuzz.fields import ANY, JSON_ONLY
from tests.fuzz.judge import judge
from tests.fuzz.mutate import BYTES, Fuzzer
from tests.fuzz.run import run
from tests.intake.helpers import message, take

WIRE = new_wire(Settings(output_format=OutputFormat.AVRO))
BATCH = 50


def fuzzed(seed, alerts):
    """The account of alerts that went through intake's own functions, as a worker would call them."""
    fuzzer, account, messages = Fuzzer(seed), Account(), []
    while len(account.sent) < alerts:
        value = fuzzer.message()
        account.expect(3, len(messages), value)
        messages.append(message(value, offset=len(messages)))
    for start in range(0, len(messages), BATCH):
        result = take(*messages[start : start + BATCH])
        for batch in result.batches:
            account.on_signals(WIRE.encode(batch))
        for letter in result.dead_letters:
            account.on_letter(WIRE.encode(letter))
    account.close()
    return fuzzer, account


@pytest.mark.parametrize("seed", range(4))
def test_every_alert_is_processed_or_dead_lettered_as_fastavro_alone_would_have_it(seed):
    _, account = fuzzed(seed, 2_000)
    assert account.verdict() == []


def test_every_mutation_is_made():
    made = fuzzed(0, 2_000)[0].made
    wanted = [f"field: {name}" for name in (*ANY, *JSON_ONLY)] + [f"bytes: {name}" for name in BYTES]
    assert [name for name in wanted if not made[name]] == []


def test_equal_seeds_give_equal_messages():
    one, two, other = ([fuzzer.message() for _ in range(20)] for fuzzer in map(Fuzzer, (5, 5, 6)))
    assert one == two != other


@pytest.mark.slow
@pytest.mark.processes
def test_through_a_worker_on_the_embedded_broker(embedded_broker):
    done = run(600, seed=1, broker=embedded_broker)
    assert done.faults == []
    assert done.figures["alerts"] >= 600


@pytest.mark.slow
def test_through_a_worker_on_real_kafka(real_kafka):
    done = run(2_000, seed=2, broker=real_kafka)
    assert done.faults == []


GOOD = wire.write("Alert", {"labels": {"alertname": "A"}, "annotations": {}})
NAMELESS = wire.write("Alert", {"labels": {"a": " "}})
BAD = b"nonsense"


@pytest.mark.parametrize(
    ("value", "kinds"),
    [
        (GOOD, ["valid"]),
        (NAMELESS, ["by rule"]),
        (BAD, ["invalid"]),
        (GOOD + b"\x00", ["invalid"]),
        (wire.write("AlertList", {"alerts": [{"labels": {"a": "b"}}, {"labels": {}}]}), ["valid", "by rule"]),
        (
            b'[{"labels": {"a": "b"}, "startsAt": "2026-11-24T02:00:00Z"}, {"labels": 7}]',
            ["valid", "invalid"],
        ),
        (b'{"labels": {"a": "b"}, "startsAt": "2026"}', ["invalid"]),
    ],
)
def test_the_judges_verdicts(value, kinds):
    assert [verdict.kind for verdict in judge(value)] == kinds


def test_a_verdict_can_be_bad():
    signal, letter = taken(GOOD).batches[0], taken(BAD).dead_letters[0]
    assert "lost" in faults(GOOD)
    assert "twice" in faults(GOOD, signals=[signal, signal])
    assert "twice" in faults(GOOD, signals=[signal], letters=[letter])
    assert "refused, and must not be" in faults(GOOD, letters=[letter])
    assert "processed, and must not be" in faults(BAD, signals=[signal])
    assert "refused for another reason" in faults(NAMELESS, letters=[letter])
    assert "processed as another" in faults(
        wire.write("Alert", {"labels": {"alertname": "B"}}), signals=[signal]
    )
    assert "never sent" in faults(None, signals=[signal], at=1)
    assert "other letters" in faults(BAD, letters=[letter.model_copy(update={"topic": "signals"})])


def taken(value):
    return take(message(value))


def faults(value, signals=(), letters=(), at=7):
    """What is told of a message that led to these, and must not have."""
    account = Account()
    account.expect(3, at, value)
    for each in signals:
        account.on_signals(WIRE.encode(each))
    for each in letters:
        account.on_letter(WIRE.encode(each))
    account.close()
    return " ".join(account.verdict())


@pytest.mark.parametrize("name", ["wire", "fields", "mutate", "judge", "account"])
def test_what_judges_imports_nothing_of_the_service(name):
    tree = ast.parse((Path(__file__).parent / f"{name}.py").read_text())
    imported = [
        each.module if isinstance(each, ast.ImportFrom) else alias.name
        for each in ast.walk(tree)
        if isinstance(each, ast.Import | ast.ImportFrom)
        for alias in each.names
    ]
    assert not [each for each in imported if each.split(".")[0] == "app"]
    assert {each for each in imported if each.startswith("tests")} <= {
        "tests.fuzz",
        "tests.fuzz.fields",
        "tests.fuzz.judge",
    }
