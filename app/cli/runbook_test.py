"""`oncall runbook test`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.errors import FINDING, CommandError
from app.cli.options import Folder, Json, examples, settings_of
from app.cli.runbook_report import Report

if TYPE_CHECKING:
    from app.model.library import Library
    from app.model.runbook import Runbook

EPILOG = examples(
    "oncall runbook test",
    "oncall runbook test runbooks/kubernetes/kube-pod-crash-looping.md --story",
    "oncall runbook test --coverage --mutate",
)


def command(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[PATH]...", help="Pages, tests or folders; else all of the library."),
    ] = None,
    *,
    runbooks: Folder = None,
    coverage: Annotated[bool, typer.Option("--coverage", help="List what no case reaches.")] = False,
    mutate: Annotated[
        bool, typer.Option("--mutate", help="Spoil each page in many ways, and list what no case notices.")
    ] = False,
    story: Annotated[bool, typer.Option("--story", help="Tell what happened in each case.")] = False,
    as_json: Json = False,
) -> None:
    """Run the cases beside the pages (`NAME.test.yaml`) on the production engine, in virtual time. Exit code 1 if one fails.

    With --coverage also if something of a page is reached by no case; with --mutate also if a spoilt page is noticed by none.
    """
    from app.library.compile import compile_library
    from app.library.folder import read_folder, read_tests
    from app.library.problems import LibraryError
    from app.library.published import with_domains
    from app.rehearse.coverage import goals_of, missed
    from app.rehearse.many import mutate as mutate_all
    from app.rehearse.suite import read_suite, run

    folder, wanted = _which(paths or [], runbooks)
    files = with_domains(read_folder(folder), {})
    library, begun = compile_library(files), perf_counter()
    suite, problems = read_suite(_chosen(read_tests(folder), wanted, folder), library)
    if problems:
        raise CommandError(f"the tests have mistakes:\n{LibraryError(problems)}", code=FINDING)
    report = Report(as_json=as_json, story=story)
    untested = _untested(library, suite, wanted, folder) if coverage or mutate else []
    for page in (*(library.runbooks[name] for name in suite), *untested):
        ran = run(suite.get(page.id, []), library)
        report.cases(page, ran)
        if coverage or page in untested:
            report.coverage(page, len(goals_of(page)), missed(page, [each.played.facts for each in ran]))
    if mutate and not report.failed:
        for each in mutate_all(files, suite):
            report.mutants(library.runbooks[each.page], each)
    if not report.end(perf_counter() - begun):
        raise typer.Exit(FINDING)


def _which(paths: Sequence[Path], runbooks: Path | None) -> tuple[Path, list[Path]]:
    """Give the library's folder, and what of it is wanted (nothing: all); one folder outside it is a library itself."""
    folder = settings_of(runbooks=runbooks).runbooks
    for path in paths:
        if not path.exists():
            raise CommandError(f"{path}: there is no such file or folder")
    if runbooks is None and len(paths) == 1 and paths[0].is_dir() and not _is_below(paths[0], folder):
        return paths[0], []
    for path in paths:
        if not _is_below(path, folder):
            raise CommandError(f"{path} is not in {folder}; name its library with --runbooks")
    return folder, list(paths)


def _chosen(tests: Mapping[str, str], wanted: Sequence[Path], folder: Path) -> dict[str, str]:
    chosen = {path: text for path, text in tests.items() if not wanted or _is_wanted(folder / path, wanted)}
    if not chosen:
        raise CommandError(
            "there is no test; a page NAME.md is tested by NAME.test.yaml beside it", code=FINDING
        )
    return chosen


def _untested(
    library: Library, suite: Mapping[str, object], wanted: Sequence[Path], folder: Path
) -> list[Runbook]:
    """Give the pages with steps that no case is about: nothing of them is reached, and no mutant of theirs is noticed."""
    return [
        page
        for page in library.runbooks.values()
        if page.steps
        and page.id not in suite
        and (not wanted or any(_is_below(folder / page.path, path) for path in wanted))
    ]


def _is_wanted(test: Path, wanted: Sequence[Path]) -> bool:
    page = Path(str(test).rsplit(".test.", 1)[0] + ".md")
    return any(_is_below(test, path) or _is_below(page, path) for path in wanted)


def _is_below(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())
