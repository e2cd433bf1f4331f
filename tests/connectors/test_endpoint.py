import json
import time
from datetime import UTC, datetime, timedelta

import pytest

from app.connectors.endpoint import Endpoint, OverdueError, Refused, Taken, retry_after
from app.connectors.errors import EndpointMisfitError
from app.connectors.signature import verify
from tests.connectors.endpoint import serving
from tests.connectors.samples import step

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def place():
    with serving() as place:
        yield place


@pytest.fixture
def said():
    return []


@pytest.fixture
def endpoint(place, said):
    endpoint = Endpoint(place.url, "s3cret", say=said.append)
    yield endpoint
    endpoint.close()


class Pauses(list):
    """Stands in for waiting: notes how long it would have been."""

    def __call__(self, seconds):
        self.append(seconds)


def test_a_command_is_posted_signed_and_with_its_id(place, endpoint):
    assert endpoint.deliver(step(), "step-commands", Pauses()) == Taken(b"")
    (posted,) = place.posted
    headers = posted.headers
    assert headers["idempotency-key"] == step().id
    assert headers["content-type"] == "application/json"
    assert headers["x-oncall-topic"] == "step-commands"
    assert verify(
        "s3cret",
        headers["x-oncall-timestamp"],
        posted.body,
        headers["x-oncall-signature"],
        now=int(time.time()),
    )
    assert json.loads(posted.body)["action"] == "kubernetes.describe"


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408, 409, 425, 429])
def test_what_may_pass_is_tried_again_with_the_same_key_and_body(place, endpoint, said, status):
    place.answers = [(status, {}, b""), (status, {}, b""), (200, {}, b"{}")]
    pauses = Pauses()
    assert endpoint.deliver(step(), "step-commands", pauses) == Taken(b"{}")
    assert len({p.headers["idempotency-key"] for p in place.posted}) == 1
    assert len({p.body for p in place.posted}) == 1
    assert len(pauses) == len(said) == 2
    assert 0.5 <= pauses[0] < pauses[1] + 1
    assert str(status) in said[0]


def test_retry_after_is_honoured(place, endpoint):
    place.answers = [(503, {"Retry-After": "17"}, b"")]
    pauses = Pauses()
    endpoint.deliver(step(), "step-commands", pauses)
    assert pauses == [17.0]


@pytest.mark.parametrize("status", [400, 403, 404, 410, 422])
def test_any_other_4xx_is_final(place, endpoint, status):
    place.answers = [(status, {}, b"no such action")]
    outcome = endpoint.deliver(step(), "step-commands", Pauses())
    assert isinstance(outcome, Refused)
    assert str(status) in outcome.why
    assert "no such action" in outcome.why
    assert len(place.posted) == 1


@pytest.mark.parametrize(
    ("status", "headers", "mend"), [(401, {}, "SECRET"), (301, {"Location": "/new"}, "/new")]
)
def test_an_endpoint_that_cannot_be_meant_costs_no_command(place, endpoint, status, headers, mend):
    place.answers = [(status, headers, b"")]
    with pytest.raises(EndpointMisfitError, match=mend):
        endpoint.deliver(step(), "step-commands", Pauses())


def test_nobody_listens(said):
    with serving() as gone:
        url = gone.url
    endpoint = Endpoint(url, None, say=said.append, tries=2)
    outcome = endpoint.deliver(step(), "step-commands", Pauses())
    endpoint.close()
    assert isinstance(outcome, Refused)
    assert "ConnectError" in said[0]


def test_a_command_past_its_time_is_not_posted(place, endpoint):
    with pytest.raises(OverdueError):
        endpoint.deliver(step(not_after=NOW), "step-commands", Pauses())
    assert not place.posted


def test_a_command_may_fall_due_between_tries(place, endpoint):
    place.answers = [(500, {}, b"")] * 100
    soon = datetime.now(UTC) + timedelta(milliseconds=200)
    with pytest.raises(OverdueError):
        endpoint.deliver(step(not_after=soon), "step-commands", lambda _: time.sleep(0.1))
    assert 1 <= len(place.posted) <= 4


def test_unsigned(place):
    endpoint = Endpoint(place.url, None, say=print)
    endpoint.deliver(step(), "step-commands", Pauses())
    endpoint.close()
    assert "x-oncall-signature" not in place.posted[0].headers


@pytest.mark.parametrize("url", ["automation.example.com", "ftp://x/", "https://", "http://x:port/"])
def test_an_address_that_is_none(url):
    with pytest.raises(EndpointMisfitError, match="https://host/path"):
        Endpoint(url, None, say=print)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("5", 5.0),
        (" 0 ", 0.0),
        ("999999", 3600.0),
        ("Thu, 01 Jan 2026 00:01:00 GMT", 60.0),
        ("Wed, 31 Dec 2025 00:01:00 GMT", 0.0),
        ("soon", None),
        ("-3", None),
    ],
)
def test_retry_after(header, seconds):
    assert retry_after(header, NOW) == seconds
