"""A manifest for a folder that may hold others already: what they say once and for all is not said again."""

from __future__ import annotations

from collections.abc import Mapping

from app.library.fields import Fields
from app.library.located import read_yaml
from app.library.manifests import read_manifests
from app.library.problems import Findings
from app.migration.alertmanager import Import
from app.migration.pieces import Piece

_ONCE = "rules"
"""The section that only one manifest may have."""


def fit(found: Import, files: Mapping[str, str]) -> Import:
    """Give the import without what the folder's manifests (path to text) leave no room for, with a word on each."""
    where = next((place for path, text in files.items() if (place := _place_of(path, text))), "")
    if not where:
        return found
    fitting = Import([each for each in found.pieces if each.section != _ONCE], list(found.notes))
    for piece in found.pieces:
        if piece.section == _ONCE:
            _move(piece, where, fitting)
    fitting.notes.sort()
    return fitting


def said_in(files: Mapping[str, str]) -> dict[tuple[str, str], str]:
    """Give what a folder's manifests (path to text) say: (section, id) to where."""
    places = read_manifests(files, {path: Findings(path) for path in files}).places
    return {said: f"{findings.path}:{line}" for said, (findings, (line, _)) in places.items()}


def _move(piece: Piece, where: str, fitting: Import) -> None:
    fitting.notes = [each for each in fitting.notes if each.words != piece.what]
    fitting.leave(piece.line, piece.what, f"{where} has rules already: set it there")


def _place_of(path: str, text: str) -> str:
    if not path.endswith((".yaml", ".yml")):
        return ""
    fields = Fields(read_yaml(text, Findings(path)), Findings(path), "a manifest")
    return f"{path}:{fields.place_of(_ONCE)[0]}" if _ONCE in fields else ""
