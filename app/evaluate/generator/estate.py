"""An estate: systems of services that call one another, down to databases, queues and the nodes that carry them."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

SYSTEMS = ("shop", "media", "billing", "travel", "health", "games", "maps", "mail")
_APPS = ("cart", "catalog", "profile", "search", "orders", "reviews", "offers", "history", "upload", "export")
_CORES = ("pricing", "stock", "ledger", "index", "session", "quota", "rules", "feed")
_DATA = ("main", "events", "users", "archive")
CARRIED = ("edge", "app", "core", "worker", "batch")
"""Kinds that run as pods."""
ENGINES = {"db": "postgres", "cache": "redis", "queue": "kafka"}
_PODS = "0123456789abcdef"


@dataclass(frozen=True)
class Thing:
    """A service, or what services stand on."""

    id: str
    kind: str
    """edge, app, core, worker, batch, db, cache, queue or nodes."""
    area: str
    """The product that it belongs to; the namespace of what it runs as."""
    calls: tuple[str, ...] = ()
    """What it truly needs, by id."""
    pods: tuple[tuple[str, str], ...] = ()
    """Its pods, each with the node that carries it."""
    nodes: tuple[str, ...] = ()
    """Of nodes alone: their names."""


@dataclass(frozen=True)
class Estate:
    """All things, and how monitoring and the catalog of this company speak of them."""

    things: dict[str, Thing]
    systems: dict[str, str]
    """Area to what the catalog calls its system: areas that share something are one."""
    cluster: str
    environments: tuple[str, ...]
    labels_service: bool
    """Whether alerts of pods and exporters bear the label `service`; else the catalog's matchers know them."""
    labels_environment: bool
    """Whether alerts of production say so; those of other environments always do."""
    pages: bool
    """Whether the word for critical is `page`."""
    webhook: bool
    """Whether alerts arrive in lists, as a webhook sends them, or one by one."""

    def callers(self, thing: str) -> list[str]:
        """Give what truly needs a thing, in order."""
        return [each.id for each in self.things.values() if thing in each.calls]

    def above(self, thing: str) -> set[str]:
        """Give all that needs a thing, at any distance."""
        found: set[str] = set()
        edge = [thing]
        while edge:
            fresh = [each for each in self.callers(edge.pop()) if each not in found]
            found.update(fresh)
            edge += fresh
        return found

    def of_kind(self, *kinds: str) -> list[Thing]:
        """Give the things of these kinds, in order."""
        return [each for each in self.things.values() if each.kind in kinds]


def make_estate(random: Random) -> Estate:
    """Make an estate of one to three areas, with or without a platform that they share."""
    areas = random.sample(SYSTEMS, random.choice((1, 2, 2, 3)))
    things: dict[str, Thing] = {}
    for area in areas:
        _add_area(random, area, things)
    shared = len(areas) > 1 and random.random() < 0.4
    if shared:
        _share(random, areas, things)
    environments = ("production", "staging") if random.random() < 0.5 else ("production",)
    return Estate(
        things=things,
        systems={each: areas[0] if shared else each for each in (*areas, "platform")},
        cluster=f"{random.choice(('eu', 'us', 'ap'))}-{random.choice(('west', 'east', 'central'))}-1",
        environments=environments,
        labels_service=random.random() < 0.5,
        labels_environment=random.random() < 0.6,
        pages=random.random() < 0.3,
        webhook=random.random() < 0.5,
    )


def _add_area(random: Random, area: str, things: dict[str, Thing]) -> None:
    pools = [_pool(random, area, suffix) for suffix in random.choice((("nodes",), ("nodes", "spot")))]
    data = [Thing(f"{area}-{name}-db", "db", area) for name in random.sample(_DATA, random.randint(1, 3))]
    cache = [Thing(f"{area}-cache", "cache", area)] if random.random() < 0.7 else []
    queue = [Thing(f"{area}-queue", "queue", area)] if random.random() < 0.6 else []
    stores = [*data, *cache, *queue]
    layers = _layers(random, area, stores, pools)
    for thing in (*layers, *stores, *pools):
        things[thing.id] = thing


def _layers(random: Random, area: str, stores: list[Thing], pools: list[Thing]) -> list[Thing]:
    """Make what runs as pods: cores that stand on stores, apps on cores, edges on apps, and a batch job."""

    def carried(name: str, kind: str, calls: list[str]) -> Thing:
        return _carried(random, f"{area}-{name}", kind, area, calls, pools)

    kept = [each.id for each in stores]
    names = random.sample(_CORES, random.randint(2, 4))
    cores = [carried(name, "core", _some(random, kept, 1, 2)) for name in names]
    workers = [carried("worker", "worker", [each.id, kept[0]]) for each in stores if each.kind == "queue"]
    beneath = [each.id for each in cores]
    names = random.sample(_APPS, random.randint(3, 6))
    apps = [
        carried(name, "app", [*_some(random, beneath, 1, 2), *_some(random, kept, 0, 1)]) for name in names
    ]
    called = [each.id for each in apps]
    sides = random.choice((("gateway",), ("gateway", "mobile")))
    edges = [carried(name, "edge", _some(random, called, 2, 5)) for name in sides]
    batch = carried("reports", "batch", [])
    return [*edges, *apps, *cores, *workers, batch]


def _pool(random: Random, area: str, suffix: str) -> Thing:
    names = tuple(f"{area}-{suffix}-{number}" for number in range(1, random.randint(4, 7)))
    return Thing(f"{area}-{suffix}", "nodes", area, nodes=names)


def _carried(random: Random, name: str, kind: str, area: str, calls: list[str], pools: list[Thing]) -> Thing:
    pool = random.choice(pools)
    pods = _pods(random, name, pool)
    return Thing(name, kind, area, tuple(dict.fromkeys([*calls, pool.id])), pods)


def _pods(random: Random, name: str, pool: Thing) -> tuple[tuple[str, str], ...]:
    release = "".join(random.choices(_PODS, k=8))
    return tuple(
        (f"{name}-{release}-{''.join(random.choices(_PODS, k=5))}", random.choice(pool.nodes))
        for _ in range(random.choice((2, 3, 3, 4, 9)))
    )


def _share(random: Random, areas: list[str], things: dict[str, Thing]) -> None:
    """Give all areas a platform: who signs in, and what that stands on."""
    pool = _pool(random, "platform", "nodes")
    data = Thing("platform-users-db", "db", "platform")
    login = _carried(random, "platform-login", "core", "platform", [data.id], [pool])
    for thing in (login, data, pool):
        things[thing.id] = thing
    for area in areas:
        apps = [each for each in things.values() if each.area == area and each.kind == "app"]
        for app in random.sample(apps, min(2, len(apps))):
            things[app.id] = Thing(app.id, app.kind, app.area, (*app.calls, login.id), app.pods)


def _some(random: Random, names: list[str], least: int, most: int) -> list[str]:
    return random.sample(names, min(len(names), random.randint(least, most)))
