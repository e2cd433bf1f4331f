"""A worker that may not start says why, names every problem and its mend, and ends with 2."""

import asyncio
import socket

import pytest

from app.settings import Settings
from app.stream.topics import check_topics, create_topics, specs
from tests.support.worker import COMMANDS, WorkerProcess, ready_worker


async def refused(service, command=COMMANDS[0], **settings):
    with WorkerProcess(command, **service.settings(**settings)) as worker:
        code = await asyncio.to_thread(worker.wait_end)
        return code, worker.log


async def test_missing_topics(service):
    code, log = await refused(service, topic_prefix=f"{service.prefix}x")
    assert code == 2
    assert f" {service.prefix}x.signals, " in log
    assert log.count("missing; run `oncall topics create`") == 1, "one mend, one line"


async def test_a_broken_folder(service):
    (service.folder / "library" / "bad-one.md").write_text(
        "---\nid: bad\nmatch: ['no matcher']\n---\n## Diagnosis\n"
    )
    (service.folder / "library" / "bad-two.yaml").write_text("teams: [\n")
    code, log = await refused(service)
    assert code == 2
    assert "bad-one.md" in log
    assert "bad-two.yaml" in log


async def test_an_empty_folder(service, tmp_path):
    (tmp_path / "empty").mkdir()
    code, log = await refused(service, runbooks=tmp_path / "empty")
    assert code == 2
    assert "holds no runbook" in log


async def test_a_file_that_is_no_text(service):
    (service.folder / "library" / "bad.md").write_bytes(b"fine\n\xff\n")
    code, log = await refused(service)
    assert code == 2
    assert "bad.md:2:1: error: the file is no UTF-8 text" in log


async def test_no_broker(service):
    code, log = await refused(service, bootstrap_servers="127.0.0.1:1")
    assert code == 2
    assert "ONCALL_BOOTSTRAP_SERVERS" in log


async def test_no_embedded_broker(service):
    code, log = await refused(service, bootstrap_servers="127.0.0.1:1", embedded=True)
    assert code == 2
    assert "ONCALL_BOOTSTRAP_SERVERS" in log
    assert "Traceback" not in log


@pytest.mark.parametrize("command", COMMANDS, ids=["oncall", "faust"])
async def test_a_web_port_that_is_taken(service, command):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        code, log = await refused(service, command=command, web_port=port)
    assert code == 2
    assert f"the web port 127.0.0.1:{port} cannot be had" in log
    assert "--web-port" in log
    assert "Traceback" not in log


async def test_a_data_folder_that_is_a_file(service):
    (service.folder / "file").write_text("no folder")
    for data in ("file", "file/below"):
        code, log = await refused(service, data_dir=service.folder / data)
        assert code == 2
        assert f"the data folder {service.folder / data} cannot be used" in log
        assert "Traceback" not in log


async def test_a_data_folder_that_another_worker_uses(service):
    with ready_worker(**service.settings()) as first:
        code, log = await refused(service)
        assert code == 2
        assert f"another worker uses the data folder {service.folder / 'data'}" in log
        assert "Traceback" not in log
        first.kill()
    with ready_worker(**service.settings()) as after:
        assert after.terminate() == 0


async def test_a_failpoint_that_there_is_not(service):
    code, log = await refused(service, failpoint="after_lunch")
    assert code == 2
    assert "after_outputs" in log


LARGER = {"max.message.bytes": "9000000"}


@pytest.fixture
def settings(real_kafka, topic_prefix):
    return Settings(
        bootstrap_servers=real_kafka.bootstrap_servers,
        topic_prefix=topic_prefix,
        app_id=topic_prefix,
        partitions=3,
    )


def test_topics_are_made_once_and_are_then_right(settings):
    wanted = {spec.name for spec in specs(settings)}
    assert {problem.topic for problem in check_topics(settings)} == wanted
    assert set(create_topics(settings)) == wanted
    assert create_topics(settings) == []
    assert check_topics(settings) == []


def test_wrong_topics_are_named_with_their_mend(settings):
    from confluent_kafka.admin import AdminClient, NewTopic

    admin = AdminClient({"bootstrap.servers": settings.bootstrap_servers})
    prefix = settings.topic_prefix
    larger = NewTopic(f"{prefix}.incidents", 3, 1, config={"cleanup.policy": "compact", **LARGER})
    made = [NewTopic(f"{prefix}.signals", 5, 1), NewTopic(f"{prefix}.dead-letters", 3, 1), larger]
    for future in admin.create_topics(made).values():
        future.result(10)
    while not {each.topic for each in made} <= set(admin.list_topics(timeout=10).topics):
        pass  # the controller made them; the broker hears of it a moment later
    create_topics(settings)
    problems = {problem.topic: problem for problem in check_topics(settings)}
    assert "LogAppendTime" in problems[f"{prefix}.signals"].mend
    assert "has 3 partitions where `signals` has 5" in problems[f"{prefix}-incidents-changelog"].message
    # A message that the topic refuses would end the worker, and the next one.
    assert "max.message.bytes=5000000" in problems[f"{prefix}.dead-letters"].mend
    assert len(problems) == 3
