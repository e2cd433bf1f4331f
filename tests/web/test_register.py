"""What `register` hangs into a Faust app lives and ends with its web server."""

import asyncio

import faust
from aiohttp.test_utils import TestClient, TestServer

from app.settings import Settings
from app.web import register
from app.web.follow import Following
from app.web.read_model import ReadModel
from tests.support.clients import producing
from tests.support.incidents import an_id, an_incident
from tests.support.runtime import FakeRuntime
from tests.web.conftest import WITHIN_S, until
from tests.web.test_standings import paused


def an_app(broker, prefix):
    settings = Settings(bootstrap_servers=broker.bootstrap_servers, embedded=True, topic_prefix=prefix)
    app = faust.App(prefix, broker=f"kafka://{broker.bootstrap_servers}", web_bind="127.0.0.1")
    return app, register(app, FakeRuntime(settings=settings))


async def test_incidents_of_the_topic_are_served_and_all_ends_with_the_server(embedded_broker, topic_prefix):
    async with producing(embedded_broker.bootstrap_servers) as producer:
        value = an_incident("one").model_dump_json().encode()
        await producer.send_and_wait(f"{topic_prefix}.incidents", value, key=an_id("one").encode())
        value = paused("carol").model_dump_json().encode()
        await producer.send_and_wait(f"{topic_prefix}.standings", value, key=b"automation")
    app, model = an_app(embedded_broker, topic_prefix)
    async with TestClient(TestServer(app.web.web_app)) as client:
        await until(lambda: model.ready)
        async with asyncio.timeout(WITHIN_S):
            while (await client.get("/readyz")).status != 200:
                pass
        automation = await (await client.get("/api/v1/automation")).json()
        assert (automation["paused"], automation["by"]) == (True, "carol")
        assert [task for task in asyncio.all_tasks() if task.get_name().startswith("follow ")]
        listed = await (await client.get("/api/v1/incidents")).json()
        assert [each["id"] for each in listed["incidents"]] == [an_id("one")]
    assert not [task for task in asyncio.all_tasks() if task.get_name().startswith("follow ")]


async def test_fausts_own_pages_are_not_there(embedded_broker, topic_prefix):
    app, _ = an_app(embedded_broker, topic_prefix)
    app.web.init_server()
    async with TestClient(TestServer(app.web.web_app)) as client:
        for path in ("/table/", "/router", "/graph", "/stats/"):
            assert (await client.get(path)).status == 404


async def test_a_view_that_stopped_by_a_fault_of_ours_is_not_ready(embedded_broker, topic_prefix, caplog):
    def broken(_):
        raise TypeError("a bug")

    topic = f"{topic_prefix}.incidents"
    model = ReadModel(broken)
    following = Following(model, topic, embedded_broker.bootstrap_servers, check_crcs=False)
    async with producing(embedded_broker.bootstrap_servers) as producer:
        await producer.send_and_wait(topic, b"{}", key=b"k")
    await following.start(None)
    await until(lambda: "no longer followed" in model.why_not)
    await following.stop(None)
    await following.stop(None)
    assert not model.ready
    assert "a bug" in caplog.text
