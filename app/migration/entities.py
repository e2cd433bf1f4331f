"""Backstage's entities: the documents of `catalog-info.yaml` files, and how they refer to one another."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.library.fields import Fields
from app.library.located import read_yaml
from app.library.problems import Findings
from app.migration.pieces import Note
from app.migration.words import CannotError

API = "backstage.io/"
DEFAULT = "default"
"""The namespace of what names none."""
_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?"
_NAMED = re.compile(_NAME)
_REF = re.compile(rf"(?:(?P<kind>[A-Za-z][A-Za-z0-9]*):)?(?:(?P<namespace>{_NAME})/)?(?P<name>{_NAME})")
_MARKER = re.compile(r"(---|\.\.\.)(?=\s|$)")


@dataclass(frozen=True)
class Ref:
    """What names an entity; in small letters, for it means the same in any."""

    kind: str
    """Empty where a reference leaves it open."""
    namespace: str
    name: str


@dataclass(eq=False)
class Entity:
    """An entity as it is described."""

    path: str
    line: int
    kind: str
    namespace: str
    name: str
    metadata: Fields
    spec: Fields

    @property
    def ref(self) -> Ref:
        """What it is referred to by."""
        return Ref(self.kind, self.namespace, self.name.lower())

    @property
    def what(self) -> str:
        """What it is, for people."""
        return f"{self.kind} {self.name}"


def read_ref(text: str, namespace: str, kind: str = "") -> Ref:
    """Read `[kind:][namespace/]name`, with what holds where it leaves something out.

    Raises:
        CannotError: it is no reference.

    """
    found = _REF.fullmatch(text.strip())
    if found is None:
        raise CannotError("it is no entity reference: write [kind:][namespace/]name")
    return Ref(
        (found["kind"] or kind).lower(), (found["namespace"] or namespace).lower(), found["name"].lower()
    )


def read_entities(text: str, findings: Findings) -> tuple[list[Entity], list[Note]]:
    """Read a file's entities, and say of each document that is none why."""
    entities, notes = [], []
    for part, offset in _documents(text):
        located = read_yaml(part, findings, offset)
        if located is None:
            continue
        fields = Fields(located, findings, "an entity")
        line = located.place[0]
        try:
            entities.append(_entity(fields, findings, line))
        except CannotError as error:
            notes.append(Note(line, is_brought=False, words=str(error)))
    return entities, notes


def _entity(fields: Fields, findings: Findings, line: int) -> Entity:
    version, kind = fields.text("apiVersion"), fields.text("kind")
    if not version.startswith(API):
        raise CannotError(f"{kind or 'a document'}: its apiVersion {version!r} is not Backstage's ({API}…)")
    metadata = Fields(fields.located("metadata"), findings, "metadata")
    spec = Fields(fields.located("spec"), findings, "spec")
    name, namespace = metadata.text("name"), metadata.text("namespace") or DEFAULT
    for word, text in (("kind", kind), ("metadata.name", name), ("metadata.namespace", namespace)):
        if not _NAMED.fullmatch(text):
            raise CannotError(f"{kind or 'a document'}: its {word} {text!r} is no name of Backstage's")
    return Entity(findings.path, line, kind.lower(), namespace.lower(), name, metadata, spec)


def _documents(text: str) -> Iterator[tuple[str, int]]:
    """Give a file's documents, each with the number of lines before it; what has no content is none."""
    lines: list[str] = []
    begun = 0
    for number, line in enumerate([*text.split("\n"), "---"]):
        if marker := _MARKER.match(line):
            if any(each.strip() and not each.startswith(("#", "%")) for each in lines):
                yield "\n".join(lines), begun
            lines, begun = [" " * len(marker[0]) + line[len(marker[0]) :]], number
        else:
            lines.append(line)
