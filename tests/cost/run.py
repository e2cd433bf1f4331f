"""One run: histories of every size, each written both ways again and again in alternating order, then lonely alerts."""

from __future__ import annotations

import asyncio
import tempfile
import uuid
from pathlib import Path
from typing import NamedTuple

from app.settings import Settings
from tests.cost.figures import sum_up
from tests.cost.history import Estate
from tests.cost.lonely import lonely
from tests.cost.writing import AT_LEAST_ONCE, TRANSACTION, write
from tests.support.worker import make_topics


class Form(NamedTuple):
    """How much is measured."""

    sizes: dict[int, int]
    """Signals a batch, and how many batches a pass has."""
    warm_up: int
    """Batches of 50 signals that the estate has behind it before the first history."""
    repeats: int
    tries: int


FULL = Form({1: 203, 10: 103, 50: 43, 200: 15, 500: 9}, warm_up=40, repeats=5, tries=150)
SHORT = Form({1: 6, 10: 5}, warm_up=1, repeats=1, tries=3)


async def run(broker, form, say=lambda _: None):
    """Measure on a real Kafka; give the document."""
    passes = await _passes(form, broker, say)
    with tempfile.TemporaryDirectory(prefix="oncall-cost-") as folder:
        alone = await lonely(broker, Path(folder), form.tries, say)
    return {"broker": broker.how, "repeats": form.repeats, **sum_up(passes, alone)}


async def _passes(form, broker, say):
    """Give the passes by size and way."""
    say("making histories")
    estate = Estate()
    await estate.history(50, form.warm_up)
    histories = [await estate.history(size, count) for size, count in form.sizes.items()]
    prefix = f"cost{uuid.uuid4().hex[:8]}"
    settings = Settings(bootstrap_servers=broker.bootstrap_servers, topic_prefix=prefix, app_id=prefix)
    await asyncio.to_thread(make_topics, broker, prefix)
    done = {size: {TRANSACTION: [], AT_LEAST_ONCE: []} for size in form.sizes}
    for repeat in range(form.repeats):
        say(f"pass {repeat + 1} of {form.repeats}")
        for history in histories:
            for way in _order(repeat):
                done[history.size][way].append(await write(way, history, estate, settings))
    return done


def _order(repeat):
    return (AT_LEAST_ONCE, TRANSACTION) if repeat % 2 else (TRANSACTION, AT_LEAST_ONCE)
