"""`oncall library import`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.errors import CommandError, importing, tell
from app.cli.options import examples

if TYPE_CHECKING:
    from app.migration.backstage import Catalog

_MANIFEST = "backstage.yaml"
EPILOG = examples(
    "oncall library import catalog-info.yaml                  # the manifest on stdout, what became of each line on stderr",
    "oncall library import */catalog-info.yaml --into runbooks/   # into the library's folder",
)


def command(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Backstage's catalog-info.yaml files.")
    ],
    *,
    into: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help=f"Write {_MANIFEST} into this folder instead of stdout."),
    ] = None,
) -> None:
    """Turn Backstage's entities into services and teams of the catalog, and say of every line what became of it.

    Components and Resources become services with their title, owner, system and dependencies, the Groups that own them teams.
    Name all files together: what one refers to may stand in another, or in the folder already.
    """
    from app.library.folder import survey_folder
    from app.migration.backstage import read_backstage
    from app.migration.into import said_in
    from app.migration.pieces import manifest

    texts = {str(file): _text(file) for file in files}
    source = ", ".join(dict.fromkeys(file.name for file in files))
    if into is None:
        with importing():
            found = read_backstage(texts)
        _tell(found)
        print(manifest(found.pieces, source, "oncall library import"), end="")
        return
    target = into / _MANIFEST
    if target.exists():
        raise CommandError(f"{target} is there already; take it away first, or name another folder")
    there = survey_folder(into)[0] if into.is_dir() and any(into.iterdir()) else {}
    with importing():
        found = read_backstage(texts, said_in(there))
    _tell(found)
    if not found.pieces:
        raise CommandError(f"nothing is left for {target}: it is not written")
    into.mkdir(parents=True, exist_ok=True)
    target.write_text(manifest(found.pieces, source, "oncall library import"), encoding="utf-8")
    tell(f"{target} is written; `oncall runbook lint {into}` checks the whole")


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise CommandError(f"{file}: it is no UTF-8 text") from error


def _tell(found: Catalog) -> None:
    for path, note in found.notes:
        tell(f"{path}:{note.line}: {'brought over' if note.is_brought else 'stays behind'}: {note.words}")
    brought = sum(note.is_brought for _, note in found.notes)
    tell(f"{brought} brought over, {len(found.notes) - brought} stay behind")
