"""Loopback only, for our own names only, JSON only."""

import faust
import pytest
from aiohttp.test_utils import TestServer

from app.settings import Settings
from app.web.guard import NotLoopbackError, names_loopback, require_loopback
from app.web.state import State
from app.web.views import mount, register
from tests.support.runtime import FakeRuntime


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_loopback_is_taken(host):
    require_loopback(host)


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "", "10.0.0.1", "oncall.example.org", "localhost.example.org"]
)
def test_other_addresses_are_refused_with_the_mend(host):
    with pytest.raises(NotLoopbackError, match=r"Set ONCALL_WEB_HOST to 127\.0\.0\.1"):
        require_loopback(host)


def test_nothing_is_registered_on_an_open_address():
    app = faust.App("open", broker="kafka://127.0.0.1:1")
    with pytest.raises(NotLoopbackError):
        register(app, FakeRuntime(settings=Settings(web_host="0.0.0.0")))


async def test_the_server_does_not_start_when_fausts_own_option_opens_the_address(model):
    app = faust.App("opened", broker="kafka://127.0.0.1:1", web_bind="0.0.0.0")
    mount(app, State(FakeRuntime(), model))
    with pytest.raises(NotLoopbackError):
        await TestServer(app.web.web_app).start_server()


HOSTS = {
    "localhost": True,
    "localhost:8080": True,
    "127.0.0.1:8080": True,
    "[::1]:8080": True,
    "LOCALHOST": True,
    "evil.example.org": False,
    "evil.example.org:8080": False,
    "localhost.example.org": False,
    "127.0.0.1.example.org:8080": False,
    "10.0.0.1": False,
    "": False,
    "[::1": False,
}


@pytest.mark.parametrize(("host", "ours"), HOSTS.items())
def test_host_headers(host, ours):
    assert names_loopback(host) is ours


@pytest.mark.parametrize("path", ["/", "/api/v1/incidents", "/metrics", "/style.css"])
async def test_a_rebound_name_is_misdirected(client, path):
    answer = await client.get(path, headers={"Host": "evil.example.org"})
    assert answer.status == 421


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
async def test_a_web_page_cannot_post_without_asking_first(client, runtime, content_type):
    body = b'{"domain": "d", "incident_id": "i", "response": "resolve"}'
    headers = {"Content-Type": content_type, "Origin": "https://evil.example.com"}
    answer = await client.post("/intake/responses", data=body, headers=headers)
    assert (answer.status, answer.content_type) == (415, "application/problem+json")
    assert runtime.log.appended == []


async def test_no_browser_may_run_or_load_anything(client):
    for path in ("/", "/nothing", "/api/v1/incidents"):
        headers = (await client.get(path)).headers
        assert headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert headers["X-Content-Type-Options"] == "nosniff"


async def test_curl_need_not_say_what_it_sends(client, runtime):
    body = b'{"domain": "d", "incident_id": "i", "response": "resolve"}'
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert (await client.post("/intake/responses", data=body, headers=headers)).status == 202
    assert len(runtime.log.appended) == 1
