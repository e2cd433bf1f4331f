"""A folder of pages and manifests, read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from app.library.problems import LibraryError, Problem

SUFFIXES = (".md", ".yaml", ".yml", ".ics")
TESTS = (".test.yaml", ".test.yml")
"""Cases of the page beside them: for `oncall runbook test`, and no part of the library."""
MAX_FILE = 512 * 1024
"""The largest file, in bytes: each is one message on the `library` topic."""


def read_folder(folder: Path) -> dict[str, str]:
    """Read a folder: path below it to text, in order. Hidden files, READMEs and tests are no part of a library.

    Raises:
        NotADirectoryError: there is no such folder.
        FileNotFoundError: it has no page and no manifest.
        LibraryError: files are no UTF-8 text, or too large.

    """
    return _whole(survey_folder(folder))


def read_tests(folder: Path) -> dict[str, str]:
    """Read the tests of a folder's pages: path below it to text, in order; none is no mistake. Else raises as `read_folder` does."""
    return _whole(_survey(folder, lambda name: name.endswith(TESTS)))


def survey_folder(folder: Path) -> tuple[dict[str, str], list[Problem]]:
    """Read a folder as far as it can be read, and give what is wrong with its files; OSError as `read_folder`."""
    files, problems = _survey(folder, lambda name: name.endswith(SUFFIXES) and not name.endswith(TESTS))
    if not files and not problems:
        raise FileNotFoundError(
            f"{folder} holds no runbook: no .md, .yaml or .yml file is in it;"
            " name the folder that holds them with --runbooks or ONCALL_RUNBOOKS"
        )
    return files, problems


def _whole(surveyed: tuple[dict[str, str], list[Problem]]) -> dict[str, str]:
    files, problems = surveyed
    if problems:
        raise LibraryError(problems)
    return files


def _survey(folder: Path, is_wanted: Callable[[str], bool]) -> tuple[dict[str, str], list[Problem]]:
    if not folder.is_dir():
        raise NotADirectoryError(
            f"{folder} is no folder; name the folder of runbooks with --runbooks or ONCALL_RUNBOOKS"
        )
    files: dict[str, str] = {}
    problems: list[Problem] = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not (_is_seen(name) and is_wanted(name)) or not path.is_file():
            continue
        data = path.read_bytes()
        if len(data) > MAX_FILE:
            problems.append(
                Problem(name, 1, 1, "error", f"the file has more than {MAX_FILE} bytes", "split it")
            )
            continue
        files[name] = data.decode("utf-8-sig", errors="replace")
        try:
            data.decode()
        except UnicodeDecodeError as error:
            line = data[: error.start].count(b"\n") + 1
            problems.append(Problem(name, line, 1, "error", "the file is no UTF-8 text", "save it as UTF-8"))
    return files, problems


def _is_seen(name: str) -> bool:
    parts = name.split("/")
    return not any(part.startswith(".") for part in parts) and parts[-1].casefold() != "readme.md"
