"""`oncall runbook show`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli import out
from app.cli.errors import CommandError
from app.cli.options import Folder, Json, examples, settings_of

if TYPE_CHECKING:
    from app.model.runbook import Runbook, Step

EPILOG = examples(
    "oncall runbook show kube-pod-crash-looping",
    "oncall runbook show kube-pod-crash-looping --graph > page.mmd",
    "oncall runbook show kube-pod-crash-looping --svg page.svg",
)


def command(
    name: Annotated[str, typer.Argument(help="The runbook's id; its path will do, too.")],
    *,
    runbooks: Folder = None,
    graph: Annotated[
        bool, typer.Option("--graph", help="Its steps as a Mermaid flowchart, instead.")
    ] = False,
    svg: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Draw its steps into this file, instead; - for stdout."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Read a runbook in the terminal: the page as people see it, and its steps as the engine does."""
    from app.cli.runbook import find_page, read_library
    from app.graph.mermaid import mermaid
    from app.graph.svg import svg as draw

    if graph + (svg is not None) + as_json > 1:
        raise CommandError("give one of --graph, --svg and --json")
    library = read_library(settings_of(runbooks=runbooks))
    page = find_page(name, library)
    if as_json:
        out.document(facts_of(page) | {"body": page.body.source})
    elif graph:
        print(mermaid(page, library.actions), end="")
    elif svg is not None and str(svg) == "-":
        print(draw(page, library.actions), end="")
    elif svg is not None:
        svg.write_text(draw(page, library.actions), encoding="utf-8")
    else:
        _read(page)


def _read(page: Runbook) -> None:
    from rich.markdown import Markdown
    from rich.markup import escape

    from app.graph.words import marks_of, what_of

    console = out.console()
    console.print(f"[bold]{escape(page.title)}[/bold]  {escape(page.path)}  {page.hash[:12]}")
    console.print(
        f"owner {page.owner or '-'}; matches {matches_of(page) or 'by name or runbook_url'}\n", markup=False
    )
    console.print(Markdown(page.body.source))
    if page.steps:
        rows = [
            (s.phase.value, s.id, what_of(s), ", ".join(s.needs), s.condition.source if s.condition else "",
             ", ".join(marks_of(s)))
            for s in page.steps
        ]  # fmt: skip
        console.print()
        out.table(("phase", "step", "does", "needs", "if", "besides"), rows)


def facts_of(page: Runbook) -> dict[str, object]:
    """Give what a script may want to know of a page."""
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
        "inputs": {
            each.name: {"type": each.type, "required": each.required} for each in page.inputs.values()
        },
        "outputs": list(page.outputs),
        "steps": [_step(step) for step in page.steps],
        "follow_ups": [task.text for task in page.follow_ups],
    }


def matches_of(page: Runbook) -> str:
    """Say in a line which alerts a page matches."""
    return " or ".join(", ".join(str(matcher) for matcher in group) for group in page.match.alternatives)


def _step(step: Step) -> dict[str, object]:
    approval = step.approval
    return {
        "id": step.id,
        "phase": step.phase,
        "line": step.line,
        "action": step.action or None,
        "needs": list(step.needs),
        "if": step.condition.source if step.condition else None,
        "wait": step.wait.until.source if step.wait else None,
        "manual": step.manual.source if step.manual else None,
        "uses": step.uses or None,
        "foreach": step.foreach.items.source if step.foreach else None,
        "approval": {"from": list(approval.sources), "count": approval.count} if approval else None,
        "probe": step.probe.step.action if step.probe else None,
        "rollback": step.rollback.action if step.rollback else None,
        "on_failure": step.on_failure,
        "continue_on_error": step.continue_on_error,
        "timeout_seconds": step.timeout.total_seconds(),
        "attempts": step.retry.attempts,
    }
