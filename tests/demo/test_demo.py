"""The demo itself, as a person starts it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from app.demo.shown import FEATURES
from app.model.topics import COMMANDS

ONCALL = [sys.executable, "-c", "import sys; from app.cli import main; sys.exit(main())"]
DEMO = [*ONCALL, "demo"]
BROKER = re.compile(rb"Its broker, .*: (127\.0\.0\.1:\d+)")
pytestmark = [pytest.mark.slow, pytest.mark.processes, pytest.mark.timeout(280)]


def environment(tmp_path: Path) -> dict[str, str]:
    return {**os.environ, "TMPDIR": str(tmp_path), "TERM": "dumb"}


def test_once_ends_as_the_scenario_says_and_gives_one_document(tmp_path: Path) -> None:
    done = subprocess.run(
        [*DEMO, "--once", "--json"], env=environment(tmp_path), capture_output=True, check=False, timeout=270
    )
    said = done.stderr.decode(errors="replace")
    assert done.returncode == 0, said[-4000:]
    told = json.loads(done.stdout)
    assert told["ok"]
    assert len(told["incidents"]) >= 12
    assert all(incident["ok"] for incident in told["incidents"])
    assert set(told["commands"]) == set(COMMANDS)
    assert all(count >= 1 for count in told["commands"].values())
    assert len(told["dead_letters"]) >= 1
    assert set(told["shown"]) == set(FEATURES)
    for feature, shown in told["shown"].items():
        assert shown is not None, feature
        if shown["execution"]:
            assert shown["step"].split(", ")[0] in steps(told, feature)
    assert steps(told, "approval_given")["switch_provider"]["approved_by"] == ["ada"]
    assert steps(told, "approval_timed_out")["end_holder"]["reason"] == "approval_timeout"
    review = told["review"]
    assert review["incident"] == told["shown"]["review_written"]["incident"]
    assert {"## Summary", "## Timeline", "## Follow-up"} <= set(review["body"].splitlines())
    assert told["pages"]["connections-exhausted"]["breaker_open"]
    assert len(told["slo"]) == 4
    assert "IncidentOpened" in said, "progress is on stderr while it runs"
    assert "Its broker, for `oncall tail` and your own clients: 127.0.0.1:" in said
    assert list(tmp_path.iterdir()) == [], "nothing is left behind"


def steps(told: dict[str, Any], feature: str) -> dict[str, Any]:
    """The steps of the execution that shows a feature, by id."""
    shown = told["shown"][feature]
    (incident,) = (each for each in told["incidents"] if each["id"] == shown["incident"])
    (run,) = (each for each in incident["executions"] if each["id"] == shown["execution"])
    return {step["step"]: step for step in run["steps"]}


@dataclass
class Running:
    """A demo that goes on, whose worker is ready."""

    demo: subprocess.Popen[bytes]
    folder: Path
    """Its temporary folder."""
    broker: str
    """Where it says that its broker is."""


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    with subprocess.Popen(
        DEMO, env=environment(tmp_path), stderr=subprocess.PIPE, stdout=subprocess.DEVNULL
    ) as demo:
        assert demo.stderr is not None
        said = b""
        for line in demo.stderr:
            said += line
            if b"are about to happen" in line:
                break
        broker = BROKER.search(said)
        yield Running(demo, tmp_path, broker[1].decode() if broker else "")
        demo.kill()
        demo.stderr.read()


def test_a_review_can_be_read_while_it_goes_on(running: Running) -> None:
    """As docs/demo.md says; the first incident is over ten seconds after the hour began."""
    environment = {**os.environ, "ONCALL_EMBEDDED": "1", "ONCALL_BOOTSTRAP_SERVERS": running.broker}
    with subprocess.Popen(
        [*ONCALL, "tail", "document-commands", "-f"], env=environment, stdout=subprocess.PIPE
    ) as tail:
        assert tail.stdout is not None
        review = json.loads(tail.stdout.readline())
        tail.kill()
    assert (review["op"], review["revision"]) == ("draft", 1)
    assert review["title"] == "Review: " + review["body"].splitlines()[0].removeprefix("# ")
    assert "## What was tried" in review["body"].splitlines()


def test_ctrl_c_ends_it_and_leaves_nothing_behind(running: Running) -> None:
    demo, folder = running.demo, running.folder
    assert workers(folder)
    demo.send_signal(signal.SIGINT)
    assert demo.wait(40) == 0
    assert not workers(folder)
    assert list(folder.iterdir()) == []


def test_the_worker_dies_with_a_demo_that_is_killed(running: Running) -> None:
    demo, folder = running.demo, running.folder
    assert workers(folder)
    demo.kill()
    demo.wait(10)
    within(30, lambda: not workers(folder))


def workers(folder: Path) -> list[int]:
    """The processes whose environment names the demo's temporary folder, other than the demo itself."""
    if not Path("/proc/self/environ").exists():
        pytest.skip("needs /proc to look for processes")
    found = []
    for process in Path("/proc").iterdir():
        try:
            given = (process / "environ").read_bytes()
            asked = (process / "cmdline").read_bytes()
        except (OSError, ValueError):
            continue
        if str(folder).encode() in given and b"app.demo.lifeline" in asked:
            found.append(int(process.name))
    return found


def within(seconds: float, condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.2)
