"""Alertmanager's configuration in our words: inhibition, mute times and grouping; of every other line it is said that it stays behind, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from app.library.fields import Fields
from app.library.located import Located, read_yaml
from app.library.problems import Findings, LibraryError
from app.migration.intervals import Recurrence, recurrences
from app.migration.pieces import Note, Piece, flow, mistake, quoted, written
from app.migration.routes import Route, alone, read_route
from app.migration.words import CannotError, matchers

_SECTIONS = ("route", "receivers", "inhibit_rules", "time_intervals", "mute_time_intervals")
_STAYS = {
    "global": "how people are reached is for connectors to say (docs/connectors.md)",
    "templates": "connectors render commands; their words come from the engine",
    "receivers": "teams, policies and connectors say who is reached and how: name them in the catalog",
    "tracing": "it concerns Alertmanager itself",
}
_ROUTE_STAYS = {
    "receiver": "who is told is the service's team: give the team an escalation policy and a chat channel",
    "group_wait": "nothing waits here: an incident opens with its first alert, and others join it",
    "group_interval": "what joins an incident updates its message and pages nobody again",
    "repeat_interval": "the escalation policy's levels say who is called when nobody acknowledges",
    "active_time_intervals": "a window says when it is quiet, not when it is not: write the other times as maintenance",
}
_RULE_KEYS = (
    "name",
    "equal",
    *(f"{side}_{way}" for side in ("source", "target") for way in ("matchers", "match", "match_re")),
)


@dataclass
class Import:
    """What a configuration comes to."""

    pieces: list[Piece] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def keep(self, piece: Piece) -> None:
        """Bring a piece over, if lint has nothing against it."""
        if wrong := mistake(piece):
            self.leave(piece.line, piece.what, wrong)
            return
        self.pieces.append(piece)
        self.notes.append(Note(piece.line, is_brought=True, words=piece.what))

    def leave(self, line: int, what: str, why: str) -> None:
        """Say why something stays behind."""
        self.notes.append(Note(line, is_brought=False, words=f"{what}: {why}"))


def read_alertmanager(text: str, path: str) -> Import:
    """Read a configuration.

    Raises:
        LibraryError: it is no YAML, or no configuration of Alertmanager's.

    """
    findings = Findings(path)
    located = read_yaml(text, findings)
    whole = Fields(located, findings, "the configuration")
    if not findings.problems and not any(each in whole for each in _SECTIONS):
        findings.error(
            (1, 1), "it is no configuration of Alertmanager's", f"it has none of {', '.join(_SECTIONS)}"
        )
    found = Import()
    _inhibition(whole, found)
    root = whole.located("route")
    tree = [read_route(root, findings)] if root is not None else []
    for route in tree:
        _grouping(route, found)
    _mute_times(tree, whole, found)
    for route in _all(tree):
        _rest_of(route, found)
    _rest(whole, found)
    if findings.problems:
        raise LibraryError(findings.problems)
    found.notes.sort()
    return found


def _inhibition(whole: Fields, found: Import) -> None:
    for number, located in enumerate(whole.items("inhibit_rules"), 1):
        fields = Fields(located, whole.findings, "an inhibit rule")
        name = fields.text("name") or f"alertmanager-{number}"
        what = f"inhibit rule {number} as {name}"
        try:
            found.keep(_rule(fields, name, what))
        except CannotError as error:
            found.leave(fields.place[0], f"inhibit rule {number}", str(error))


def _rule(fields: Fields, name: str, what: str) -> Piece:
    for key in fields.names():
        if key not in _RULE_KEYS:
            raise CannotError(f"it has {key!r}, which is not known here")
    source = matchers(fields, "source_matchers", "source_match", "source_match_re")
    target = matchers(fields, "target_matchers", "target_match", "target_match_re")
    lines = [
        f"  - name: {quoted(name)}",
        f"    source_matchers: {written(source)}",
        f"    target_matchers: {written(target)}",
    ]
    if equal := fields.texts("equal"):
        lines.append(f"    equal: {flow(equal)}")
    return Piece(fields.place[0], what, "inhibit", tuple(lines))


def _grouping(root: Route, found: Import) -> None:
    """Bring the root's grouping over; it makes the domain of alerts that concern no service of the catalog."""
    labels = root.fields.texts("group_by")
    line = root.fields.place_of("group_by")[0]
    if "..." in labels:
        found.leave(
            line, "group_by ['...']", "each alert would be an incident of its own; the default is kept"
        )
    elif labels:
        what = f"group_by {flow(labels)}, for alerts of no service of the catalog"
        found.keep(Piece(line, what, "rules", (f"  group_by: {flow(labels)}",)))
    for route in _all(root.children):
        if "group_by" in route.fields and route.fields.texts("group_by") != labels:
            line = route.fields.place_of("group_by")[0]
            found.leave(line, "group_by of a route below the root", "one group_by holds for all")


def _mute_times(tree: Sequence[Route], whole: Fields, found: Import) -> None:
    known: dict[str, Fields] = {}
    for section in ("mute_time_intervals", "time_intervals"):
        for each in whole.items(section):
            fields = Fields(each, whole.findings, "a time interval")
            known[fields.text("name")] = fields
    used: set[str] = set()
    for path in (path for root in tree for path in _paths([root])):
        for located in path[-1].fields.items("mute_time_intervals"):
            name = str(located.value)
            used.add(name)
            _mute(name, located, path, known, found)
        used.update(path[-1].fields.texts("active_time_intervals"))
    for name, fields in known.items():
        if name not in used:
            found.leave(fields.place[0], f"time interval {name}", "no route names it")


def _mute(
    name: str, located: Located, path: Sequence[Route], known: dict[str, Fields], found: Import
) -> None:
    line = located.place[0]
    what = f"mute time {name} of the route at line {path[-1].line}"
    if name not in known:
        found.leave(line, what, "no time interval has this name")
        return
    fields = known[name]
    try:
        whose = alone(path)
        times = [
            each
            for interval in fields.items("time_intervals")
            for each in recurrences(interval, fields.findings)
        ]
    except CannotError as error:
        found.leave(line, what, str(error))
        return
    windows = [(who, when) for who in whose for when in times]
    for number, (who, when) in enumerate(windows, 1):
        label = f"{name}-{line}" + (f"-{number}" if len(windows) > 1 else "")
        lines = _window(label, written(who), when)
        found.keep(Piece(line, f"{what} as maintenance {label}", "maintenance", lines))


def _window(name: str, who: str, when: Recurrence) -> tuple[str, ...]:
    hours, minutes = divmod(when.minutes, 60)
    lasts = (f"{hours}h" if hours else "") + (f"{minutes}m" if minutes else "")
    return (
        f"  - name: {quoted(name)}",
        f"    matchers: {who}",
        f"    rrule: {when.rrule}",
        f"    timezone: {when.timezone}",
        f"    start: {when.start}",
        f"    duration: {lasts}",
    )


def _rest(whole: Fields, found: Import) -> None:
    """Say of all that stays behind that it does."""
    for name in whole.names():
        line = whole.place_of(name)[0]
        if name in _STAYS:
            for where, what in _parts(name, whole):
                found.leave(where, what, _STAYS[name])
        elif name not in _SECTIONS:
            found.leave(line, name, "it is not known here")


def _parts(name: str, whole: Fields) -> Iterator[tuple[int, str]]:
    for each in whole.items(name):
        inner = Fields(each, Findings(""), name)
        if name == "receivers":
            yield each.place[0], f"receiver {inner.text('name')}"
        elif name == "global":
            yield from ((inner.place_of(key)[0], f"global {key}") for key in inner.names())
        else:
            yield each.place[0], name


def _rest_of(route: Route, found: Import) -> None:
    known = ("matchers", "match", "match_re", "continue", "routes", "group_by", "mute_time_intervals")
    for key in route.fields.names():
        line = route.fields.place_of(key)[0]
        if key in _ROUTE_STAYS:
            value = route.fields.texts(key)
            found.leave(line, f"{key} {', '.join(value)}", _ROUTE_STAYS[key])
        elif key not in known:
            found.leave(line, f"{key} of a route", "it is not known here")


def _all(routes: Sequence[Route]) -> Iterator[Route]:
    for route in routes:
        yield route
        yield from _all(route.children)


def _paths(path: list[Route]) -> Iterator[list[Route]]:
    yield path
    for child in path[-1].children:
        yield from _paths([*path, child])
