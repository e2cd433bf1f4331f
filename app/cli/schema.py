"""`oncall schema`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli import out
from app.cli.errors import FINDING, tell
from app.cli.options import Json, examples

app = typer.Typer(
    name="schema",
    help="The public schemas of the topics.",
    no_args_is_help=True,
    epilog=examples("oncall schema check"),
)


@app.callback()
def _group() -> None:
    """Keep `check` a subcommand, for it will not stay the only one."""


@app.command(epilog=examples("oncall schema check", "oncall schema check --schemas ./schemas --json"))
def check(
    *,
    schemas: Annotated[
        Path | None, typer.Option(help="The folder. Default: the schemas of this release.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Check that every schema is fully compatible with all released versions of it, both ways; exit code 1 if not."""
    from app.resources import schemas_dir
    from app.wire.compatibility import check as check_schemas

    problems = [str(problem) for problem in check_schemas(schemas or schemas_dir())]
    if as_json:
        out.document({"problems": problems})
    else:
        for problem in problems:
            print(problem)
        tell(f"{len(problems)} problems" if problems else "compatible with all that was released")
    if problems:
        raise typer.Exit(FINDING)
