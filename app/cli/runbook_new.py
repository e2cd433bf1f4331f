"""`oncall runbook new` and `oncall runbook actions`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli import out
from app.cli.errors import FINDING, CommandError, tell
from app.cli.options import Folder, Json, examples, settings_of

if TYPE_CHECKING:
    from app.model.catalog import Action, Parameter

NEW = examples("oncall runbook new KubePodCrashLooping --into runbooks/kubernetes --owner platform")
ACTIONS = examples("oncall runbook actions", "oncall runbook actions --json | jq '.[].schema'")
SCHEMAS: dict[str, dict[str, Any]] = {
    "list": {"type": "array", "items": {"type": ["string", "number", "boolean", "null"]}},
    "map": {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean", "null"]}},
}
"""The JSON Schema of our types, where it is not the type's own name."""


def new(
    alert: Annotated[str, typer.Argument(metavar="ALERTNAME", help="The alert's `alertname`.")],
    *,
    into: Annotated[
        Path, typer.Option(metavar="FOLDER", help="Where the page and its test are to lie.")
    ] = Path(),
    owner: Annotated[
        str, typer.Option(metavar="TEAM", help="Who keeps the page; else the library's own team.")
    ] = "",
    runbooks: Folder = None,
) -> None:
    """Write a page and its test to begin with. Both are whole: they pass lint and test, and a person is told to mend it.

    The library says which looks there are and who owns what. Files that are there already are left alone.
    """
    from app.cli.runbook import read_library
    from app.rehearse.skeleton import name_for, page_for, test_for

    library = read_library(settings_of(runbooks=runbooks))
    name = name_for(alert)
    if not name:
        raise CommandError(f"{alert!r} is no alertname: write letters, digits and _ . : - only")
    if owner and owner not in library.teams:
        raise CommandError(f"there is no team {owner}; one of: {', '.join(library.teams)}", code=FINDING)
    known = next((page for page in library.runbooks.values() if page.id == name), None)
    if known is not None:
        raise CommandError(f"there is a page {name} already: {known.path}", code=FINDING)
    if not into.is_dir():
        raise CommandError(f"{into}: there is no such folder")
    for path, text in (
        (into / f"{name}.md", page_for(alert, library, owner)),
        (into / f"{name}.test.yaml", test_for(alert, library)),
    ):
        _write(path, text)
        print(path)
    tell(
        "now say in it what the alert means, and what helps; then `oncall runbook lint` and `oncall runbook test`"
    )


def _write(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise CommandError(f"{path} is there already, and is left alone", code=FINDING) from error


def actions(*, runbooks: Folder = None, as_json: Json = False) -> None:
    """List what steps may ask for: each action's effect and parameters, with --json as JSON Schema."""
    from app.cli.runbook import read_library

    listed = sorted(read_library(settings_of(runbooks=runbooks)).actions.values(), key=lambda each: each.id)
    if as_json:
        out.document([_document(each) for each in listed])
        return
    rows = [(each.id, each.effect.value, ", ".join(map(_called, each.parameters)) or "-") for each in listed]
    out.table(("action", "effect", "parameters (? may be left out)"), rows)


def _called(parameter: Parameter) -> str:
    return f"{parameter.name}{'' if parameter.required else '?'}: {parameter.type}"


def _document(action: Action) -> dict[str, Any]:
    return {
        "id": action.id,
        "effect": action.effect.value,
        "description": action.description,
        "targets": action.targets or None,
        "schema": {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": action.id,
            "type": "object",
            "properties": {each.name: _schema(each) for each in action.parameters},
            "required": [each.name for each in action.parameters if each.required],
            "additionalProperties": False,
        },
    }


def _schema(parameter: Parameter) -> dict[str, Any]:
    said = {"description": parameter.description} if parameter.description else {}
    return {**SCHEMAS.get(parameter.type, {"type": parameter.type}), **said}
