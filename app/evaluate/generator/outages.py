"""How a fault spreads: from its root to those that need it, each raising what its rules say, until it is mended."""

from __future__ import annotations

from random import Random

from app.evaluate.generator.estate import CARRIED, Estate, Thing
from app.evaluate.generator.happenings import Firing, Story, Trouble
from app.evaluate.generator.rules import CAUSE, CROWDED, SYMPTOM, Rule, labels_of, spots, summary_of

SPREADS = (0.95, 0.85, 0.7, 0.5)
"""The chance that a fault reaches what needs the thing it has reached, by the distance from its root."""
HOP_S = (2.0, 45.0)
"""How long it takes to reach that."""
RECOVERS_S = (5.0, 240.0)
"""How long after the mend an alert goes on."""
_SILENT_ROOT = 0.06
"""The share of outages whose root nobody watches."""


def spread(
    random: Random, estate: Estate, trouble: Trouble, *, most: int = 12, spared: frozenset[str] = frozenset()
) -> None:
    """Let a fault reach what needs its root, at most so many things and none that is spared."""
    reached = {trouble.root: trouble.begins}
    edge = [(trouble.root, 0)]
    while edge and len(reached) < most:
        thing, distance = edge.pop(0)
        for caller in estate.callers(thing):
            chance = SPREADS[min(distance, len(SPREADS) - 1)]
            if caller in reached or caller in spared or len(reached) >= most or random.random() >= chance:
                continue
            reached[caller] = reached[thing] + random.uniform(*HOP_S)
            edge.append((caller, distance + 1))
    trouble.touched = reached


def tell(random: Random, estate: Estate, trouble: Trouble, story: Story) -> None:
    """Raise the alerts of all that an outage reached."""
    for name, at in trouble.touched.items():
        thing = estate.things[name]
        if name == trouble.root:
            rules = [] if _is_silent(random, trouble) else _some(random, CAUSE[thing.kind])
        else:
            rules = _some(random, SYMPTOM[thing.kind])
        for rule in rules:
            raise_rule(random, estate, trouble, thing, rule, at, story)
    story.troubles.append(trouble)


def break_node(random: Random, estate: Estate, trouble: Trouble, story: Story) -> None:
    """Let one node of a pool fail: its own alert, those of the pods on it, and of some who need them."""
    pool = estate.things[trouble.root]
    node = random.choice(pool.nodes)
    raise_rule(random, estate, trouble, pool, CAUSE["nodes"][0], trouble.begins, story, node)
    trouble.touched[pool.id] = trouble.begins
    for thing in estate.of_kind(*CARRIED):
        if not any(on == node for _, on in thing.pods):
            continue
        at = trouble.begins + random.uniform(*HOP_S)
        trouble.touched[thing.id] = at
        raise_rule(random, estate, trouble, thing, CROWDED[2], at, story, node)
        if random.random() < 0.4:
            rule = random.choice(SYMPTOM[thing.kind])
            raise_rule(random, estate, trouble, thing, rule, at, story, node if rule.per == "pod" else "")
    story.troubles.append(trouble)


def crowd_out(random: Random, estate: Estate, trouble: Trouble, story: Story) -> None:
    """Let a greedy job slow down those whose pods share its node, though none needs it."""
    job = estate.things[trouble.root]
    node = random.choice([on for _, on in job.pods])
    trouble.touched[job.id] = trouble.begins
    raise_rule(random, estate, trouble, job, CAUSE["batch"][0], trouble.begins, story, node)
    pool = next(each for each in estate.of_kind("nodes") if node in each.nodes)
    if random.random() < 0.8:
        raise_rule(random, estate, trouble, pool, CAUSE["nodes"][1], trouble.begins + 20, story, node)
    sufferers = [
        each
        for each in estate.of_kind(*CARRIED)
        if each.id != job.id and any(on == node for _, on in each.pods)
    ]
    for thing in sufferers[:5]:
        at = trouble.begins + random.uniform(10, 90)
        trouble.touched[thing.id] = at
        raise_rule(random, estate, trouble, thing, CROWDED[1], at, story, node)
        for rule in (CROWDED[0], CROWDED[2]):
            if random.random() < 0.5:
                raise_rule(random, estate, trouble, thing, rule, at, story, node if rule.per == "pod" else "")
    story.troubles.append(trouble)


def raise_rule(
    random: Random,
    estate: Estate,
    trouble: Trouble,
    thing: Thing,
    rule: Rule,
    at: float,
    story: Story,
    node: str = "",
) -> None:
    """Raise a rule's alerts for a thing that was reached at a time, until some time after the mend."""
    for spot in spots(random, rule, thing, node):
        begins = at + random.uniform(*rule.after)
        ends = trouble.ends + random.uniform(*RECOVERS_S)
        if begins > trouble.ends:
            continue
        story.firings.append(
            Firing(
                labels=labels_of(rule, thing, spot, estate, trouble.environment),
                summary=summary_of(rule, thing, spot),
                begins=begins,
                ends=ends,
                outage=trouble.id,
                origin=thing.area,
            )
        )


def _is_silent(random: Random, trouble: Trouble) -> bool:
    return len(trouble.touched) >= 3 and random.random() < _SILENT_ROOT


def _some(random: Random, rules: tuple[Rule, ...]) -> list[Rule]:
    """Take some rules, always at least one; the first is the likeliest."""
    found = [rule for place, rule in enumerate(rules) if random.random() < (0.85 if place == 0 else 0.45)]
    return found or [rules[0]]
