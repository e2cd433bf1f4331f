"""`oncall import`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.errors import CommandError, importing, tell
from app.cli.options import examples

if TYPE_CHECKING:
    from app.migration.alertmanager import Import

NAME = "import"
_MANIFEST = "alertmanager.yaml"
EPILOG = examples(
    "oncall import alertmanager.yml                       # the manifest on stdout, what became of each line on stderr",
    "oncall import alertmanager.yml --write runbooks/     # into the library's folder",
)


def command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Alertmanager's configuration.")],
    *,
    write: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help=f"Write {_MANIFEST} into this folder instead of stdout."),
    ] = None,
) -> None:
    """Turn Alertmanager's configuration into a manifest, and say of every line what became of it.

    Inhibit rules become `inhibit:`, mute times of routes `maintenance:`, the root's grouping `rules.group_by`. What would mute
    more than Alertmanager does stays behind. The rest is named with the reason and with where it is said here.
    """
    from app.library.folder import survey_folder
    from app.migration.alertmanager import read_alertmanager
    from app.migration.into import fit
    from app.migration.pieces import manifest

    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise CommandError(f"{file}: it is no UTF-8 text") from error
    with importing():
        found = read_alertmanager(text, str(file))
    if write is None:
        _tell(found, file)
        print(manifest(found.pieces, file.name), end="")
        return
    target = write / _MANIFEST
    if target.exists():
        raise CommandError(f"{target} is there already; take it away first, or name another folder")
    if write.is_dir() and any(write.iterdir()):
        found = fit(found, survey_folder(write)[0])
    _tell(found, file)
    write.mkdir(parents=True, exist_ok=True)
    target.write_text(manifest(found.pieces, file.name), encoding="utf-8")
    tell(f"{target} is written; `oncall runbook lint {write}` checks the whole")


def _tell(found: Import, file: Path) -> None:
    for note in found.notes:
        verb = "brought over" if note.is_brought else "stays behind"
        tell(f"{file}:{note.line}: {verb}: {note.words}")
    brought = sum(note.is_brought for note in found.notes)
    tell(f"{brought} brought over, {len(found.notes) - brought} stay behind")
