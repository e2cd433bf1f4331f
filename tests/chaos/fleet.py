"""Workers that are kept running and harmed: each has its slot with a data folder, and whoever dies there is followed by another."""

from __future__ import annotations

import re
import shutil
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import httpx

from app.road.failpoints import EXIT_CODE
from tests.support.kafka_process import free_ports
from tests.support.worker import READY, WorkerProcess

FAILPOINTS = ("after_outputs", "after_offset", "after_commit", "after_store", "after_append")
_APPLIED = re.compile(r"^oncall_worker_signals_applied_total(?:\{[^}]*\})? ([0-9.e+]+)$", re.MULTILINE)


@dataclass
class Slot:
    """One worker after another, on one data folder and one web port."""

    number: int
    folder: Path
    port: int
    worker: WorkerProcess | None = None
    failpoint: str = ""
    applied: float = 0
    """Messages of `signals` that the worker now there has applied, as it said last."""
    wakes_at: float = 0
    """When the paused worker is to be woken; 0 for one that is not paused."""
    starts_at: float = 0
    leaves: bool = False


@dataclass
class Fleet:
    """The workers of one service. `tick` is called again and again: it looks after all of them."""

    settings: dict
    folder: Path
    random: Random
    size: int = 3
    armed: bool = True
    """Whether workers get failpoints when they start."""
    kills: Counter = field(default_factory=Counter)
    """What ended workers that had applied a batch: `kill -9`, `pause`, or a failpoint's name."""
    others: Counter = field(default_factory=Counter)
    """What else ended them: a failpoint before they applied anything, SIGTERM, or they gave up by themselves."""
    starts: Counter = field(default_factory=Counter)
    last_words: list = field(default_factory=list)
    """Exit code and last line of those that gave up, or that SIGTERM ended otherwise than in order."""
    slots: list = field(default_factory=list)

    def __enter__(self):
        for number, port in enumerate(free_ports(self.size)):
            self.slots.append(Slot(number, self.folder / f"worker-{number}", port))
            self._start(self.slots[-1])
        return self

    def __exit__(self, *_):
        for slot in self.slots:
            if slot.worker is not None:
                slot.worker.__exit__()

    def tick(self):
        """See who has died, wake whom it is time to wake, and start what is missing."""
        now = time.monotonic()
        for slot in self.slots:
            if slot.worker is None:
                if now >= slot.starts_at:
                    self._start(slot)
            elif (code := slot.worker.poll()) is not None:
                self._count_end(slot, code)
                self._clear(slot, now)
            elif slot.wakes_at:
                if now >= slot.wakes_at:
                    slot.worker.wake()
                    slot.wakes_at = 0
            else:
                slot.applied = max(slot.applied, self._applied_by(slot))

    def at_work(self):
        """Slots whose worker has applied a batch, and is neither paused nor leaving."""
        return [
            slot for slot in self.slots if slot.worker and slot.applied and not (slot.wakes_at or slot.leaves)
        ]

    def kill(self):
        """`kill -9` one that is at work and waits for no failpoint; say whether there was any."""
        if slots := [slot for slot in self.at_work() if not slot.failpoint]:
            slot = self.random.choice(slots)
            slot.worker.kill()
            self.kills["kill -9"] += 1
            self._clear(slot, time.monotonic())
        return bool(slots)

    def pause(self, seconds):
        """SIGSTOP one that is at work, for longer than its session lasts."""
        if slots := self.at_work():
            slot = self.random.choice(slots)
            slot.worker.pause()
            slot.wakes_at = time.monotonic() + seconds
            self.kills["pause"] += 1
        return bool(slots)

    def leave(self):
        """SIGTERM one that is at work; another joins in its place."""
        if slots := self.at_work():
            slot = self.random.choice(slots)
            slot.leaves = True
            slot.worker.ask_to_end()
        return bool(slots)

    def settle(self, within):
        """No more harm: replace those that wait for a failpoint, and wait until all are ready."""
        self.armed = False
        for slot in self.slots:
            if slot.wakes_at:
                slot.worker.wake()
                slot.wakes_at = 0
            if slot.worker is not None and slot.failpoint:
                slot.worker.kill()
                self._clear(slot, time.monotonic())
        self.wait(lambda: all(slot.worker and self._is_ready(slot) for slot in self.slots), within)

    def roll(self, within=60):
        """A rolling restart, as of an upgrade: each leaves by SIGTERM and comes back before the next one goes."""
        for slot in self.slots:
            slot.leaves = True
            slot.worker.ask_to_end()
            self.wait(lambda slot=slot: slot.worker and not slot.leaves and self._is_ready(slot), within)

    def end(self):
        """End all of them in order; give their exit codes."""
        for slot in self.slots:
            slot.worker.ask_to_end()
        return [slot.worker.wait_end() for slot in self.slots]

    def wait(self, holds, within):
        """Tick until the condition holds."""
        deadline = time.monotonic() + within
        while not holds():
            if time.monotonic() > deadline:
                words = "\n\n".join(slot.worker.log[-3000:] for slot in self.slots if slot.worker)
                raise TimeoutError(f"the workers did not get there within {within} s:\n{words}")
            self.tick()
            time.sleep(0.1)

    def _start(self, slot):
        disk = "kept"
        if slot.folder.exists() and self.random.random() < 0.5:
            shutil.rmtree(slot.folder)
            disk = "emptied"
        self.starts[f"disk {disk}"] += 1
        slot.failpoint = self._failpoint() if self._is_to_be_armed() else ""
        slot.applied, slot.leaves = 0, False
        more = {"failpoint": slot.failpoint, "web_port": slot.port, "data_dir": slot.folder}
        if "instance" in self.settings:
            more["instance"] = f"worker-{slot.number}"
        slot.worker = WorkerProcess(**{**self.settings, **more}).start()

    def _is_to_be_armed(self):
        """Whether the next worker gets a failpoint: every one until one was struck, so that no run is without; then most."""
        struck = any(self.kills[name] for name in FAILPOINTS)
        return self.armed and (not struck or self.random.random() < 0.6)

    def _failpoint(self):
        """Give the one that was struck least, so that none is left out."""
        least = min(self.kills[name] for name in FAILPOINTS)
        name = self.random.choice([each for each in FAILPOINTS if self.kills[each] == least])
        return f"{name}:{self.random.randrange(5, 60)}"

    def _count_end(self, slot, code):
        name = slot.failpoint.partition(":")[0]
        if code == EXIT_CODE:
            # One that dies at its n-th batch has applied those before; intake's point says nothing of that.
            has_applied = slot.applied or name != "after_append"
            (self.kills if has_applied else self.others)[
                name if has_applied else "killed before they did anything"
            ] += 1
        elif slot.leaves and code == 0:
            self.others["that left in order"] += 1
        else:
            self.others["that left otherwise" if slot.leaves else "that gave up"] += 1
            self.last_words += [f"{code}: {words}" for words in slot.worker.log.strip().splitlines()[-1:]]

    def _clear(self, slot, now):
        slot.worker.__exit__()
        slot.worker, slot.failpoint, slot.wakes_at = None, "", 0
        slot.starts_at = now + self.random.choice((0, 0, 1, 8))

    def _applied_by(self, slot):
        try:
            found = _APPLIED.search(httpx.get(f"http://127.0.0.1:{slot.port}/metrics", timeout=0.3).text)
        except httpx.HTTPError:
            return 0
        return float(found.group(1)) if found else 0

    def _is_ready(self, slot):
        return re.search(READY, slot.worker.log) is not None
