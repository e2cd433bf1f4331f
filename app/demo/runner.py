"""Playing the demo: broker and worker up, simulators at work, the scenario played, the end judged."""

from __future__ import annotations

import asyncio
import contextlib
import io
import signal
import sys
import tempfile
from collections.abc import Awaitable, Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from rich.console import Console

from app.broker.embedded import EmbeddedBroker
from app.demo.audience import Audience
from app.demo.document import document, print_document
from app.demo.kafka import Client
from app.demo.progress import Progress
from app.demo.report import print_table
from app.demo.scenario import SCENARIO
from app.demo.simulators import bystanders, monitoring, past
from app.demo.simulators.channel import Channel
from app.demo.simulators.desk import Connectors
from app.demo.simulators.estate import Estate
from app.demo.simulators.executor import Executor
from app.demo.simulators.people import Pager
from app.demo.verdict import ENDED, Verdict, judge
from app.demo.worker import PREFIX, DemoError, WorkerProcess

DEADLINE = 170.0
"""Seconds after which an hour that has not settled is judged as it is."""
GRACE = 8.0
"""Seconds for late feedback and receipts after the last incident is over."""
QUIET = 1.5
"""Seconds without a difference before all counts as settled: time for something surplus to show."""
PAUSE = 45.0
"""Seconds between two hours; longer than the reopen window of the library."""
_LOOK = 0.3
INTERRUPTED = 130


@dataclass
class Stage:
    """All that a running demo consists of."""

    worker: WorkerProcess
    client: Client
    estate: Estate
    audience: Audience
    progress: Progress

    def verdicts(self, first: int) -> list[Verdict]:
        """Judge the incidents after the first `first`."""
        return judge(SCENARIO.stories, self.audience.after(first), self.audience.events, self.audience.desks)


def run_demo(*, once: bool, as_json: bool) -> int:
    """Run the demo; give the exit code: 0 when every incident ended as the scenario says, or at Ctrl-C without `once`."""
    for stream in (sys.stdout, sys.stderr):
        _tolerant(stream)
    if as_json and not once:
        sys.stderr.write("oncall demo: --json needs --once: a demo that goes on has no last word\n")
        return 2
    try:
        return asyncio.run(_until_interrupted(_demo(once=once, as_json=as_json), once=once))
    except DemoError as error:
        sys.stderr.write(f"oncall demo: {error}\n")
        return 1


async def _until_interrupted(demo: Coroutine[Any, Any, int], *, once: bool) -> int:
    """Run the demo as a task that Ctrl-C and SIGTERM end in good order."""
    task = asyncio.ensure_future(demo)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, task.cancel)
    try:
        return await task
    except asyncio.CancelledError:
        return INTERRUPTED if once else 0


async def _demo(*, once: bool, as_json: bool) -> int:
    progress = Progress(SCENARIO)
    with (
        tempfile.TemporaryDirectory(prefix="oncall-demo-", ignore_cleanup_errors=True) as folder,
        EmbeddedBroker() as broker,
        progress,
        _worker(WorkerProcess(broker.bootstrap_servers, Path(folder), usual_port=not once)) as worker,
    ):
        progress.say("Starting an embedded broker and one worker ...")
        await worker.ready()
        progress.say(f"The worker is ready: {worker.url}")
        progress.say(f"Its broker, for `oncall tail` and your own clients: {broker.bootstrap_servers}")
        client = Client(broker.bootstrap_servers, PREFIX)
        await client.start()
        try:
            stage = Stage(
                worker=worker,
                client=client,
                estate=Estate(SCENARIO, progress.tell),
                audience=Audience(client, progress),
                progress=progress,
            )
            return await _guarded(_hours(stage, once=once, as_json=as_json), stage)
        finally:
            await client.stop()


@contextlib.contextmanager
def _worker(worker: WorkerProcess) -> Iterator[WorkerProcess]:
    worker.start()
    try:
        yield worker
    finally:
        worker.stop()


async def _guarded(hours: Awaitable[int], stage: Stage) -> int:
    """Play with everybody at work; whoever of them fails ends the demo with that failure."""
    client, estate = stage.client, stage.estate
    play: asyncio.Future[Any] = asyncio.ensure_future(hours)
    at_work: set[asyncio.Future[Any]] = {
        asyncio.ensure_future(each)
        for each in (
            stage.audience.watch(),
            Executor(client, estate).work(),
            Pager(client, estate).work(),
            Connectors(client, estate).work(),
            Channel(client, estate).work(),
            stage.worker.watch(),
        )
    }
    try:
        await asyncio.wait([play, *at_work], return_when=asyncio.FIRST_COMPLETED)
        for task in at_work:
            if task.done():
                task.result()
                raise DemoError("a simulator ended before the demo did")
        return int(await play)
    finally:
        for task in (play, *at_work):
            task.cancel()
        await asyncio.gather(play, *at_work, return_exceptions=True)


async def _hours(stage: Stage, *, once: bool, as_json: bool) -> int:
    """Play the first hour and report on it; without `once` go on until cancelled."""
    verdicts, problems = await _hour(stage)
    out = Console(width=None if sys.stdout.isatty() else 180, highlight=False)
    if as_json:
        print_document(document(verdicts, stage.audience, problems), out)
    else:
        print_table(verdicts, stage.audience, out)
    stage.progress.say("\n".join(problems) or "Every incident ended as the scenario says.")
    while not once:
        stage.progress.say(
            f"The next bad hour begins in {PAUSE:.0f} s. Look around: {stage.worker.url}   Ctrl-C ends."
        )
        await asyncio.sleep(PAUSE)
        stage.estate.round += 1
        _, problems = await _hour(stage)
        stage.progress.say("\n".join(problems) or "Every incident ended as the scenario says.")
    return 1 if problems else 0


async def _hour(stage: Stage) -> tuple[list[Verdict], list[str]]:
    """Play the scenario once, until all is settled or the deadline; give the verdicts, and what is wrong in words."""
    first, letters = len(stage.audience.opened), len(stage.audience.dead_letters)
    await past.tell(stage.client, stage.estate)
    stage.progress.say(f"{len(SCENARIO.stories)} incidents are about to happen.")
    stage.progress.begin()
    stage.estate.begin()
    try:
        async with asyncio.timeout(DEADLINE):
            await asyncio.gather(
                monitoring.watch(stage.client, stage.estate), bystanders.act(stage.client, stage.estate)
            )
            await _settled(stage, first, letters)
    except TimeoutError:
        stage.progress.say(f"Not settled after {DEADLINE:.0f} s.")
    verdicts = stage.verdicts(first)
    return verdicts, _problems(stage, verdicts, letters)


async def _settled(stage: Stage, first: int, letters: int) -> None:
    """Wait until all is as it should be and stays so, or all incidents are over and a time of grace is too."""
    loop = asyncio.get_running_loop()
    good_since = over_since = loop.time()
    while True:
        await asyncio.sleep(_LOOK)
        verdicts = stage.verdicts(first)
        if _problems(stage, verdicts, letters):
            good_since = loop.time()
        if not all(each.incident is not None and each.incident.status in ENDED for each in verdicts):
            over_since = loop.time()
        if loop.time() - good_since >= QUIET or loop.time() - over_since >= GRACE:
            return


def _problems(stage: Stage, verdicts: list[Verdict], letters: int) -> list[str]:
    problems = []
    for verdict in verdicts:
        name = verdict.story.id if verdict.story else verdict.incident and verdict.incident.title
        problems += [f"{name}: {difference}" for difference in verdict.differences]
    got, wanted = len(stage.audience.dead_letters) - letters, len(SCENARIO.noise)
    if got != wanted:
        problems.append(f"dead letters: {got} instead of {wanted}")
    problems += [f"{topic}: no command" for topic, ids in stage.audience.commands.items() if not ids]
    return problems


def _tolerant(stream: TextIO) -> None:
    """Let signs that a terminal's encoding lacks become question marks instead of an error."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="replace")
