"""The tree of routes: which alerts end at a route and are told of nowhere else, as matchers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from app.library.fields import Fields
from app.library.located import Located
from app.library.problems import Findings
from app.migration.words import CannotError, matchers
from app.model.matchers import Matcher, Op

_OPPOSITES: dict[Op, Op] = {"=": "!=", "!=": "=", "=~": "!~", "!~": "=~"}
_MOST = 8
"""Into how many lists of matchers one route may become."""
Alternatives = list[tuple[Matcher, ...]]


@dataclass(eq=False)
class Route:
    """A node of the tree."""

    line: int
    fields: Fields
    matchers: tuple[Matcher, ...] = ()
    cannot: str = ""
    """Why its matchers cannot be ours."""
    goes_on: bool = False
    """Whether an alert that it took goes on to its siblings."""
    children: list[Route] = field(default_factory=list)


def read_route(located: Located, findings: Findings) -> Route:
    """Read a route and all beneath it."""
    fields = Fields(located, findings, "a route")
    route = Route(located.place[0], fields)
    try:
        route.matchers = tuple(matchers(fields, "matchers", "match", "match_re"))
    except CannotError as error:
        route.cannot = str(error)
    route.goes_on = fields.flag("continue", default=False)
    route.children = [read_route(each, findings) for each in fields.items("routes")]
    return route


def alone(path: Sequence[Route]) -> Alternatives:
    """Give lists of matchers, of which one holds for just the alerts that end at the last route of a path from the root.

    Alerts that other routes tell of as well are not among them: where one road is muted here, all are.

    Raises:
        CannotError: they cannot be told by few lists, or there are none.

    """
    others = list(path[-1].children)
    for parent, child in pairwise(path):
        place = parent.children.index(child)
        others += parent.children[:place]
        others += parent.children[place + 1 :] if child.goes_on else []
    for route in (*path, *others):
        if route.cannot:
            raise CannotError(f"the route at line {route.line} is not understood: {route.cannot}")
    found: Alternatives = [tuple(matcher for route in path for matcher in route.matchers)]
    for other in others:
        found = [kept for each in found for kept in _without(each, other)]
        if len(found) > _MOST:
            raise CannotError("other routes take too many of its alerts, in too many ways")
    if not found:
        raise CannotError("other routes tell of all its alerts as well, or take them")
    return found


def _without(holds: tuple[Matcher, ...], other: Route) -> Alternatives:
    """Give what holds and is not the other route's."""
    opposites = [Matcher(each.name, _OPPOSITES[each.op], each.value) for each in other.matchers]
    known = [(each, _implied(each, holds)) for each in opposites]
    if any(is_so for _, is_so in known):
        return [holds]
    return [(*holds, each) for each, is_so in known if is_so is None]


def _implied(matcher: Matcher, holds: Sequence[Matcher]) -> bool | None:
    """Say whether a matcher is surely true where others hold, surely not, or neither."""
    for each in holds:
        if each.name == matcher.name and each.op == "=":
            return matcher.matches({each.name: each.value})
        if (each.name, each.value) == (matcher.name, matcher.value):
            if each.op == matcher.op:
                return True
            if each.op == _OPPOSITES[matcher.op]:
                return False
    return None
