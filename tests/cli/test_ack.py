"""`oncall ack`: all open incidents that matchers match, at one stroke."""

import json

from app.connectors.reading import End, Reader
from app.model.inputs import Response
from app.model.words import IncidentStatus
from app.wire.codec import Codec
from app.wire.decode import decode
from tests.support.incidents import an_id, an_incident

CART = an_incident(id=an_id("cart"), acknowledged_at=None, version=2)
STOCK = an_incident(id=an_id("stock"), acknowledged_at=None, service="stock")


def on_topic(*incidents):
    return [(each.id.encode(), Codec().encode(each)) for each in incidents]


def sent(embedded_broker, topic_prefix):
    topic = f"{topic_prefix}.responses"
    with Reader(embedded_broker.bootstrap_servers, topic, name="responses") as reader:
        return [decode(each.value, Response) for each in reader.existing() if not isinstance(each, End)]


def test_each_that_matches_is_acknowledged(oncall, kafka, put, embedded_broker, topic_prefix):
    older = CART.model_copy(update={"status": IncidentStatus.RESOLVED, "version": 1})
    put("incidents", *on_topic(CART, STOCK, older))
    asked = ("ack", "--match", 'service="cart"', "--as", "alice", "--reason", "on it", "--id", "r1", *kafka)
    shown = oncall(*asked, "--dry-run")
    assert (shown.exit_code, CART.id in shown.stdout) == (0, True)
    assert "1 would be acknowledged" in shown.stderr
    done = oncall(*asked, "--json")
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout) == {"id": "r1", "sent": True, "incidents": [CART.id]}
    assert oncall(*asked).exit_code == 0
    first, again = sent(embedded_broker, topic_prefix)
    assert (first.id, first.domain, first.incident_id, first.text) == (
        again.id,
        CART.domain,
        CART.id,
        "on it",
    )
    assert (first.response, first.actor.provider, first.actor.id) == ("acknowledge", "cli", "alice")


def test_that_there_is_none_is_a_finding(oncall, kafka, put):
    put("incidents", *on_topic(STOCK.model_copy(update={"status": IncidentStatus.CLOSED})))
    done = oncall("ack", "--match", 'service="stock"', "--as", "alice", *kafka)
    assert done.exit_code == 1
    assert "no open incident" in done.stderr


def test_a_wrong_matcher_and_none_are_refused(oncall, nowhere):
    assert "say which incidents" in oncall("ack", *nowhere).stderr
    done = oncall("ack", "--match", "service", *nowhere)
    assert (done.exit_code, "is not a matcher" in done.stderr) == (2, True)
    done = oncall("ack", "--match", "service!==cart", *nowhere)
    assert (done.exit_code, 'write it as service!="cart"' in done.stderr) == (2, True)
