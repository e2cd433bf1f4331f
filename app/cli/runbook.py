"""`oncall runbook`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli import out, runbook_new, runbook_run, runbook_show, runbook_test
from app.cli.errors import FINDING, CommandError, tell
from app.cli.options import Folder, FolderArgument, Json, examples, settings_of
from app.cli.times import read_time

if TYPE_CHECKING:
    from app.model.library import Library
    from app.model.runbook import Runbook
    from app.settings import Settings

app = typer.Typer(
    name="runbook",
    help="Write, check, test, list and read runbooks.",
    no_args_is_help=True,
    epilog=examples("oncall runbook lint ./runbooks", "oncall runbook list", "oncall runbook show NAME"),
)


@app.command(epilog=examples("oncall runbook lint ./runbooks", "oncall runbook lint --json | jq .problems"))
def lint(
    folder: FolderArgument = None,
    *,
    runbooks: Folder = None,
    strict: Annotated[bool, typer.Option("--strict", help="Advice counts as an error.")] = False,
    at: Annotated[
        str | None,
        typer.Option("--at", metavar="TIME", help="Look at schedules from then on. [dim]now[/dim]"),
    ] = None,
    as_json: Json = False,
) -> None:
    """Find every mistake of a library at once: file:line:column, what is wrong, and the mend. Exit code 1 on errors.

    Of schedules also the gaps and double bookings of the year ahead.
    """
    from app.library.lint import lint_folder

    settings = settings_of(runbooks=folder or runbooks)
    files, problems = lint_folder(settings.runbooks, read_time(at, UTC) if at else datetime.now(UTC))
    errors = sum(problem.level == "error" or strict for problem in problems)
    if as_json:
        fields = ("path", "line", "column", "level", "message", "mend")
        out.document(
            {"files": len(files), "problems": [{f: getattr(p, f) for f in fields} for p in problems]}
        )
    else:
        for p in problems:
            print(p)
        found = f"{_count(errors, 'error')}, {_count(len(problems) - errors, 'piece', ' of advice')}"
        tell(f"{_count(len(files), 'file')} in {settings.runbooks}: {found}")
    if errors:
        raise typer.Exit(FINDING)


@app.command("list", epilog=examples("oncall runbook list", "oncall runbook list --json | jq -r '.[].id'"))
def list_(*, runbooks: Folder = None, as_json: Json = False) -> None:
    """List the runbooks: what each matches, who owns it, how many steps it has."""
    library = read_library(settings_of(runbooks=runbooks))
    pages = sorted(library.runbooks.values(), key=lambda page: page.id)
    if as_json:
        out.document([runbook_show.facts_of(page) for page in pages])
        return
    rows = [
        (
            p.id,
            p.owner,
            str(len(p.steps) or "checklist"),
            runbook_show.matches_of(p) or "by name or runbook_url",
        )
        for p in pages
    ]
    out.table(("runbook", "owner", "steps", "matches"), rows)


app.command("show", epilog=runbook_show.EPILOG)(runbook_show.command)
app.command("new", epilog=runbook_new.NEW)(runbook_new.new)
app.command("test", epilog=runbook_test.EPILOG)(runbook_test.command)
app.command("run", epilog=runbook_run.EPILOG)(runbook_run.command)
app.command("actions", epilog=runbook_new.ACTIONS)(runbook_new.actions)


def _count(number: int, what: str, rest: str = "") -> str:
    return f"{number} {what}{'' if number == 1 else 's'}{rest}"


def read_library(settings: Settings) -> Library:
    """Read and compile the folder, as a first publication would put it in force; LibraryError names every mistake in it."""
    from app.library.compile import compile_library
    from app.library.folder import read_folder
    from app.library.published import with_domains

    return compile_library(with_domains(read_folder(settings.runbooks), {}))


def find_page(name: str, library: Library) -> Runbook:
    """Find a runbook by id or path; CommandError with the likeliest one meant."""
    from difflib import get_close_matches

    for page in library.runbooks.values():
        if name in (page.id, page.path):
            return page
    close = get_close_matches(name, library.runbooks, n=1)
    mend = f"did you mean {close[0]}?" if close else "`oncall runbook list` lists them"
    raise CommandError(f"there is no runbook {name}; {mend}", code=FINDING)
