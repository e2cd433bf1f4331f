"""`oncall runbook test`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli import out
from app.cli.errors import FINDING, CommandError, tell
from app.cli.options import Folder, Json, examples, settings_of

if TYPE_CHECKING:
    from app.rehearse.compare import Difference
    from app.rehearse.suite import Ran

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
    from app.cli.runbook import read_library
    from app.library.folder import read_tests
    from app.library.problems import LibraryError
    from app.rehearse.suite import read_suite, run

    folder, wanted = _which(paths or [], runbooks)
    library = read_library(settings_of(runbooks=folder))
    begun = perf_counter()
    tests = _chosen(read_tests(folder), wanted, folder)
    suite, problems = read_suite(tests, library)
    if problems:
        raise LibraryError(problems)
    ran = {page: run(cases, library) for page, cases in suite.items()}
    everything = [each for cases in ran.values() for each in cases]
    bad = sum(not each.played.is_good for each in everything)
    if as_json:
        out.document({"cases": [_facts(each) for each in everything], "failed": bad})
    else:
        for page, cases in ran.items():
            print(library.runbooks[page].path)
            for each in cases:
                _print(each, story=story)
        verdict = f"{bad} failed" if bad else "all good"
        tell(f"{len(everything)} cases of {len(ran)} pages in {perf_counter() - begun:.2f} s: {verdict}")
    if bad:
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


def _is_wanted(test: Path, wanted: Sequence[Path]) -> bool:
    page = Path(str(test).rsplit(".test.", 1)[0] + ".md")
    return any(_is_below(test, path) or _is_below(page, path) for path in wanted)


def _is_below(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())


def _print(ran: Ran, *, story: bool) -> None:
    mark = "ok    " if ran.played.is_good else "FAILED"
    print(f"  {mark} {ran.milliseconds:5.0f} ms  {ran.case.name}")
    for each in ran.played.differences:
        print(f"      {ran.case.path}:{each.line}: {each.what}")
        for name, text in (("expected", each.expected), ("got", each.got)):
            first, *rest = text.split("\n")
            print(f"          {name:9} {first}")
            for line in rest:
                print(f"          {'':9} {line}")
    if story:
        for line in ran.played.facts.story():
            print(f"      {line}")


def _facts(ran: Ran) -> dict[str, Any]:
    return {
        "page": ran.case.page,
        "name": ran.case.name,
        "path": ran.case.path,
        "line": ran.case.line,
        "good": ran.played.is_good,
        "milliseconds": round(ran.milliseconds, 2),
        "differences": [_difference(each) for each in ran.played.differences],
    }


def _difference(each: Difference) -> dict[str, Any]:
    return {"line": each.line, "what": each.what, "expected": each.expected, "got": each.got}
