"""Backstage's catalog in our words: components and resources as services, their systems, owners and dependencies."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, count

from app.library.fields import Fields
from app.library.located import Located
from app.library.problems import Findings, LibraryError
from app.migration.entities import DEFAULT, Entity, Ref, read_entities, read_ref
from app.migration.pieces import Note, Piece, flow, mistake, quoted
from app.migration.words import CannotError

SERVICES = ("component", "resource")
Said = Mapping[tuple[str, str], str]
"""(section, id) to where a folder's manifests say it."""
_USED = {
    **dict.fromkeys(
        SERVICES, ("owner", "system", "dependsOn", "dependencyOf", "consumesApis", "providesApis")
    ),
    "group": ("profile",),
    "system": (),
}
"""Kind to the fields of its `spec` that come over."""
_STAYS = {
    "user": "a person needs a contact_ref that your pager resolves: say them under people:",
    "domain": "what fails together is a system, and a Domain is wider",
    "location": "it points to other files: name those",
    "api": "an API is no service; what consumes it depends on what provides it",
}


@dataclass
class Catalog:
    """What entities come to."""

    pieces: list[Piece] = field(default_factory=list)
    notes: list[tuple[str, Note]] = field(default_factory=list)
    """What became of each line, with its file."""

    def bring(self, path: str, line: int, words: str) -> None:
        """Say what came over."""
        self.notes.append((path, Note(line, is_brought=True, words=words)))

    def leave(self, entity: Entity, what: str, why: str, line: int = 0) -> None:
        """Say why something stays behind; without a line that is the entity's."""
        words = f"{entity.what}{what and ': '}{what}: {why}"
        self.notes.append((entity.path, Note(line or entity.line, is_brought=False, words=words)))


def read_backstage(files: Mapping[str, str], said: Said | None = None) -> Catalog:
    """Read files (path to text) beside what a folder's manifests say already.

    Raises:
        LibraryError: one is no YAML, or none holds an entity of Backstage's.

    """
    found, entities, problems = Catalog(), dict[Ref, Entity](), []
    for path, text in files.items():
        findings = Findings(path)
        read, notes = read_entities(text, findings)
        found.notes += [(path, note) for note in notes]
        for entity in read:
            first = entities.setdefault(entity.ref, entity)
            if first is not entity:
                found.leave(entity, "", f"{first.path}:{first.line} describes it already")
        if not findings.problems and not read:
            mend = "see that its apiVersion is backstage.io/… and that it has a kind and a name"
            findings.error((1, 1), "it holds no entity of Backstage's", mend)
        problems.append(findings)
    reading = _Reading(entities, said or {}, found)
    reading.all()
    if mistakes := [each for findings in problems for each in findings.problems]:
        raise LibraryError(mistakes)
    found.notes.sort()
    return found


class _Reading:
    """Entities on their way into the catalog."""

    def __init__(self, entities: Mapping[Ref, Entity], said: Said, found: Catalog) -> None:
        self._entities, self._said, self._found = entities, said, found
        self._services = {ref: each for ref, each in entities.items() if each.kind in SERVICES}
        self._ids = _ids(self._services)
        self._teams: dict[str, tuple[Entity, int, str]] = {}
        """Team to the entity and line that first name it, and its title."""
        self._names: dict[Ref, str] = {}
        """Teams and systems, as what first names them writes it."""
        self._owning: set[Ref] = set()
        self._systems: defaultdict[Ref, list[str]] = defaultdict(list)
        self._needs: defaultdict[Ref, list[str]] = defaultdict(list)

    def all(self) -> None:
        providers = self._providers()
        for entity in self._services.values():
            self._dependencies(entity, providers)
        services = [piece for each in self._services.values() if (piece := self._service(each))]
        self._found.pieces += [*map(self._team, self._teams), *services]
        for entity in self._entities.values():
            self._rest(entity)

    def _providers(self) -> dict[Ref, list[Ref]]:
        found: defaultdict[Ref, list[Ref]] = defaultdict(list)
        for ref, entity in self._services.items():
            for api, _ in self._refs(entity, "providesApis", "api"):
                found[api].append(ref)
        return found

    def _dependencies(self, entity: Entity, providers: Mapping[Ref, list[Ref]]) -> None:
        for other, located in self._refs(entity, "dependsOn"):
            if other.kind == "api":
                self._consumes(entity, other, located, providers)
            else:
                self._depend(entity, located, "dependsOn", self._needs[entity.ref], other)
        for other, located in self._refs(entity, "consumesApis", "api"):
            self._consumes(entity, other, located, providers)
        for other, located in self._refs(entity, "dependencyOf"):
            known = self._known(other)
            if known is None or known not in self._services:
                words = f"dependencyOf {located.value}"
                self._found.leave(
                    entity,
                    words,
                    "no Component or Resource of this name is among the files",
                    located.place[0],
                )
            else:
                self._depend(self._services[known], located, "dependsOn", self._needs[known], entity.ref)

    def _consumes(
        self, entity: Entity, api: Ref, located: Located, providers: Mapping[Ref, list[Ref]]
    ) -> None:
        if api not in providers:
            why = "none of the files says who provides this API"
            self._found.leave(entity, f"consumesApis {located.value}", why, located.place[0])
        for ref in providers.get(api, []):
            if ref != entity.ref:
                self._depend(entity, located, "consumesApis", self._needs[entity.ref], ref)

    def _depend(self, entity: Entity, located: Located, name: str, needs: list[str], other: Ref) -> None:
        leave = partial(self._found.leave, entity, f"{name} {located.value}", line=located.place[0])
        if other.kind and other.kind not in SERVICES:
            leave(why=f"services depend on services, and this is a {other.kind}")
            return
        known = self._known(other)
        id_ = self._ids[known] if known else _name(located)
        if known == entity.ref:
            leave(why="it is itself")
        elif known is None and ("services", id_) not in self._said:
            leave(why="no Component or Resource of this name is among the files")
        elif id_ not in needs:
            needs.append(id_)

    def _known(self, ref: Ref) -> Ref | None:
        """Give the service that a reference means, which may leave its kind open."""
        kinds = (ref.kind,) if ref.kind else SERVICES
        found = (Ref(kind, ref.namespace, ref.name) for kind in kinds)
        return next((each for each in found if each in self._services), None)

    def _service(self, entity: Entity) -> Piece | None:
        id_ = self._ids[entity.ref]
        if where := self._said.get(("services", id_)):
            self._found.leave(entity, "", f"{where} says the service {id_} already")
            return None
        lines = [f"    title: {quoted(title)}"] if (title := self._title(entity, id_)) else []
        lines += [f"    team: {quoted(team)}"] if (team := self._owner(entity)) else []
        lines += [f"    system: {quoted(system)}"] if (system := self._system(entity)) else []
        lines += [f"    depends_on: {flow(needs)}"] if (needs := self._needs[entity.ref]) else []
        self._found.bring(entity.path, entity.line, f"{entity.what} as service {id_}")
        head = f"  {quoted(id_)}:"
        return Piece(entity.line, entity.what, "services", (head, *lines) if lines else (f"{head} {{}}",))

    def _title(self, entity: Entity, id_: str) -> str:
        title = entity.metadata.text("title")
        lines = (f"  {quoted(id_)}:", f"    title: {quoted(title)}")
        if title and (wrong := mistake(Piece(entity.line, "", "services", lines))):
            self._found.leave(entity, "title", wrong, entity.metadata.place_of("title")[0])
            return ""
        return title

    def _owner(self, entity: Entity) -> str:
        line = entity.spec.place_of("owner")[0]
        if not entity.spec.text("owner"):
            self._found.leave(entity, "owner", "it has none; rules.team owns what nobody owns")
            return ""
        for ref, located in self._refs(entity, "owner", "group"):
            if ref.kind != "group":
                self._found.leave(entity, f"owner {located.value}", "a service is owned by a team", line)
                continue
            self._owning.add(ref)
            group = self._entities.get(ref)
            team = self._named(ref, located)
            if ("teams", team) not in self._said:
                profile = Fields(group.spec.located("profile") if group else None, Findings(""), "profile")
                title = (group.metadata.text("title") if group else "") or profile.text("displayName")
                self._teams.setdefault(team, (group or entity, group.line if group else line, title))
            return team
        return ""

    def _team(self, team: str) -> Piece:
        entity, line, title = self._teams[team]
        said = "" if entity.kind == "group" else "; no Group of this name is among the files"
        self._found.bring(entity.path, line, f"team {team}{said}: give it escalation, chat and tickets")
        piece = Piece(line, team, "teams", (f"  {quoted(team)}: {{title: {quoted(title or team)}}}",))
        return piece if not mistake(piece) else Piece(line, team, "teams", (f"  {quoted(team)}: {{}}",))

    def _system(self, entity: Entity) -> str:
        for ref, located in self._refs(entity, "system", "system"):
            name = self._named(ref, located)
            if ref not in self._entities:
                line = entity.spec.place_of("system")[0]
                self._found.bring(
                    entity.path, line, f"system {name}, though no System of this name is among the files"
                )
            self._systems[ref].append(entity.name)
            return name
        return ""

    def _named(self, ref: Ref, located: Located) -> str:
        """Give what a team or system is called here: its name, behind its namespace unless that is the default one."""
        known = self._entities.get(ref)
        name = known.name if known else _name(located)
        return self._names.setdefault(ref, name if ref.namespace == DEFAULT else f"{ref.namespace}-{name}")

    def _rest(self, entity: Entity) -> None:
        """Say of all that stays behind that it does."""
        if entity.kind not in _USED:
            self._found.leave(entity, "", _STAYS.get(entity.kind, f"{entity.kind} is not known here"))
            return
        if entity.kind == "group" and entity.ref not in self._owning:
            self._found.leave(entity, "", "it owns none of the services")
            return
        if entity.kind == "system":
            count = len(self._systems[entity.ref])
            if not count:
                self._found.leave(entity, "", "none of the services is of it")
                return
            self._found.bring(entity.path, entity.line, f"{entity.what} of {count} services")
        used = _USED[entity.kind]
        left = [each for each in entity.metadata.names() if each not in ("name", "namespace", "title")]
        left += [each for each in entity.spec.names() if each not in used]
        if left:
            self._found.leave(entity, ", ".join(left), "the catalog here has no such field")

    def _refs(self, entity: Entity, name: str, kind: str = "") -> list[tuple[Ref, Located]]:
        """Give what a field refers to; what is no reference stays behind."""
        found = []
        for located in entity.spec.items(name):
            try:
                found.append((read_ref(_text(located), entity.namespace, kind), located))
            except CannotError as error:
                self._found.leave(entity, f"{name} {located.plain()!r}", str(error), located.place[0])
        return found


def _text(located: Located) -> str:
    if isinstance(located.value, list | dict):
        raise CannotError("it is no text")
    return str(located.value)


def _name(located: Located) -> str:
    """Give the name of a reference as it is written."""
    return re.split("[:/]", str(located.value).strip())[-1]


def _ids(services: Mapping[Ref, Entity]) -> dict[Ref, str]:
    """Give each service's id: its name, which components of the default namespace have before others; else one that says more."""
    found: dict[Ref, str] = {}
    taken: set[str] = set()
    for ref, each in sorted(services.items(), key=lambda item: (item[0].namespace != DEFAULT, item[0].kind)):
        longer = (f"{ref.namespace}-{each.name}", f"{ref.kind}-{ref.namespace}-{each.name}")
        numbered = (f"{each.name}-{number}" for number in count(2))
        found[ref] = next(id_ for id_ in chain((each.name, *longer), numbered) if id_.lower() not in taken)
        taken.add(found[ref].lower())
    return found
