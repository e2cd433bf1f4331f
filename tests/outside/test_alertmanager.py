"""A real Alertmanager, its webhook pointed at a worker on a real Kafka, in mode auto and in shadow."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import time
from contextlib import contextmanager
from datetime import UTC, datetime

import httpx
import pytest

from app.model.topics import COMMANDS, shadow
from app.resources import runbooks_dir
from tests.stream.conftest import service, values  # noqa: F401  # the fixture is used by name
from tests.stream.test_worker import free_port
from tests.support.worker import ready_worker

ALERTMANAGER, AMTOOL = (
    shutil.which("prometheus-alertmanager") or shutil.which("alertmanager"),
    shutil.which("amtool"),
)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (ALERTMANAGER and AMTOOL), reason="needs Alertmanager and amtool on the PATH"),
]

CONFIG = """
route: {{receiver: oncall, group_by: ['...'], group_wait: 0s, group_interval: 1s, repeat_interval: 1h}}
receivers:
- name: oncall
  webhook_configs: [{{url: "http://127.0.0.1:{port}/intake/alertmanager", send_resolved: true}}]
"""
ALERT = ("alertname=KubePodCrashLooping", "namespace=shop", "pod=cart-1", "severity=critical")


@contextmanager
def alertmanager(folder, web_port):
    port = free_port()
    (folder / "alertmanager.yml").write_text(CONFIG.format(port=web_port))
    command = [
        ALERTMANAGER,
        f"--config.file={folder / 'alertmanager.yml'}",
        f"--storage.path={folder / 'alertmanager'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
    ]
    url = f"http://127.0.0.1:{port}"
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            wait_until_it_answers(url)
            yield url
        finally:
            process.terminate()


def wait_until_it_answers(url):
    for _ in range(100):
        try:
            if httpx.get(f"{url}/-/ready").is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)  # it is not up yet, and there is nothing else to wait for
    raise AssertionError("Alertmanager does not answer")


async def add(url, *more):
    command = [AMTOOL, f"--alertmanager.url={url}", "alert", "add", *ALERT, *more]
    await asyncio.to_thread(subprocess.run, command, check=True, timeout=20)


@pytest.mark.parametrize("mode", ["auto", "shadow"])
async def test_an_alert_from_amtool(service, tmp_path, mode):  # noqa: F811
    port = free_port()
    settings = service.settings(runbooks=runbooks_dir(), mode=mode, web_port=port)

    def topic(name):
        return shadow(name) if mode == "shadow" else name

    with ready_worker(**settings), alertmanager(tmp_path, port) as url:
        await add(url)
        [step] = values(await service.read(topic("step-commands"), lambda found: found, within=20))
        assert (step["op"], step["attempt"], step["params"]["pod"]) == ("run", 1, "cart-1")
        await service.read(topic("escalation-commands"), lambda found: found)
        await add(url)
        await add(url, f"--end={datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}")
        pages = values(await service.read(topic("escalation-commands"), lambda found: len(found) >= 2))
        assert [page["op"] for page in pages] == ["notify", "stop"]
        [document] = values(await service.read(topic("document-commands"), lambda found: found))
        assert "KubePodCrashLooping" in document["body"]
        incidents = values(await service.read("incidents", lambda found: found))
        assert len({each["id"] for each in incidents}) == 1
        assert incidents[-1]["status"] == "resolved"
        runs = [
            each for each in values(await service.read_all(topic("step-commands"))) if each["op"] == "run"
        ]
        assert [each["attempt"] for each in runs] == [1]
        if mode == "shadow":
            assert [await service.read_all(name) for name in COMMANDS] == [[]] * len(COMMANDS)
