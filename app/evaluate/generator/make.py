"""A scenario from its seed: an estate, a story of some class in it, the ordinary day around that, and what is told of it all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

from app.evaluate.generator.background import add_changes, add_mishaps, add_noise
from app.evaluate.generator.catalog import make_manifest
from app.evaluate.generator.classes import CLASSES, LASTS_S
from app.evaluate.generator.delivery import deliver
from app.evaluate.generator.estate import make_estate
from app.evaluate.generator.happenings import Story
from app.evaluate.scenario import Head, Outage, Scenario

_MONDAY = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def class_of(seed: int) -> str:
    """Give the class whose turn it is."""
    return list(CLASSES)[seed % len(CLASSES)]


def make(seed: int, class_: str = "") -> Scenario:
    """Make the scenario of a seed, of the class whose turn it is or of another; the same one always, in any process."""
    class_ = class_ or class_of(seed)
    random = Random(f"{class_}/{seed}")
    estate = make_estate(random)
    manifest = make_manifest(random, estate)
    story = Story()
    roads = CLASSES[class_](random, estate, story)
    quiet = class_ == "quiet"
    if not quiet:
        add_mishaps(random, estate, LASTS_S, random.choice((0, 0, 1, 2)), story)
    add_changes(random, estate, LASTS_S, random.uniform(300, 900), story)
    add_noise(random, estate, LASTS_S, random.uniform(240, 480) if quiet else random.uniform(360, 900), story)
    story.untangle()
    start = _MONDAY + timedelta(hours=seed % 168)
    told = deliver(random, estate, story.firings, story.events, roads, start)
    outages = {each.id: Outage(id=each.id, root=each.root, change=each.change) for each in story.troubles}
    head = Head(name=f"{class_}-{seed}", class_=class_, start=start, library={"estate.yaml": manifest})
    return Scenario(head, tuple(told.inputs), outages, told.truth)
