"""A page that is edited and published while its execution is under way: the old run ends by the old text, the next uses the new."""

from __future__ import annotations

import asyncio
import hashlib
import os
import subprocess
import sys

from tests.stream.conftest import LIBRARY, alert, values
from tests.support.worker import ready_worker

TWO_STEPS = """\
---
id: versioned
title: Two looks
owner: platform
match: ['alertname="Versioned"']
budget: 30m
---
## Diagnosis
```yaml step=first
action: kubernetes.describe
with: {pod: "%(word)s-first"}
timeout: 10m
```
```yaml step=second
needs: [first]
action: kubernetes.describe
with: {pod: "%(word)s-second"}
timeout: 10m
```
"""


def write(folder, word):
    for name, text in LIBRARY.items():
        (folder / name).write_text(text)
    text = TWO_STEPS % {"word": word}
    (folder / "versioned.md").write_text(text)
    return hashlib.sha256(text.encode()).hexdigest()


def publish(service):
    names = {f"ONCALL_{name.upper()}": str(value) for name, value in service.settings().items()}
    command = [
        sys.executable,
        "-c",
        "from app.cli import main; main()",
        "library",
        "publish",
        str(service.folder / "library"),
    ]
    subprocess.run(command, check=True, env={**os.environ, **names}, capture_output=True, timeout=60)


def looks(records):
    return [each["params"]["pod"] for each in values(records) if each["op"] == "run"]


async def test_a_run_ends_by_its_old_text_and_the_next_begins_with_the_new(service):
    old_hash = write(service.folder / "library", "old")
    with ready_worker(**service.settings()):
        await service.send("alerts", alert("Versioned", namespace="one"))
        [first] = values(await service.read("step-commands", lambda found: found))
        new_hash = write(service.folder / "library", "new")
        await asyncio.to_thread(publish, service)
        await service.send("alerts", alert("Versioned", namespace="two"))
        commands = values(await service.read("step-commands", lambda found: len(found) >= 2))
        assert [each["params"]["pod"] for each in commands] == ["old-first", "new-first"]
        for command in commands:
            answer = {
                "id": f"answer/{command['id']}",
                "command_id": command["id"],
                "domain": command["domain"],
                "status": "succeeded",
            }
            await service.send("step-results", answer, key=command["domain"].encode())
        done = values(await service.read("step-commands", lambda found: len(found) >= 4))
    hashes = {each["params"]["pod"]: each["runbook_hash"] for each in done}
    assert hashes == {
        "old-first": old_hash,
        "old-second": old_hash,
        "new-first": new_hash,
        "new-second": new_hash,
    }
    assert first["runbook_hash"] == old_hash
