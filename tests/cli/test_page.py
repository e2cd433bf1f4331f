"""`oncall page --test` against a stand-in for the domain `control`, and `oncall handover`."""

import json
import threading
from datetime import UTC, datetime

import pytest

from app.connectors.reading import Reader
from app.model.inputs import Response
from app.model.standings import Standing, TriedWay
from app.wire.codec import Codec
from app.wire.decode import decode
from tests.support.incidents import an_incident

AT = datetime(2026, 11, 1, 12, tzinfo=UTC)
HAND_OVER = """
people: {alice: {}}
teams: {shop: {members: [alice]}}
"""


def standing(version, reason, *ways, by="carol"):
    made = Standing(id="test_page:alice", version=version, at=AT, reason=reason, by=by, tried=list(ways))
    return made.id.encode(), Codec().encode(made)


@pytest.fixture
def control(put, embedded_broker, topic_prefix):
    """Answers the first response to `control` by these standings; gives what was asked."""
    put("standings", standing(1, "test_page_sent"))
    put("responses", (b"x", b"{}"))
    stop, asked, told = threading.Event(), [], []
    topic = f"{topic_prefix}.responses"
    reader = Reader(embedded_broker.bootstrap_servers, topic, name="responses", stop=stop)

    def answer():
        for message in reader.following():
            asked.append(decode(message.value, Response))
            put("standings", *told)

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    yield asked, told
    stop.set()
    thread.join()
    reader.close()


def way(channel, delivery, reason=""):
    return TriedWay(object_id=channel, channel=channel, delivery=delivery, reason=reason)


def test_a_test_page_that_is_acknowledged(oncall, kafka, control):
    asked, told = control
    told += [
        standing(2, "test_page_sent", way("push", "")),
        standing(3, "test_page_acknowledged", way("push", "delivered"), by="alice"),
    ]
    done = oncall("page", "--test", "@alice", "--as", "carol", *kafka)
    assert done.exit_code == 0, done.stderr
    assert "acknowledged by alice" in done.stdout
    (response,) = asked
    assert (response.response, response.target, response.domain) == ("page_test", "alice", "control")


def test_a_way_that_failed_is_told_when_time_is_up(oncall, kafka, control):
    told = control[1]
    told.append(
        standing(2, "test_page_answered", way("push", "accepted"), way("call", "failed", "no such number"))
    )
    done = oncall("page", "--test", "alice", "--within", "2", "--json", *kafka)
    assert done.exit_code == 1
    assert json.loads(done.stdout)["tried"][1]["reason"] == "no such number"
    assert "not every way is known to work" in done.stderr


def test_nobody_sends_it_and_what_is_no_test(oncall, kafka, control):
    done = oncall("page", "--test", "alice", "--within", "1", *kafka)
    assert done.exit_code == 2
    assert "no worker sent a test page to alice" in done.stderr
    assert "say --test" in oncall("page", "alice", *kafka).stderr


def test_the_note_of_a_hand_over(oncall, kafka, put, tmp_path):
    (tmp_path / "x.yaml").write_text(HAND_OVER)
    incident = an_incident("one", title="Carts are lost")
    put("incidents", (incident.id.encode(), Codec().encode(incident)))
    folder = ("--runbooks", tmp_path)
    done = oncall("handover", "shop", *folder, *kafka)
    assert done.exit_code == 0, done.stderr
    assert "# Hand-over: shop" in done.stdout
    assert "**Carts are lost**" in done.stdout
    told = json.loads(oncall("handover", "shop", "--json", *folder, *kafka).stdout)
    assert [each["title"] for each in told["open"]] == ["Carts are lost"]
    unknown = oncall("handover", "shopp", *folder, *kafka)
    assert unknown.exit_code == 1
    assert "did you mean 'shop'?" in unknown.stderr
