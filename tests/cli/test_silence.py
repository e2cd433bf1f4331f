"""`oncall silence`, against a domain `control` that decides as it does in production."""

import json
import threading
from datetime import UTC, datetime, timedelta

import pytest

from app.connectors.reading import Reader
from app.core.rehearsal import Rehearsal
from app.model.inputs import Response, ResponseSignal
from app.model.library import Library
from app.model.signals import Signal
from app.model.silences import Silence
from app.model.standings import Standing
from app.wire.codec import Codec
from app.wire.decode import decode


@pytest.fixture
def control(put, embedded_broker, topic_prefix):
    """Decides each response to `control`; gives what was asked."""
    put("standings", (b"automation", Codec().encode(Standing(id="automation", version=1, at=_now()))))
    put("responses", (b"x", b"{}"))
    stop, asked = threading.Event(), []
    reader = Reader(
        embedded_broker.bootstrap_servers, f"{topic_prefix}.responses", name="responses", stop=stop
    )
    world = Rehearsal(Library(hash="l"), _now())

    def answer():
        for message in reader.following():
            response = decode(message.value, Response)
            asked.append(response)
            world.now = _now()
            decided(response)

    def decided(response):
        signal = Signal(identity=f"response:{response.id}", body=ResponseSignal(response=response))
        made = [each for each in world.apply("control", signal) if isinstance(each, Standing)]
        put("standings", *((each.id.encode(), Codec().encode(each)) for each in made))

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    yield asked
    stop.set()
    thread.join()
    reader.close()


def _now():
    return datetime.now(UTC)


def test_a_silence_is_added_listed_extended_and_expired(oncall, kafka, control):
    add = ("silence", "add", 'alertname="Crash"', "pod=~cart-.*", "--for", "1h", "--comment", "we move it")
    done = oncall(*add, "--as", "carol", "--json", *kafka)
    assert done.exit_code == 0, done.stderr
    made = json.loads(done.stdout)
    assert (made["createdBy"], made["comment"]) == ("carol", "we move it")
    assert made["matchers"] == ['alertname="Crash"', "pod=~cart-.*"]
    [shown] = json.loads(oncall("silence", "list", "--json", *kafka).stdout)
    assert shown == made

    done = oncall("silence", "extend", made["id"][:8], "--for", "3h", *kafka)
    assert done.exit_code == 0, done.stderr
    [longer] = json.loads(oncall("silence", "list", "--json", *kafka).stdout)
    assert _moment(longer["endsAt"]) - _moment(made["endsAt"]) > timedelta(hours=1.9)

    done = oncall("silence", "expire", made["id"][:8], *kafka)
    assert done.exit_code == 0, done.stderr
    assert "is over" in done.stdout
    assert oncall("silence", "list", *kafka).stdout == "no silences\n"
    assert "over" in oncall("silence", "list", "--all", *kafka).stdout
    assert [each.response for each in control] == ["silence", "silence", "unsilence"]


def _moment(text):
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("add", "alertname", "--for", "1h"), "is not a matcher"),
        (("add", "a==b", "--for", "1h"), "'a==b' would mute nothing; write it as a=\"b\""),
        (("add", "a=~.*", "--for", "1h"), "match an alert without any label"),
        (("add", "a=1", "--for", "1"), "is no duration"),
        (("add", "a=1", "--for", "1w"), "whole numbers with d, h, m, s or ms"),
        (("add", "a=1", "--for", "0s"), "more than nothing and at most 366 days"),
        (("add", "a=1", "--for", "400d"), "more than nothing and at most 366 days"),
        (("extend", "x", "--for", "1h"), "no silence 'x' lasts"),
        (("expire", "x"), "no silence 'x' lasts"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_sent(oncall, kafka, control, arguments, words):
    done = oncall("silence", *arguments, *kafka)
    assert done.exit_code == 1
    assert words in done.stderr
    assert control == []


def test_a_beginning_that_several_share(oncall, kafka, control, put):
    now = _now()
    known = [_silence(f"same-{number}", now) for number in range(2)]
    put(
        "standings", (b"silences", Codec().encode(Standing(id="silences", version=1, at=now, silences=known)))
    )
    done = oncall("silence", "expire", "same", *kafka)
    assert (done.exit_code, "give more of the id" in done.stderr) == (1, True)


def _silence(id_, now):
    return Silence(id=id_, matchers=["a=1"], starts_at=now, ends_at=now + timedelta(hours=1), updated_at=now)
