"""`oncall runbook`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli import out, runbook_run, runbook_test
from app.cli.errors import FINDING, CommandError, tell
from app.cli.options import Folder, Json, examples, settings_of

if TYPE_CHECKING:
    from app.model.library import Library
    from app.model.runbook import Runbook
    from app.settings import Settings

app = typer.Typer(
    name="runbook",
    help="Check, test, list and read runbooks.",
    no_args_is_help=True,
    epilog=examples("oncall runbook lint ./runbooks", "oncall runbook list", "oncall runbook show NAME"),
)


@app.command(epilog=examples("oncall runbook lint ./runbooks", "oncall runbook lint --json | jq .problems"))
def lint(
    folder: Annotated[Path | None, typer.Argument(help="The folder; the same as --runbooks.")] = None,
    *,
    runbooks: Folder = None,
    strict: Annotated[bool, typer.Option("--strict", help="Advice counts as an error.")] = False,
    as_json: Json = False,
) -> None:
    """Find every mistake of a library at once: file:line:column, what is wrong, and the mend. Exit code 1 on errors."""
    from app.library.folder import read_folder
    from app.library.lint import lint as lint_files
    from app.library.problems import LibraryError

    settings = settings_of(runbooks=folder or runbooks)
    try:
        files = read_folder(settings.runbooks)
        problems = lint_files(files)
    except LibraryError as error:  # files that cannot even be read as text
        files, problems = {}, list(error.problems)
    errors = sum(problem.level == "error" or strict for problem in problems)
    if as_json:
        fields = ("path", "line", "column", "level", "message", "mend")
        out.document(
            {"files": len(files), "problems": [{f: getattr(p, f) for f in fields} for p in problems]}
        )
    else:
        for p in problems:
            print(p)
        tell(
            f"{len(files)} files in {settings.runbooks}: {errors} errors, {len(problems) - errors} pieces of advice"
        )
    if errors:
        raise typer.Exit(FINDING)


@app.command("list", epilog=examples("oncall runbook list", "oncall runbook list --json | jq -r '.[].id'"))
def list_(*, runbooks: Folder = None, as_json: Json = False) -> None:
    """List the runbooks: what each matches, who owns it, how many steps it has."""
    library = read_library(settings_of(runbooks=runbooks))
    pages = sorted(library.runbooks.values(), key=lambda page: page.id)
    if as_json:
        out.document([_facts(page) for page in pages])
        return
    rows = [
        (p.id, p.owner, str(len(p.steps) or "checklist"), _matches(p) or "by name or runbook_url")
        for p in pages
    ]
    out.table(("runbook", "owner", "steps", "matches"), rows)


@app.command(epilog=examples("oncall runbook show kube-pod-crash-looping"))
def show(
    name: Annotated[str, typer.Argument(help="The runbook's id; its path will do, too.")],
    *,
    runbooks: Folder = None,
    as_json: Json = False,
) -> None:
    """Read a runbook in the terminal: the page as people see it, and its steps as the engine does."""
    from rich.markdown import Markdown

    library = read_library(settings_of(runbooks=runbooks))
    page = find_page(name, library)
    if as_json:
        out.document(_facts(page) | {"body": page.body.source})
        return
    console = out.console()
    console.print(f"[bold]{page.title}[/bold]  {page.path}  {page.hash[:12]}")
    console.print(
        f"owner {page.owner or '-'}; matches {_matches(page) or 'by name or runbook_url'}\n", markup=False
    )
    console.print(Markdown(page.body.source))
    rows = [
        (
            s.phase.value,
            s.id,
            s.action or "wait",
            ", ".join(s.needs),
            s.condition.source if s.condition else "",
        )
        for s in page.steps
    ]
    if rows:
        console.print()
        out.table(("phase", "step", "action", "needs", "if"), rows)


app.command("test", epilog=runbook_test.EPILOG)(runbook_test.command)
app.command("run", epilog=runbook_run.EPILOG)(runbook_run.command)


def read_library(settings: Settings) -> Library:
    """Read and compile the folder; LibraryError names every mistake in it."""
    from app.library.compile import compile_library
    from app.library.folder import read_folder

    return compile_library(read_folder(settings.runbooks))


def find_page(name: str, library: Library) -> Runbook:
    """Find a runbook by id or path; CommandError with the likeliest one meant."""
    from difflib import get_close_matches

    for page in library.runbooks.values():
        if name in (page.id, page.path):
            return page
    close = get_close_matches(name, library.runbooks, n=1)
    mend = f"did you mean {close[0]}?" if close else "`oncall runbook list` lists them"
    raise CommandError(f"there is no runbook {name}; {mend}", code=FINDING)


def _facts(page: Runbook) -> dict[str, object]:
    return {
        "id": page.id,
        "title": page.title,
        "path": page.path,
        "hash": page.hash,
        "owner": page.owner,
        "match": [[str(matcher) for matcher in group] for group in page.match.alternatives],
        "priority": page.priority,
        "mode": page.mode,
        "page": {"when": page.page.when, "after_seconds": page.page.after.total_seconds()}
        if page.page
        else None,
        "budget_seconds": page.budget.total_seconds(),
        "steps": [
            {
                "id": step.id,
                "phase": step.phase,
                "line": step.line,
                "action": step.action or None,
                "needs": list(step.needs),
                "if": step.condition.source if step.condition else None,
                "wait": step.wait.until.source if step.wait else None,
                "timeout_seconds": step.timeout.total_seconds(),
                "attempts": step.retry.attempts,
            }
            for step in page.steps
        ],
        "follow_ups": [task.text for task in page.follow_ups],
    }


def _matches(page: Runbook) -> str:
    return " or ".join(", ".join(str(matcher) for matcher in group) for group in page.match.alternatives)
