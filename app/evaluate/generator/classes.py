"""The classes of stories: what goes wrong in each, beside the ordinary day around it."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from app.evaluate.generator.background import change
from app.evaluate.generator.delivery import Roads
from app.evaluate.generator.estate import Estate, Thing
from app.evaluate.generator.happenings import Firing, Story, Trouble
from app.evaluate.generator.outages import break_node, crowd_out, raise_rule, spread, tell
from app.evaluate.generator.rules import CAUSE, SYMPTOM, Rule, labels_of, spots, summary_of

LASTS_S = 7200.0
"""How long a story lasts before it is left to end."""
_TRIES = 20
"""How often two things are sought that have nothing to do with one another: of some that all need, the first may be one."""
Play = Callable[[Random, Estate, Story], Roads]


def cascade(random: Random, estate: Estate, story: Story) -> Roads:
    """Tell of a fault deep down that spreads to all that needs it, or of a node that takes its pods with it."""
    if random.random() < 0.25:
        pool = random.choice([each for each in estate.of_kind("nodes") if _carries(estate, each)])
        trouble = _trouble(random, estate, pool, story)
        break_node(random, estate, trouble, story)
    else:
        _outage(random, estate, random.choice(_deep(estate)), story)
    if random.random() < 0.3:
        _blame(random, estate, story.troubles[0], story)
    return Roads()


def concurrent(random: Random, estate: Estate, story: Story) -> Roads:
    """Tell of two to four outages at about the same time, none of which has to do with another."""
    for most in (7, 4, *[1] * _TRIES):  # in a small estate far-reaching outages leave no room for another
        troubles = _apart(random, estate, most)
        if len(troubles) > 1:
            break
    else:
        raise AssertionError("an estate has two things of which neither needs the other")
    for trouble in troubles:
        tell(random, estate, trouble, story)
    return Roads()


def _apart(random: Random, estate: Estate, most: int) -> list[Trouble]:
    """Let up to four outages of so many parts at most spread, apart from one another."""
    first, found = random.uniform(900, 2400), Story()
    roots = list(estate.of_kind("core", "app", "db", "cache", "queue", "worker"))
    random.shuffle(roots)
    count = random.randint(2, 4)
    for root in roots:
        if len(found.troubles) == count:
            break
        if any(_is_bound(estate, root.id, other) for other in found.troubles):
            continue
        trouble = _trouble(random, estate, root, found, begins=first + random.uniform(0, 900))
        spared = frozenset(each for other in found.troubles for each in _bound_above(estate, other))
        spread(random, estate, trouble, most=most, spared=spared)
        found.troubles.append(trouble)
    return found.troubles


def neighbour(random: Random, estate: Estate, story: Story) -> Roads:
    """Tell of a job that takes all of a node, and of those beside it."""
    job = random.choice(estate.of_kind("batch"))
    crowd_out(random, estate, _trouble(random, estate, job, story), story)
    return Roads()


def flap(random: Random, estate: Estate, story: Story) -> Roads:
    """Tell of an alert that comes and goes for half an hour and more, some of it felt above, some with company of its own."""
    root = random.choice(estate.of_kind("db", "cache", "core", "app"))
    trouble = _trouble(random, estate, root, story)
    trouble.ends = trouble.begins + random.uniform(1500, 3600)
    trouble.touched = {root.id: trouble.begins}
    _flap(random, estate, trouble, root, CAUSE, story)
    for caller in estate.callers(root.id)[:2]:
        if random.random() < 0.6:
            trouble.touched[caller] = trouble.begins
            thing = estate.things[caller]
            if random.random() < 0.5:
                _flap(random, estate, trouble, thing, SYMPTOM, story)
            else:
                rule = SYMPTOM[thing.kind][0]
                raise_rule(random, estate, trouble, thing, rule, trouble.begins, story)
    story.troubles.append(trouble)
    return Roads()


def guilty(random: Random, estate: Estate, story: Story) -> Roads:
    """Tell of a change that breaks its service, among others that break nothing, older and newer ones."""
    root = random.choice(estate.of_kind("app", "core", "edge", "db", "cache", "worker"))
    trouble = _outage(random, estate, root, story)
    _blame(random, estate, trouble, story)
    _innocents(random, estate, trouble, story)
    return Roads()


def innocent(random: Random, estate: Estate, story: Story) -> Roads:
    """Tell of a fault that no change caused, though there were some, some of them just before."""
    trouble = _outage(random, estate, random.choice(_deep(estate)), story)
    _innocents(random, estate, trouble, story)
    return Roads()


def late(random: Random, estate: Estate, story: Story) -> Roads:
    """Tell of one or two outages whose alerts come late, out of order or not at all."""
    concurrent(random, estate, story) if random.random() < 0.4 else cascade(random, estate, story)
    return Roads(late=0.25, lost=0.06, lost_first=0.12, lost_ends=0.1)


def skew(random: Random, estate: Estate, story: Story) -> Roads:
    """Tell of one or two outages where the clocks of monitoring are off, each area's otherwise."""
    concurrent(random, estate, story) if random.random() < 0.4 else guilty(random, estate, story)
    areas = sorted({each.area for each in estate.things.values()})
    skews = {
        area: random.choice((-3600.0, -1200.0, -90.0, -5.0, 5.0, 90.0, 1200.0, 3600.0)) for area in areas
    }
    return Roads(skews=skews)


def quiet(_random: Random, _estate: Estate, _story: Story) -> Roads:
    """Tell of an ordinary day: nothing goes wrong."""
    return Roads()


CLASSES: dict[str, Play] = {
    each.__name__: each
    for each in (cascade, concurrent, neighbour, flap, guilty, innocent, late, skew, quiet)
}
"""Every class by its name; seeds take turns."""


def _trouble(
    random: Random, estate: Estate, root: Thing, story: Story, begins: float | None = None
) -> Trouble:
    at = random.uniform(900, 2700) if begins is None else begins
    environment = "production" if random.random() < 0.8 else random.choice(estate.environments)
    return Trouble(f"outage-{len(story.troubles)}", root.id, at, at + random.uniform(600, 2700), environment)


def _outage(random: Random, estate: Estate, root: Thing, story: Story) -> Trouble:
    trouble = _trouble(random, estate, root, story)
    spread(random, estate, trouble)
    tell(random, estate, trouble, story)
    return trouble


def _blame(random: Random, estate: Estate, trouble: Trouble, story: Story) -> None:
    """Let the root have been changed just before."""
    before = random.choice((random.uniform(10, 120), random.uniform(60, 900)))
    event = change(random, estate.things[trouble.root], trouble.begins - before, trouble.environment, story)
    trouble.change = event.id


def _innocents(random: Random, estate: Estate, trouble: Trouble, story: Story) -> None:
    """Let others be changed around that time, near by or anywhere."""
    near = [name for name in (*trouble.touched, *estate.things[trouble.root].calls) if name != trouble.root]
    for _ in range(random.randint(2, 5)):
        name = random.choice(near) if near and random.random() < 0.5 else random.choice(list(estate.things))
        at = trouble.begins + random.uniform(-1500, 240)
        if name != trouble.root and at > 0:
            change(random, estate.things[name], at, trouble.environment, story)


def _flap(
    random: Random,
    estate: Estate,
    trouble: Trouble,
    thing: Thing,
    rules: dict[str, tuple[Rule, ...]],
    story: Story,
) -> None:
    rule = rules[thing.kind][0]
    spot = spots(random, rule, thing)[0]
    on, off = random.uniform(30, 150), random.uniform(30, 200)
    at = trouble.begins + random.uniform(*rule.after)
    while at < trouble.ends:
        ends = at + on * random.uniform(0.6, 1.5)
        labels = labels_of(rule, thing, spot, estate, trouble.environment)
        story.firings.append(Firing(labels, summary_of(rule, thing, spot), at, ends, trouble.id, thing.area))
        at = ends + off * random.uniform(0.6, 1.5)


def _deep(estate: Estate) -> list[Thing]:
    return [each for each in estate.of_kind("db", "cache", "queue", "core") if estate.callers(each.id)]


def _carries(estate: Estate, pool: Thing) -> bool:
    return any(on in pool.nodes for each in estate.things.values() for _, on in each.pods)


def _bound_above(estate: Estate, other: Trouble) -> set[str]:
    """Give what an outage reached, and all that needs some of that: of what two outages reach, whose it is would be a guess."""
    return {*other.touched, *(caller for name in other.touched for caller in estate.above(name))}


def _is_bound(estate: Estate, root: str, other: Trouble) -> bool:
    """Whether a root has to do with an outage: what it reached needs it, or it needs what that reached."""
    above = estate.above(root)
    return any(name == root or name in above or root in estate.above(name) for name in other.touched)
