"""What goes on in every estate on every day: changes that harm nobody, small alerts of their own, and the watchdog."""

from __future__ import annotations

from random import Random

from app.evaluate.generator.estate import CARRIED, Estate, Thing
from app.evaluate.generator.happenings import Event, Firing, Story, Trouble
from app.evaluate.generator.rules import CAUSE, NOISE, labels_of, spots, summary_of

TYPES = {
    "nodes": ("node", "scaling"),
    "db": ("config", "failover"),
    "cache": ("config", "scaling"),
    "queue": ("config", "scaling"),
    **dict.fromkeys(CARRIED, ("deploy", "deploy", "deploy", "config", "feature_flag", "scaling")),
}
"""What is changed of each kind of thing; the more often a word stands here, the more often."""
_WORDS = {
    "deploy": "{id} v{number} rolled out",
    "config": "configuration of {id} changed",
    "feature_flag": "flag of {id} set to {number}%",
    "scaling": "{id} scaled to {number}",
    "node": "a node of {id} was replaced",
    "failover": "{id} failed over",
}
_KEEPS_OFF_S = 900.0
"""Noise keeps off what an outage reaches, this long before and after: whose an alert is would be anybody's guess."""


def change(random: Random, thing: Thing, at: float, environment: str, story: Story) -> Event:
    """Let a thing be changed."""
    type_ = random.choice(TYPES[thing.kind])
    event = Event(
        id=f"{type_}-{random.randrange(16**8):08x}",
        type=type_,
        service=thing.id,
        at=at,
        summary=_WORDS[type_].format(id=thing.id, number=random.randint(2, 90)),
        environment=environment,
        origin=thing.area,
    )
    story.events.append(event)
    return event


def add_changes(random: Random, estate: Estate, lasts: float, every: float, story: Story) -> None:
    """Let things be changed now and then; a root is left alone for the hour before its outage, else who is guilty is a guess."""
    at = random.expovariate(1 / every)
    while at < lasts:
        thing = random.choice(list(estate.things.values()))
        environment = random.choice(estate.environments)
        if not any(_is_root(thing, environment, at, each) for each in story.troubles):
            change(random, thing, at, environment, story)
        at += random.expovariate(1 / every)


def _is_root(thing: Thing, environment: str, at: float, trouble: Trouble) -> bool:
    near = trouble.begins - 3600 <= at <= trouble.begins + 300
    return near and (thing.id, environment) == (trouble.root, trouble.environment)


def add_noise(random: Random, estate: Estate, lasts: float, every: float, story: Story) -> None:
    """Let small alerts of things that are their own fire now and then, a few of them again and again; at most one a thing."""
    quiet = [(thing, environment) for thing in estate.things.values() for environment in estate.environments]
    random.shuffle(quiet)
    at = random.expovariate(1 / every)
    while at < lasts and quiet:
        thing, environment = quiet.pop()
        if not any(_reaches(thing, environment, at, each) for each in story.troubles):
            _fire(random, estate, thing, environment, at, lasts, story)
        at += random.expovariate(1 / every)
    story.firings.append(_watchdog(estate, lasts))


def add_mishaps(random: Random, estate: Estate, lasts: float, count: int, story: Story) -> None:
    """Let things that nobody needs at the moment fail by themselves for a while: small outages beside the large."""
    for number in range(count):
        begins = random.uniform(0, lasts * 0.7)
        trouble = Trouble(f"mishap-{number}", "", begins, begins + random.uniform(240, 1500), "production")
        free = [
            each
            for each in estate.of_kind("worker", "batch", "edge", "app")
            if not any(_touches(estate, each.id, other) for other in story.troubles)
        ]
        if not free:
            return
        thing = random.choice(free)
        trouble.root, trouble.touched = thing.id, {thing.id: begins}
        found = list(CAUSE[thing.kind][: random.randint(1, 2)])
        for rule in found:
            for spot in spots(random, rule, thing):
                labels = labels_of(rule, thing, spot, estate, trouble.environment)
                fires = begins + random.uniform(*rule.after)
                ends = max(fires, trouble.ends) + random.uniform(5, 120)
                summary = summary_of(rule, thing, spot)
                story.firings.append(Firing(labels, summary, fires, ends, trouble.id, thing.area))
        story.troubles.append(trouble)


def _touches(estate: Estate, thing: str, other: Trouble) -> bool:
    """Whether a thing has to do with an outage: it was reached, needs what was, or is needed by it."""
    return any(
        thing == each or thing in estate.above(each) or each in estate.above(thing) for each in other.touched
    )


def _reaches(thing: Thing, environment: str, at: float, trouble: Trouble) -> bool:
    near = trouble.begins - _KEEPS_OFF_S <= at <= trouble.ends + _KEEPS_OFF_S
    return near and environment == trouble.environment and thing.id in trouble.touched


def _fire(
    random: Random, estate: Estate, thing: Thing, environment: str, at: float, lasts: float, story: Story
) -> None:
    rule = random.choice(NOISE[thing.kind])
    spot = spots(random, rule, thing)[0]
    labels = labels_of(rule, thing, spot, estate, environment)
    for _ in range(random.choice((1, 1, 1, 3))):
        ends = at + random.uniform(120, 1800)
        story.firings.append(Firing(labels, summary_of(rule, thing, spot), at, ends, None, thing.area))
        at = ends + random.uniform(300, 1500)
        if at >= lasts or any(_reaches(thing, environment, at, each) for each in story.troubles):
            return


def _watchdog(estate: Estate, lasts: float) -> Firing:
    labels = {"alertname": "Watchdog", "severity": "none", "cluster": estate.cluster}
    area = next(iter(estate.things.values())).area
    return Firing(labels, "Alerting works", 1.0, lasts + 1800, None, area)
