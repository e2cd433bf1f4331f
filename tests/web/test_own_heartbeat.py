"""Our own heartbeat: it comes while the worker is well, and nothing says where to."""

import logging

import aiohttp
import faust
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client import CollectorRegistry, Counter

from app.settings import Settings, SettingsError, read_settings
from app.web import register
from app.web.own_heartbeat import OwnHeartbeat
from app.web.state import State
from tests.support.runtime import FakeRuntime
from tests.web.conftest import until

SECRET = "/ping/9f3b-secret"


class Switch:
    """A dead man's switch: what it heard, and what it answers."""

    def __init__(self):
        self.heard, self.status = [], 200

    async def answer(self, request):
        self.heard.append(request.path)
        headers = {"Location": "/elsewhere"} if self.status == 302 else {}
        return web.Response(status=self.status, headers=headers)


@pytest.fixture
async def switch():
    switch, app = Switch(), web.Application()
    app.router.add_get("/{path:.*}", switch.answer)
    async with TestServer(app) as server:
        switch.url = str(server.make_url(SECRET))
        yield switch


def beating(switch, *, well=True, every=0.01):
    counter = Counter("beats", "x", ("outcome",), registry=CollectorRegistry())
    return OwnHeartbeat(switch.url, lambda: well, counter, every)


def counted(beat):
    return {
        outcome: beat.counter.labels(outcome)._value.get() for outcome in ("arrived", "failed", "withheld")
    }


async def test_it_comes_again_and_again(switch):
    beat = beating(switch)
    await beat.start(web.Application())
    await until(lambda: len(switch.heard) >= 3)
    await beat.stop(web.Application())
    assert set(switch.heard) == {SECRET}
    assert counted(beat)["failed"] == counted(beat)["withheld"] == 0


@pytest.mark.parametrize("status", [404, 500, 302])
async def test_what_is_no_yes_has_failed_and_a_redirect_is_not_followed(switch, status):
    switch.status = status
    async with aiohttp.ClientSession() as session:
        assert await beating(switch).beat(session) == ("failed", f"it answers {status}")
    assert switch.heard == [SECRET]


async def test_a_worker_that_is_not_well_says_nothing(switch):
    async with aiohttp.ClientSession() as session:
        assert (await beating(switch, well=False).beat(session))[0] == "withheld"
    assert switch.heard == []


async def test_nothing_in_the_log_says_where_to(switch, caplog):
    caplog.set_level(logging.DEBUG)
    switch.status = 500
    beat = beating(switch)
    await beat.start(web.Application())
    await until(lambda: len(switch.heard) >= 2)
    switch.url = beat.url = "http://127.0.0.1:1" + SECRET
    await until(lambda: counted(beat)["failed"] >= 4)
    await beat.stop(web.Application())
    said = [each.getMessage() for each in caplog.records if each.name == "app.web.own_heartbeat"]
    assert said == ["the heartbeat to 127.0.0.1 is failed: it answers 500"]
    ours = [each for each in caplog.records if each.name != "aiohttp.access"]  # which is the switch
    assert not any("secret" in each.getMessage() for each in ours)
    assert "secret" not in repr(Settings(heartbeat_url="https://x.example" + SECRET))


@pytest.mark.parametrize(
    ("facts", "well"),
    [
        ({}, True),
        ({"stuck": ("signals/0",)}, False),
        ({"state": (False, "starting")}, False),
        ({"unanswered": "the brokers have not answered for 60 s"}, False),
    ],
)
def test_well_means_alive_and_ready(facts, well, model, standings):
    assert State(FakeRuntime(**facts), model, standings).well() is well


async def test_a_worker_beats_where_the_settings_say_so(switch):
    app = faust.App("beat", broker="kafka://127.0.0.1:1", web_bind="127.0.0.1")
    settings = Settings(heartbeat_url=switch.url, bootstrap_servers="127.0.0.1:1")
    register(app, FakeRuntime(settings=settings))
    async with TestClient(TestServer(app.web.web_app)) as client:
        text = await (await client.get("/metrics")).text()
        assert 'oncall_own_heartbeats_total{outcome="arrived"} 0.0' in text
    assert switch.heard == [], "it is not ready: it has read nothing"


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/x",
        "ftp://example.org/x",
        "https://",
        "http://localhost.evil.example/x",
        "nonsense",
    ],
)
def test_an_address_that_others_could_read_is_refused(monkeypatch, url):
    monkeypatch.setenv("ONCALL_HEARTBEAT_URL", url)
    with pytest.raises(SettingsError, match=r"^ONCALL_HEARTBEAT_URL: it begins with https://") as refused:
        read_settings()
    assert url == "https://" or url not in str(refused.value)


@pytest.mark.parametrize(
    "url", ["", "https://example.org/x", "http://127.0.0.1:8/x", "http://localhost/x", "http://[::1]/x"]
)
def test_an_address_that_is_taken(monkeypatch, url):
    monkeypatch.setenv("ONCALL_HEARTBEAT_URL", url)
    assert read_settings().heartbeat_url.get_secret_value() == url
